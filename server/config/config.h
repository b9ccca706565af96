#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "auth/card_verifier.h"
#include "domain/document_worth.h"
#include "domain/next_step.h"
#include "domain/restricted_grounds.h"
#include "domain/retention.h"

namespace kakunin {

enum class EnvironmentKind { kSandbox = 1, kStaging, kProduction };

// EnvironmentConfig is what kind of installation this is. Only a sandbox may have a clock that can
// be set, and only a sandbox serves reflection.
struct EnvironmentConfig {
  EnvironmentKind kind = EnvironmentKind::kProduction;
  std::filesystem::path clock_offset_file;  // empty: the machine's time

  bool IsSandbox() const { return kind == EnvironmentKind::kSandbox; }
};

// DatabaseConfig is where PostgreSQL is. Who logs in is said per listener.
struct DatabaseConfig {
  std::string host;  // a host name, or the absolute path of a socket's folder
  int port = 5432;
  std::string name = "kakunin";
  std::filesystem::path server_ca;  // given: TLS with verify-full; empty: a unix socket or plain
};

// LoginConfig is one role of the database.
struct LoginConfig {
  std::string user;
  std::filesystem::path password_file;  // mode 0600; empty: none is needed
};

// ListenerLimits bounds what one connection may cost (hazards.md, gRPC server arguments).
struct ListenerLimits {
  int max_concurrent_streams = 32;   // 1 to 32 a connection
  int max_receive_bytes = 1 << 20;   // terminal at most 1 MiB, the feeds' ports 4 MiB
  int max_metadata_bytes = 8 << 10;  // at most 8 KiB
  absl::Duration keepalive_time = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  int max_ping_strikes = 2;
  absl::Duration max_connection_age = absl::Minutes(45);  // 30 to 60 min; gRPC adds 10 % jitter
  absl::Duration max_connection_age_grace = absl::Minutes(1);
  absl::Duration max_connection_idle = absl::Minutes(10);
};

// ListenerConfig is one port with its own certificates, database role and limits.
struct ListenerConfig {
  std::string address;                       // "0.0.0.0:7443"
  std::filesystem::path server_certificate;  // PEM chain
  std::filesystem::path server_key;          // PEM, mode 0600
  // PEM of our own CAs for this kind of caller; empty on the onboarding port alone, which asks for
  // no certificate.
  std::filesystem::path client_ca;
  LoginConfig database;
  int lanes = 0;         // terminal port only: loops, each with one connection
  int batch_bound = 64;  // terminal port only: most requests a lane takes at once
  // The same for the lanes that read records, which answer more octets a request.
  int record_lanes = 0;
  int record_batch_bound = 16;
  // Connections for everything that is not a lane; of the insurers' port half of them publish
  // feeds at once. Beside it each port has two for itself (server/open_port.h).
  int pool = 4;
  ListenerLimits limits;
  bool behind_proxy = false;
  std::array<uint8_t, 32> proxy_fingerprint{};  // SHA-256 of the proxy's certificate
};

// OnboardingConfig is the port of those who have no certificate yet: TLS of the server alone. Each
// limit is of calls a minute.
struct OnboardingConfig {
  ListenerConfig listener;
  int calls_per_address = 60;
  int calls_in_all = 1200;
  // The first and the last day on which card readers may be ordered, JST. Without the first nobody
  // may, without the last there is no end.
  std::optional<absl::CivilDay> reader_offer_from;
  std::optional<absl::CivilDay> reader_offer_through;
};

// TerminalCertificatesConfig is what certificates of terminals must be. Without it operators'
// servers take none.
struct TerminalCertificatesConfig {
  std::filesystem::path ca;  // PEM of the CAs of terminals, the old one and the new
  std::string trust_domain;  // stands in every certificate's URI
};

// WebConfig is the patients' door: HTTPS without client certificates. It stands on the terminals'
// listener of the same file: its role of the database, its snapshots of cards.
struct WebConfig {
  std::string address;                // "0.0.0.0:443"
  std::filesystem::path certificate;  // PEM chain
  std::filesystem::path key;          // PEM, mode 0600
  std::string public_url;  // "https://uketsuke.example.jp": what reception links begin with
  std::filesystem::path sandbox_cards;  // sandbox only: synthetic cards that the wallet signs with
};

// AdminConfig is the plain HTTP listener for liveness, readiness and metrics: loopback only.
struct AdminConfig {
  std::string host = "127.0.0.1";
  int port = 9464;
};

// KeysConfig names the secret keys: raw files of mode 0600 (auth/key_file.h).
struct KeysConfig {
  std::filesystem::path individual_number;  // hash of the 12-digit individual number
  std::filesystem::path lookup;             // hash of insurer, symbol, number, birth date
  std::filesystem::path audit;              // pseudonyms and digests of the audit
  std::filesystem::path handle;             // patient handles
  // Policies for abnormal times; empty: nothing is signed here, and nothing counts as signed.
  std::filesystem::path abnormal_times;
};

// CardAlgorithmConfig allows one algorithm to card certificates and to the CAs that sign them. Days
// are Japan's: `from` is the first on which it counts, `to` the first on which it no longer does.
struct CardAlgorithmConfig {
  auth::KeyType key_type = auth::KeyType::kRsa;
  int size = 2048;  // bits
  auth::DigestKind digest = auth::DigestKind::kSha256;
  std::optional<absl::CivilDay> from;  // empty: always
  std::optional<absl::CivilDay> to;    // empty: without end
};

// CardsConfig is what cards are verified against; nothing about JPKI that is not certain is a
// constant.
struct CardsConfig {
  std::filesystem::path trust_directory;
  std::filesystem::path crl_directory;
  std::vector<std::string> policies;  // dotted OIDs of the accepted certificate policies
  std::vector<CardAlgorithmConfig> algorithms = {{}};
  std::filesystem::path resident_registry;  // server/resident_file.h; empty: nobody is asked
  absl::Duration crl_max_age = absl::Hours(26);
  absl::Duration crl_reload_every = absl::Minutes(1);
  // First day, JST, on which a phone's certificate is taken in place of a card (jpki.md 1.6).
  absl::CivilDay phones_from{2025, 9, 19};
  // Days, JST, on which a consent outlives the renewal or the expiry of its certificate, the last
  // one not among them (CertificateRules); empty: always, without end.
  std::optional<absl::CivilDay> lapse_ignored_from;
  std::optional<absl::CivilDay> lapse_ignored_to;
};

// FeedsConfig is what feeds are held against.
struct FeedsConfig {
  // server/resident_identity_file.h; who serves insurers names one, or says that there is none.
  std::filesystem::path resident_identities;
  // Sandbox only: coverages are compared with nobody.
  bool without_register = false;
  // Civil days after which an insurer that delivered nothing counts as behind: it has five to
  // register what it was told of (ordinance of 2023-06-01, domain.md 4).
  int tolerated_days = 5;
};

// GuessingConfig is how many number queries a terminal and a facility may make in an hour that find
// nobody, and over how many distinct persons.
struct GuessingConfig {
  int no_match_per_terminal = 60;
  int no_match_per_facility = 300;
  int persons_per_terminal = 600;
  int persons_per_facility = 3000;
};

// AdmissionConfig bounds what one process takes on of calls, whatever is offered; operators are
// always served. 0: no bound.
struct AdmissionConfig {
  int calls_per_second = 0;         // of everybody together: what the machine was measured to do
  int calls_per_certificate = 100;  // a second, of one terminal or party
};

enum class LogLevel { kDebug = 1, kInfo, kWarn, kError };

struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  std::filesystem::path file;  // empty: standard output
  // Of the calls that end in OK one in so many gets its line; refusals and errors always do, and
  // the metrics count every call.
  int ok_calls_one_in = 1;
};

