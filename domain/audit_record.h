#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/coverage.h"
#include "domain/person_id.h"

namespace kakunin {

using Digest32 = std::array<uint8_t, 32>;

// AuditId names one audit row: the writer's stream and the row's number in it, from 1 without gaps.
struct AuditId {
  StreamId stream;
  int64_t number = 0;
};

// AuditIdText is the form in answers and commands: 32 hex digits, a hyphen, the number.
std::string AuditIdText(const AuditId& id);
std::optional<AuditId> AuditIdFromText(std::string_view text);

// kOperationTestSituation marks the rows of a facility in the operation test (運用テスト). Below it
// are the values of Situation.
inline constexpr int kOperationTestSituation = 100;
// kRehearsalSituation is added to a Situation in the rows of a rehearsal of it.
inline constexpr int kRehearsalSituation = 50;

// AuditRecord is one row of the audit. Nothing in it is personal: the person is a keyed pseudonym,
// request and answer are keyed digests. `previous_hash` chains the rows of one stream.
struct AuditRecord {
  AuditId id;
  absl::Time at;      // the server's clock, truncated to microseconds
  int operation = 0;  // Operation of access_policy.h
  ActorKind actor_kind = ActorKind::kTerminal;
  std::string actor;  // "1312345678/T1", "33120015", "operator-1"; never a person
  std::string user;   // asserted by the facility, opaque
  int role = 0;       // Role; 0 for actors without one
  int role_evidence = 0;
  int form_of_care = 0;  // 0: not applicable
  int situation = 0;     // Situation; kRehearsalSituation more, kOperationTestSituation
  int code = 0;          // gRPC status code of the answer
  std::string reason;    // exact reason, "" when OK: more exact than what the caller is told
  int validity = 0;      // 0: not an eligibility answer
  std::optional<PersonPseudonym> person;
  std::optional<absl::CivilDay> asked_day;
  std::string details;  // short facts "key=value;...", e.g. "verification=PIN;retry=1"
  RequestId request_id;
  PersonPseudonym request_digest;  // keyed, 128 bits
  PersonPseudonym answer_digest;   // keyed, 128 bits; zero when no data left
  std::string key_id;              // of the key behind pseudonym and digests
  Digest32 previous_hash{};
  Digest32 hash{};
};

// CanonicalOctets is what a row's hash is taken over, `previous_hash` included and `hash` not:
// every field length-prefixed in declaration order behind a format octet. Appends to `out`.
void AppendCanonicalOctets(const AuditRecord& record, std::string& out);

}  // namespace kakunin
