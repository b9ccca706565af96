#include "server/config/config.h"

#include <fmt/format.h>

#include "auth/key_file.h"
#include "auth/oid.h"
#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr size_t kMostPasswordBytes = 1024;

// Quoted is a value of a conninfo string.
std::string Quoted(std::string_view value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace

absl::StatusOr<std::string> ConnectionString(const DatabaseConfig& database,
                                             const LoginConfig& login) {
  std::string text = fmt::format("host={} port={} dbname={} user={}", Quoted(database.host),
                                 database.port, Quoted(database.name), Quoted(login.user));
  if (!database.server_ca.empty()) {
    text += fmt::format(" sslmode=verify-full sslrootcert={}", Quoted(database.server_ca.string()));
  }
  if (!login.password_file.empty()) {
    auto password = auth::ReadPrivateFile(login.password_file, kMostPasswordBytes);
    if (!password.ok()) return password.status();
    // Editors end a file with a new line.
    if (!password->empty() && password->back() == '\n') password->pop_back();
    text += fmt::format(" password={}", Quoted(*password));
  }
  return text;
}

auth::CardPolicy CardPolicyOf(const CardsConfig& cards) {
  auth::CardPolicy policy;
  policy.crl_max_age = cards.crl_max_age;
  for (const std::string& dotted : cards.policies) {
    // One that is no OID was refused when the file was read.
    if (const auto oid = auth::EncodeOid(dotted)) policy.accepted_policies.push_back(*oid);
  }
  for (const CardAlgorithmConfig& row : cards.algorithms) {
    auth::AlgorithmRule rule{row.key_type, row.size, row.digest};
    if (row.from) rule.from = StartOfDay(*row.from);
    if (row.to) rule.to = StartOfDay(*row.to);
    policy.algorithms.push_back(rule);
  }
  return policy;
}

}  // namespace kakunin