// AuditConfig is what a server keeps of the audit outside the database.
struct AuditConfig {
  // The audit head that this server last saw (server/audit_head_file.h), one file a server; empty:
  // a database that lost acknowledged rows is not noticed.
  std::filesystem::path last_seen_head;
};

// MailConfig is how news to applicants are mailed.
struct MailConfig {
  std::filesystem::path folder;  // one .eml a message, for a mail server to pick up
  std::string from;              // an address
};

// Config is one installation's configuration. A listener that is absent is not served.
struct Config {
  EnvironmentConfig environment;
  DatabaseConfig database;
  std::optional<ListenerConfig> terminal;
  std::optional<ListenerConfig> insurer;
  std::optional<ListenerConfig> operator_;
  std::optional<OnboardingConfig> onboarding;
  std::optional<TerminalCertificatesConfig> terminal_certificates;
  std::optional<WebConfig> web;
  AdminConfig admin;
  std::optional<LoginConfig> jobs;  // absent: this server runs no timed jobs
  std::optional<MailConfig> mail;   // absent: news are listed and not mailed
  // Grounds of the restricted type that open by configuration.
  RestrictedGroundRules grounds;
  LoginConfig migrate{"kakunin_migrate", {}};
  LoginConfig auditor{"kakunin_auditor", {}};
  KeysConfig keys;
  AuditConfig audit;
  CardsConfig cards;
  FeedsConfig feeds;
  GuessingConfig guessing;
  AdmissionConfig admission;
  DocumentRules documents;
  RetentionRules retention;
  Contact contact;
  LogConfig log;
};

// LoadConfig reads a TOML file. Relative paths are relative to the file's folder. INVALID_ARGUMENT
// with every fault at once, one a line as "file:line: what and what to do"; NOT_FOUND when there is
// no such file. Does not open the files that it names
// (config_files.h does).
absl::StatusOr<Config> LoadConfig(const std::filesystem::path& path);

// ParseConfig is LoadConfig for a text; `name` stands for the file in messages, and relative paths
// are relative to its folder.
absl::StatusOr<Config> ParseConfig(std::string_view toml, const std::filesystem::path& name);

// ConnectionString is the libpq conninfo of a role; it reads the password file. FAILED_PRECONDITION
// when that cannot be used. The result is a secret when there is a password.
absl::StatusOr<std::string> ConnectionString(const DatabaseConfig& database,
                                             const LoginConfig& login);

// CardPolicyOf is what the card verifier asks of a configuration that was read.
auth::CardPolicy CardPolicyOf(const CardsConfig& cards);

// ExampleConfig is a commented configuration that LoadConfig accepts.
std::string_view ExampleConfig();

// PrintConfig writes the effective values as TOML, defaults included; of secrets only the paths.
std::string PrintConfig(const Config& config);

}  // namespace kakunin
