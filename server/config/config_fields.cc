#include "server/config/config_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "auth/encoding.h"
#include "auth/oid.h"
#include "server/config/joining_fields.h"

namespace kakunin {
namespace {

constexpr int kMiB = 1 << 20;
constexpr std::string_view kAnyPolicy = "2.5.29.32.0";  // RFC 5280 4.2.1.4

struct HostAndPort {
  std::string host;
  int port = 0;
};

std::optional<HostAndPort> SplitAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  HostAndPort result{address.substr(0, colon), -1};
  const char* end = address.data() + address.size();
  const auto parsed = std::from_chars(address.data() + colon + 1, end, result.port);
  if (parsed.ec != std::errc() || parsed.ptr != end || result.port < 0 || result.port > 65535) {
    return std::nullopt;
  }
  return result;
}

bool IsLoopback(const std::string& host) {
  return host == "127.0.0.1" || host == "::1" || host == "[::1]" || host == "localhost";
}

// Listening is what the sections before listen on.
using Listening = std::vector<HostAndPort>;

bool IsEveryHost(const std::string& host) {
  return host == "0.0.0.0" || host == "::" || host == "[::]";
}

// TakePort refuses a port that a section before listens on; 0 is any free one.
void TakePort(std::string_view key, const HostAndPort& wanted, Listening& taken, ConfigVisitor& v) {
  const bool collides = std::any_of(taken.begin(), taken.end(), [&](const HostAndPort& other) {
    const bool same_host = other.host == wanted.host || IsEveryHost(other.host) ||
                           IsEveryHost(wanted.host) ||
                           (IsLoopback(other.host) && IsLoopback(wanted.host));
    return other.port == wanted.port && wanted.port != 0 && same_host;
  });
  if (collides) {
    v.Fault(key, fmt::format("has port {}, which another section listens on: give each its own",
                             wanted.port));
  }
  taken.push_back(wanted);
}

void VisitAddress(std::string_view key, std::string& address, bool sandbox, Listening& taken,
                  ConfigVisitor& v) {
  v.Text(key, address, Need::kRequired);
  if (address.empty()) return;
  const auto parts = SplitAddress(address);
  if (!parts) {
    v.Fault(key, "is not an address: write it as \"0.0.0.0:7443\"");
  } else if (parts->port == 0 && !sandbox) {
    v.Fault(key, "asks for any free port (0): only a sandbox may do that");
  } else {
    TakePort(key, *parts, taken, v);
  }
}

void VisitEnvironment(EnvironmentConfig& c, ConfigVisitor& v) {
  if (!v.Begin("environment", Need::kRequired, true)) return;
  size_t kind = static_cast<size_t>(c.kind) - 1;
  v.Choice("kind", kind, {"sandbox", "staging", "production"}, Need::kRequired);
  c.kind = static_cast<EnvironmentKind>(kind + 1);
  v.Path("clock_offset_file", c.clock_offset_file, Need::kOptional);
  if (!c.clock_offset_file.empty() && !c.IsSandbox()) {
    v.Fault("clock_offset_file",
            "is for kind = \"sandbox\" only: a clock that can be set must never judge real cards; "
            "remove the key");
  }
  v.End();
}

void VisitDatabase(DatabaseConfig& c, bool sandbox, ConfigVisitor& v) {
  if (!v.Begin("database", Need::kRequired, true)) return;
  v.Text("host", c.host, Need::kRequired);
  v.Integer("port", c.port, {1, 65535});
  v.Text("name", c.name, Need::kOptional);
  v.Path("server_ca", c.server_ca, Need::kOptional);
  const bool stays_here = c.host.empty() || c.host.front() == '/' || IsLoopback(c.host);
  if (!stays_here && c.server_ca.empty() && !sandbox) {
    v.Fault("host",
            "is another machine: name the CA of its certificate in server_ca, so that the "
            "connection is encrypted");
  }
  v.End();
}

// VisitLoginKeys reads the two keys of a role; `c` holds the default user.
void VisitLoginKeys(LoginConfig& c, ConfigVisitor& v) {
  v.Text("database_user", c.user, Need::kOptional);
  v.Path("password_file", c.password_file, Need::kOptional);
}

void VisitLimits(ListenerLimits& c, int most_receive_bytes, ConfigVisitor& v) {
  if (!v.Begin("limits", Need::kDefault, true)) return;
  v.Integer("max_concurrent_streams", c.max_concurrent_streams, {1, 32});
  v.Integer("max_receive_bytes", c.max_receive_bytes, {1024, most_receive_bytes});
  v.Integer("max_metadata_bytes", c.max_metadata_bytes, {1024, 8 << 10});
  v.Duration("keepalive_time", c.keepalive_time, {absl::Seconds(10), absl::Minutes(10)});
  v.Duration("keepalive_timeout", c.keepalive_timeout, {absl::Seconds(1), absl::Seconds(60)});
  v.Integer("max_ping_strikes", c.max_ping_strikes, {1, 2});
  v.Duration("max_connection_age", c.max_connection_age, {absl::Minutes(30), absl::Minutes(60)});
  v.Duration("max_connection_age_grace", c.max_connection_age_grace,
             {absl::Seconds(10), absl::Minutes(10)});
  v.Duration("max_connection_idle", c.max_connection_idle, {absl::Minutes(1), absl::Minutes(30)});
  v.End();
}

void VisitProxy(ListenerConfig& c, ConfigVisitor& v) {
  std::string hex = c.behind_proxy ? auth::HexEncode(c.proxy_fingerprint) : "";
  v.Flag("behind_proxy", c.behind_proxy);
  v.Text("proxy_fingerprint", hex, Need::kOptional);
  // `openssl x509 -fingerprint` writes colons.
  std::erase(hex, ':');
  if (hex.empty()) {
    if (c.behind_proxy) {
      v.Fault("behind_proxy",
              "needs proxy_fingerprint: the SHA-256 of the proxy's certificate, "
              "as `openssl x509 -noout -fingerprint -sha256` prints it");
    }
    return;
  }
  const auto bytes = auth::HexDecode(hex);
  if (!bytes || bytes->size() != c.proxy_fingerprint.size()) {
    v.Fault("proxy_fingerprint", "is not a SHA-256: write 64 hexadecimal digits");
    return;
  }
  std::copy(bytes->begin(), bytes->end(), c.proxy_fingerprint.begin());
  if (!c.behind_proxy) {
    v.Fault("proxy_fingerprint", "means nothing without behind_proxy = true");
  }
}

void VisitServerSide(ListenerConfig& c, bool sandbox, Listening& taken, ConfigVisitor& v) {
  VisitAddress("address", c.address, sandbox, taken, v);
  v.Path("server_certificate", c.server_certificate, Need::kRequired);
  v.Path("server_key", c.server_key, Need::kRequired);
}

// VisitListener reads one port. The terminals' port has lanes and small messages, the others carry
// feeds.
void VisitListener(std::string_view name, std::optional<ListenerConfig>& held, const char* user,
                   bool terminal, bool sandbox, Listening& taken, ConfigVisitor& v) {
  if (!v.Begin(name, Need::kOptional, held.has_value())) return;
  if (!held) {
    held.emplace();
    held->database.user = user;
    held->lanes = terminal ? 2 : 0;
    held->record_lanes = terminal ? 1 : 0;
    if (!terminal) {
      held->limits.max_receive_bytes = 4 * kMiB;
      held->limits.max_connection_age_grace = absl::Minutes(10);
    }
  }
  VisitServerSide(*held, sandbox, taken, v);
  v.Path("client_ca", held->client_ca, Need::kRequired);
  VisitLoginKeys(held->database, v);
  if (terminal) {
    v.Integer("lanes", held->lanes, {1, 16});
    v.Integer("batch_bound", held->batch_bound, {1, 128});
    v.Integer("record_lanes", held->record_lanes, {1, 16});
    v.Integer("record_batch_bound", held->record_batch_bound, {1, 128});
  }
  v.Integer("pool", held->pool, {1, 64});
  VisitProxy(*held, v);
  VisitLimits(held->limits, terminal ? kMiB : 4 * kMiB, v);
  v.End();
}

// Nobody speaks for somebody else on this port, so it is behind no proxy that says who calls.
void VisitOnboarding(std::optional<OnboardingConfig>& held, bool sandbox, Listening& taken,
                     ConfigVisitor& v) {
  if (!v.Begin("onboarding", Need::kOptional, held.has_value())) return;
  if (!held) {
    held.emplace();
    held->listener.database.user = "kakunin_onboarding";
    held->listener.pool = 2;
    held->listener.limits.max_receive_bytes = 128 << 10;
  }
  VisitServerSide(held->listener, sandbox, taken, v);
  VisitLoginKeys(held->listener.database, v);
  v.Integer("pool", held->listener.pool, {1, 64});
  v.Integer("calls_per_address", held->calls_per_address, {1, 100'000});
  v.Integer("calls_in_all", held->calls_in_all, {1, 1'000'000});
  v.OptionalDay("reader_offer_from", held->reader_offer_from);
  v.OptionalDay("reader_offer_through", held->reader_offer_through);
  VisitLimits(held->listener.limits, kMiB, v);
  v.End();
}

bool IsTrustDomain(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

void VisitTerminalCertificates(std::optional<TerminalCertificatesConfig>& held, ConfigVisitor& v) {
  if (!v.Begin("terminal_certificates", Need::kOptional, held.has_value())) return;
  if (!held) held.emplace();
  v.Path("ca", held->ca, Need::kRequired);
  v.Text("trust_domain", held->trust_domain, Need::kRequired);
  if (!held->trust_domain.empty() && !IsTrustDomain(held->trust_domain)) {
    v.Fault("trust_domain", "is not one: write small letters, digits, dots and hyphens");
  }
  v.End();
}

// Scheme and host, a port perhaps, and nothing behind: the path is ours.
bool IsWebOrigin(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return false;
  url.remove_prefix(kScheme.size());
  return !url.empty() && url.find_first_of("/?#@ ") == std::string_view::npos;
}

void VisitWeb(std::optional<WebConfig>& held, bool terminal, bool sandbox, Listening& taken,
              ConfigVisitor& v) {
  if (!v.Begin("web", Need::kOptional, held.has_value())) return;
  if (!held) held.emplace();
  VisitAddress("address", held->address, sandbox, taken, v);
  v.Path("certificate", held->certificate, Need::kRequired);
  v.Path("key", held->key, Need::kRequired);
  v.Text("public_url", held->public_url, Need::kRequired);
  if (!held->public_url.empty() && !IsWebOrigin(held->public_url)) {
    v.Fault(
        "public_url",
        "is not what a patient's browser opens: write \"https://\" and the host, without a path");
  }
  v.Path("sandbox_cards", held->sandbox_cards, Need::kOptional);
  if (!held->sandbox_cards.empty() && !sandbox) {
    v.Fault(
        "sandbox_cards",
        "is for kind = \"sandbox\" only: real cards sign in the patient's hand; remove the key");
  }
  if (!terminal) {
    v.Fault("address",
            "needs a section [terminal] in the same file: the door uses its role and its cards");
  }
  v.End();
}

void VisitAdmin(AdminConfig& c, Listening& taken, ConfigVisitor& v) {
  if (!v.Begin("admin", Need::kDefault, true)) return;
  std::string address = fmt::format("{}:{}", c.host, c.port);
  v.Text("address", address, Need::kOptional);
  const auto parts = SplitAddress(address);
  if (!parts) {
    v.Fault("address", "is not an address: write it as \"127.0.0.1:9464\"");
  } else if (!IsLoopback(parts->host)) {
    v.Fault("address",
            "must be a loopback address: the admin port has no certificates; let a "
            "local agent collect the metrics");
  } else {
    c.host = parts->host;
    c.port = parts->port;
    TakePort("address", *parts, taken, v);
  }
  v.End();
}

void VisitLogin(std::string_view section, LoginConfig& c, ConfigVisitor& v) {
  if (!v.Begin(section, Need::kDefault, true)) return;
  VisitLoginKeys(c, v);
  v.End();
}

void VisitJobs(std::optional<LoginConfig>& held, ConfigVisitor& v) {
  if (!v.Begin("jobs", Need::kOptional, held.has_value())) return;
  if (!held) held.emplace(LoginConfig{"kakunin_job", {}});
  VisitLoginKeys(*held, v);
  v.End();
}

void VisitKeys(KeysConfig& c, Need need, ConfigVisitor& v) {
  if (!v.Begin("keys", need, !c.lookup.empty())) return;
  v.Path("individual_number", c.individual_number, Need::kRequired);
  v.Path("lookup", c.lookup, Need::kRequired);
  v.Path("audit", c.audit, Need::kRequired);
  v.Path("handle", c.handle, Need::kRequired);
  v.Path("abnormal_times", c.abnormal_times, Need::kOptional);
  const std::pair<std::string_view, const std::filesystem::path&> all[] = {
      {"individual_number", c.individual_number},
      {"lookup", c.lookup},
      {"audit", c.audit},
      {"handle", c.handle},
      {"abnormal_times", c.abnormal_times}};
  for (size_t i = 0; i < std::size(all); ++i) {
    for (size_t before = 0; before < i; ++before) {
      if (all[i].second.empty() || all[i].second != all[before].second) continue;
      v.Fault(all[i].first, fmt::format("names the file of {}: a key has one purpose, make one for "
                                        "each",
                                        all[before].first));
      break;
    }
  }
  v.End();
}

void VisitCardAlgorithm(CardAlgorithmConfig& c, ConfigVisitor& v) {
  size_t type = static_cast<size_t>(c.key_type) - 1;
  size_t digest = static_cast<size_t>(c.digest) - 1;
  v.Choice("key_type", type, {"RSA", "EC"}, Need::kRequired);
  c.key_type = static_cast<auth::KeyType>(type + 1);
  v.Integer("size", c.size, {256, 4096});
  const bool rsa = c.key_type == auth::KeyType::kRsa;
  if (rsa ? c.size < 2048 : c.size != 256 && c.size != 384) {
    v.Fault("size", rsa ? "must be at least 2048 for RSA" : "must be 256 or 384 for EC");
  }
  v.Choice("digest", digest, {"SHA-256", "SHA-384"}, Need::kRequired);
  c.digest = static_cast<auth::DigestKind>(digest + 1);
  v.OptionalDay("from", c.from);
  v.OptionalDay("to", c.to);
  if (c.from && c.to && *c.to <= *c.from) {
    v.Fault("to", "must be later than from: it is the first day on which the row no longer counts");
  }
}

void VisitCardAlgorithms(std::vector<CardAlgorithmConfig>& rows, ConfigVisitor& v) {
  constexpr std::string_view kSection = "algorithms";
  rows.resize(v.Rows(kSection, rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!v.BeginRow(kSection, i)) continue;
    VisitCardAlgorithm(rows[i], v);
    v.End();
  }
}

void VisitCards(CardsConfig& c, bool jobs, Need need, ConfigVisitor& v) {
  if (!v.Begin("cards", need, !c.trust_directory.empty())) return;
  v.Path("trust_directory", c.trust_directory, Need::kRequired);
  v.Path("crl_directory", c.crl_directory, Need::kRequired);
  v.Texts("policies", c.policies, Need::kRequired);
  for (const std::string& policy : c.policies) {
    if (!auth::EncodeOid(policy)) {
      v.Fault("policies", fmt::format("holds \"{}\", which is no dotted OID", policy));
    }
    if (policy == kAnyPolicy) {
      v.Fault("policies",
              "holds anyPolicy, which would take every certificate of the CAs: name the "
              "policy of the cards");
    }
  }
  v.Duration("crl_max_age", c.crl_max_age, {absl::Hours(1), absl::Hours(72)});
  v.Duration("crl_reload_every", c.crl_reload_every, {absl::Seconds(1), absl::Hours(1)});
  v.Day("phones_from", c.phones_from);
  v.OptionalDay("lapse_ignored_from", c.lapse_ignored_from);
  v.OptionalDay("lapse_ignored_to", c.lapse_ignored_to);
  v.Path("resident_registry", c.resident_registry, Need::kOptional);
  if (!c.resident_registry.empty() && !jobs) {
    v.Fault("resident_registry",
            "needs a section [jobs]: the links that come of it are written with its role");
  }
  VisitCardAlgorithms(c.algorithms, v);
  v.End();
}

// A coverage that is compared with nobody may be somebody else's, and would be visible: whoever
// serves insurers without a register must mean it.
void VisitFeeds(FeedsConfig& c, bool serves_insurers, bool sandbox, ConfigVisitor& v) {
  if (!v.Begin("feeds", Need::kDefault, true)) return;
  v.Path("resident_identities", c.resident_identities, Need::kOptional);
  v.Flag("without_register", c.without_register);
  if (c.without_register && !sandbox) {
    v.Fault("without_register",
            "is for kind = \"sandbox\" only: real coverages are compared with the residents; "
            "remove the key and name their file as resident_identities");
  } else if (c.without_register && !c.resident_identities.empty()) {
    v.Fault("without_register", "contradicts resident_identities: remove one of the two");
  }
  if (serves_insurers && c.resident_identities.empty() && !c.without_register) {
    v.Fault("resident_identities",
            "is missing: with a section [insurer] name the file of the residents with whom "
            "coverages are compared (docs/operations.md); a sandbox may say without_register = "
            "true instead");
  }
  v.Integer("tolerated_days", c.tolerated_days, {1, 365});
  v.End();
}

void VisitAudit(AuditConfig& c, ConfigVisitor& v) {
  if (!v.Begin("audit", Need::kDefault, true)) return;
  v.Path("last_seen_head", c.last_seen_head, Need::kOptional);
  v.End();
}

void VisitGuessing(GuessingConfig& c, ConfigVisitor& v) {
  if (!v.Begin("guessing", Need::kDefault, true)) return;
  constexpr Range<int> kAnHour = {1, 1'000'000};
  v.Integer("no_match_per_terminal", c.no_match_per_terminal, kAnHour);
  v.Integer("no_match_per_facility", c.no_match_per_facility, kAnHour);
  v.Integer("persons_per_terminal", c.persons_per_terminal, kAnHour);
  v.Integer("persons_per_facility", c.persons_per_facility, kAnHour);
  v.End();
}

void VisitAdmission(AdmissionConfig& c, ConfigVisitor& v) {
  if (!v.Begin("admission", Need::kDefault, true)) return;
  v.Integer("calls_per_second", c.calls_per_second, {0, 1'000'000});
  v.Integer("calls_per_certificate", c.calls_per_certificate, {0, 1'000'000});
  v.End();
}

void VisitDocuments(DocumentRules& c, ConfigVisitor& v) {
  if (!v.Begin("documents", Need::kDefault, true)) return;
  v.Day("cards_valid_through", c.cards_valid_through);
  v.Day("expired_cards_accepted_through", c.expired_cards_accepted_through);
  if (c.expired_cards_accepted_through < c.cards_valid_through) {
    v.Fault("expired_cards_accepted_through", "lies before cards_valid_through");
  }
  v.End();
}

void VisitRetention(RetentionRules& c, ConfigVisitor& v) {
  if (!v.Begin("retention", Need::kDefault, true)) return;
  v.Day("five_years_from", c.five_years_from);
  if (!AreAllowed(c)) {
    v.Fault("five_years_from",
            fmt::format("must not be later than {}: on a later day the three years before it "
                        "would drop what is to be kept five",
                        absl::FormatCivilTime(kLatestFiveYearDay)));
  }
  v.End();
}

void VisitContact(Contact& c, Need need, ConfigVisitor& v) {
  if (!v.Begin("contact", need, !c.number.empty())) return;
  v.Text("number", c.number, Need::kRequired);
  v.Text("have_ready", c.have_ready, Need::kRequired);
  v.Integer("opens_hour", c.opens_hour, {0, 23});
  v.Integer("closes_hour", c.closes_hour, {1, 24});
  if (c.closes_hour <= c.opens_hour) v.Fault("closes_hour", "must be later than opens_hour");
  v.Flag("weekends", c.weekends);
  v.Days("closed_days", c.closed_days);
  v.End();
}

void VisitLog(LogConfig& c, ConfigVisitor& v) {
  if (!v.Begin("log", Need::kDefault, true)) return;
  size_t level = static_cast<size_t>(c.level) - 1;
  v.Choice("level", level, {"debug", "info", "warn", "error"}, Need::kOptional);
  c.level = static_cast<LogLevel>(level + 1);
  v.Path("file", c.file, Need::kOptional);
  v.Integer("ok_calls_one_in", c.ok_calls_one_in, {1, 1'000'000});
  v.End();
}

}  // namespace

void VisitConfig(Config& config, ConfigVisitor& v) {
  VisitEnvironment(config.environment, v);
  const bool sandbox = config.environment.IsSandbox();
  VisitDatabase(config.database, sandbox, v);
  Listening taken;
  VisitListener("terminal", config.terminal, "kakunin_terminal", true, sandbox, taken, v);
  VisitListener("insurer", config.insurer, "kakunin_insurer", false, sandbox, taken, v);
  VisitListener("operator", config.operator_, "kakunin_operator", false, sandbox, taken, v);
  VisitOnboarding(config.onboarding, sandbox, taken, v);
  VisitTerminalCertificates(config.terminal_certificates, v);
  VisitWeb(config.web, config.terminal.has_value(), sandbox, taken, v);
  VisitAdmin(config.admin, taken, v);
  VisitJobs(config.jobs, v);
  VisitMail(config.mail, config.jobs.has_value(), v);
  VisitGrounds(config.grounds, v);
  VisitLogin("migrate", config.migrate, v);
  VisitLogin("auditor", config.auditor, v);
  // A configuration for migrations alone names no secrets.
  const bool serves = config.terminal || config.insurer || config.operator_ || config.onboarding;
  VisitKeys(config.keys, serves ? Need::kRequired : Need::kOptional, v);
  VisitAudit(config.audit, v);
  const Need desk = config.terminal ? Need::kRequired : Need::kOptional;
  VisitCards(config.cards, config.jobs.has_value(), desk, v);
  VisitFeeds(config.feeds, config.insurer.has_value(), sandbox, v);
  VisitGuessing(config.guessing, v);
  VisitAdmission(config.admission, v);
  VisitDocuments(config.documents, v);
  VisitRetention(config.retention, v);
  VisitContact(config.contact, desk, v);
  VisitLog(config.log, v);
}

}  // namespace kakunin
