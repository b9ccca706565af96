#include "server/config/config.h"

namespace kakunin {

// NOLINTNEXTLINE(readability-function-size): one text, kept whole
std::string_view ExampleConfig() {
  return R"toml(# Configuration of kakunin. `kakunin config check FILE` finds every fault in it; `kakunin config
# print FILE` shows what is in force, defaults included. Relative paths are relative to this file's
# folder. What stands behind a # in front of a key is the default.

[environment]
# sandbox, staging or production. A sandbox may have a clock that can be set, and serves reflection.
kind = "production"
# clock_offset_file = "clock-offset"   # sandbox only

[database]
# A host name, or the folder of a unix socket.
host = "/var/run/postgresql"
# port = 5432
# name = "kakunin"
# server_ca = "database-ca.pem"        # TLS, checked in full; needed when host is another machine

# A port that is not here is not served: one process may hold all, or each may have its own.
[terminal]
address = "0.0.0.0:7443"
server_certificate = "tls/server.pem"
server_key = "tls/server.key"          # mode 0600
client_ca = "tls/terminal-ca.pem"
# database_user = "kakunin_terminal"
# password_file = "secrets/terminal"   # mode 0600
# lanes = 2                            # loops, each with one connection: at most one a core
# batch_bound = 64                     # most requests a lane takes at once
# record_lanes = 1                     # loops that read records, each with one connection
# record_batch_bound = 16              # most requests such a lane takes at once
# pool = 4                             # connections for everything else, beside three for itself
# behind_proxy = false                 # true: certificates come in a header of that one proxy
# proxy_fingerprint = ""               # SHA-256 of the proxy's certificate

[terminal.limits]
# max_concurrent_streams = 32
# max_receive_bytes = 1048576
# max_metadata_bytes = 8192
# keepalive_time = "60s"
# keepalive_timeout = "20s"
# max_ping_strikes = 2
# max_connection_age = "45m"           # 30 to 60 minutes, give or take a tenth
# max_connection_age_grace = "1m"
# max_connection_idle = "10m"

[insurer]
address = "0.0.0.0:7444"
server_certificate = "tls/server.pem"
server_key = "tls/server.key"
client_ca = "tls/insurer-ca.pem"
# database_user = "kakunin_insurer"
# pool = 4                             # half of them seal and publish feeds at once
# [insurer.limits] as above; max_receive_bytes = 4194304, max_connection_age_grace = "10m"

[operator]
address = "127.0.0.1:7445"
server_certificate = "tls/server.pem"
server_key = "tls/server.key"
client_ca = "tls/operator-ca.pem"
# database_user = "kakunin_operator"
# pool = 4

# For those who have no certificate yet, by code (docs/terminal_certificates.md): TLS of the server
# alone. Other addresses' calls are counted by what connects: a proxy in front would be one address.
# Anybody can end the process that serves it: for desks that are depended on, move this section into
# a configuration and a process of its own (docs/operations.md, 6; kakunin-onboarding.service).
[onboarding]
address = "0.0.0.0:7446"
server_certificate = "tls/server.pem"
server_key = "tls/server.key"
# database_user = "kakunin_onboarding"
# pool = 2
# calls_per_address = 60               # a minute
# calls_in_all = 1200                  # a minute
# Card readers may be ordered from and through these days, Japan's; without the first nobody may.
#   reader_offer_from = 2020-08-01
#   reader_offer_through = 2027-03-31
# [onboarding.limits] as above; max_receive_bytes = 131072

# What certificates of terminals must be that operators deliver: of one of these CAs, and named after
# this domain. The file is client_ca of [terminal] too: while CAs change it holds both.
[terminal_certificates]
ca = "tls/terminal-ca.pem"
trust_domain = "kakunin.example"

# The patients' door: reception at home over HTTPS (docs/home_and_online_care.md). It needs [terminal]
# in the same file; public_url is what reception links begin with, scheme and host.
#   [web]
#   address = "0.0.0.0:443"
#   certificate = "tls/web.pem"
#   key = "tls/web.key"                # mode 0600
#   public_url = "https://uketsuke.example.jp"
#   sandbox_cards = "jpki/cards"       # sandbox only: synthetic cards of the wallet page

[admin]
# Liveness, readiness and metrics over plain HTTP; loopback only.
# address = "127.0.0.1:9464"

# With this section the server runs the timed jobs too.
[jobs]
# database_user = "kakunin_job"

# News to applicants are mailed by the timed jobs: one file a message (RFC 5322), for a mail server to
# pick up. The folder must be there.
#   [mail]
#   folder = "mail"
#   from = "kakunin@kakunin.example"

# Grounds of the restricted type (資格確認限定型) that open by configuration, with their first days and
# perhaps last ones, Japan's; the same on every server (docs/joining.md).
#   [restricted_type]
#   treatment_houses_from = 2024-12-02
#   treatment_houses_through = 2027-03-31
#   paper_claims_from = 2024-12-02
#   check_up_bodies_from = 2024-12-02
#   midwives_from = 2024-12-02

# For `kakunin migrate --config` and `kakunin audit verify --config`; the server never uses them.
[migrate]
# database_user = "kakunin_migrate"
[auditor]
# database_user = "kakunin_auditor"

# Files of 32 random octets and mode 0600: `head -c 32 /dev/urandom > FILE`. Rows depend on them:
# keep a copy in a safe place, and never replace one of them by hand.
[keys]
individual_number = "secrets/individual-number.key"
lookup = "secrets/lookup.key"
audit = "secrets/audit.key"
handle = "secrets/handle.key"
# Signs policies for disasters and the like (docs/abnormal_times.md): the same file on every server, or
# none comes into force.
#   abnormal_times = "secrets/abnormal-times.key"

[cards]
trust_directory = "jpki/trust"
crl_directory = "jpki/crl"
policies = ["1.2.392.200149.8.5.1.3.30"]  # user authentication certificate of the card
# crl_max_age = "26h"
# crl_reload_every = "1m"
# From when a phone's certificate is taken in place of a card, and the days on which a consent
# outlives the renewal or expiry of the card that gave it (empty: all; `to` is not among them):
# phones_from = 2025-09-19
#   lapse_ignored_from = 2021-10-20
#   lapse_ignored_to = 2099-04-01
# Who is asked for the holder of a card that nobody has linked: a CSV file of mode 0600 in place of
# J-LIS (docs/operations.md). Links are written with the role of [jobs], which must be there.
#   resident_registry = "jpki/residents.csv"

# What cards and their CAs may sign with, a row an algorithm: key_type "RSA" (size 2048 to 4096) or
# "EC" (256, 384), digest "SHA-256" or "SHA-384". A row may have days, Japan's: `from` is the first on
# which it counts, `to` the first on which it no longer does. One more row could be:
#   [[cards.algorithms]]
#   key_type = "EC"
#   size = 384
#   digest = "SHA-384"
#   from = 2029-04-01
[[cards.algorithms]]
key_type = "RSA"
size = 2048
digest = "SHA-256"

# Who is asked whether a coverage is about whom its individual number leads to: a CSV file of mode
# 0600 in place of J-LIS (docs/operations.md). A server with [insurer] does not start without it.
[feeds]
resident_identities = "jpki/resident_identities.csv"
# without_register = false             # sandbox only: true, and coverages are compared with nobody
# After so many days without a delivery an insurer counts as behind, and who finds nobody is told so.
# tolerated_days = 5

# Number queries in an hour, above which a terminal or a facility must use cards.
[guessing]
# no_match_per_terminal = 60
# no_match_per_facility = 300
# persons_per_terminal = 600
# persons_per_facility = 3000

# Calls a second above which one process refuses at once what it could only answer late, desks last
# (docs/reliability.md); 0: no bound. For all together take half of what `kakunin bench` shows.
[admission]
# calls_per_second = 0
# calls_per_certificate = 100          # one terminal or party, with two seconds saved up

# Where this server keeps which audit rows it last saw committed: it refuses a database without them,
# one that was restored or failed over to and lost acknowledged acts (docs/operations.md). A file of
# its own for each server, on a disk of its own machine.
[audit]
# last_seen_head = "/var/lib/kakunin/audit-head"   # default: nothing is kept, nothing is noticed

# What a 健康保険証 is worth: the last day on which any can be valid, and the last on which an
# expired one is acceptable beside a positive answer.
[documents]
# cards_valid_through = 2025-12-01
# expired_cards_accepted_through = 2026-03-31

# First day on which drug and treatment data are kept five years and not three; not later than
# 2024-10-01. Of one installation every file says the same: `kakunin retention` drops by it, and what
# has had its time is shown to nobody.
[retention]
# five_years_from = 2024-10-01

# Whom a clerk calls. Offered only within the hours, Japanese time, with answers where a call helps
# and in errors that ask to call who runs the service.
[contact]
number = "0120-000-000"
have_ready = "医療機関コード、端末番号、照会番号"
# opens_hour = 9
# closes_hour = 17                     # the first hour closed
# weekends = false
# closed_days = []                     # the public holidays and your own: [2026-12-31, 2027-01-01]

[log]
# level = "info"                       # debug, info, warn, error
# file = "/var/log/kakunin/server.log" # default: standard output
# ok_calls_one_in = 1                  # of the calls that end in OK one in so many is written
)toml";
}

}  // namespace kakunin
