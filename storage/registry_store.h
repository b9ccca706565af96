#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/abnormal_times.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/facility_terms.h"
#include "domain/person_id.h"
#include "storage/database.h"

namespace kakunin {

struct FacilityRow {
  std::string facility_code;
  FacilityType type = FacilityType::kClinic;
  std::string name;
  bool active = true;
  int64_t generation = 0;
  // Set: it is in the operation test, since then. PutFacility does not write it.
  std::optional<absl::Time> test_began;
  // JIS X 0401 and 0402, five digits; empty: not known. PutFacility keeps what there is when it is.
  std::string municipality_code;
  // When another one was said for the last time; empty: never.
  std::optional<absl::Time> municipality_since;
  FacilityTerms terms;      // PutFacility does not write them
  FacilityWindows windows;  // of the terms, where the registry's snapshot holds the row; not stored
};

// SignedPolicy is a policy for abnormal times as it is stored.
struct SignedPolicy {
  AbnormalTimesPolicy policy;
  Digest32 signature{};  // keyed MAC of its CanonicalOctets
};

// TestPersonRow is one person whom facilities in the operation test see.
struct TestPersonRow {
  PersonId person;
  bool published = true;  // false: no longer
};

// TerminalRow binds one terminal of a facility to one certificate. `not_after` is the first instant
// at which the certificate no longer counts.
struct TerminalRow {
  std::string facility_code;
  std::string terminal_id;
  TerminalKind kind = TerminalKind::kDesk;
  Digest32 fingerprint{};
  absl::Time not_before;
  absl::Time not_after;
  std::optional<absl::Time> revoked_at;
  int revocation_reason = 0;
  // May not call until it is resumed, whatever certificate it has.
  std::optional<absl::Time> suspended_at;
  int suspension_reason = 0;
  int64_t generation = 0;
  // SHA-256 of the certificate's key, where it is known: written, so that no other certificate gets
  // it, and never read.
  std::optional<Digest32> key_fingerprint;
  std::string label;  // where it is used; empty: not told
};

// FormerCertificate still counts for its terminal beside the one in the terminal's row, until
// `not_after`.
struct FormerCertificate {
  std::string facility_code;
  std::string terminal_id;
  Digest32 fingerprint{};
  absl::Time not_before;
  absl::Time not_after;  // first instant at which it no longer counts
  int64_t generation = 0;
};

// PartyRow is an insurer or an operator with its certificate.
struct PartyRow {
  ActorKind kind = ActorKind::kInsurer;
  std::string name;  // insurer: its number; operator: its name
  std::string display_name;
  Digest32 fingerprint{};
  absl::Time not_before;
  absl::Time not_after;
  bool active = true;
  int64_t generation = 0;
  std::optional<Digest32> key_fingerprint;  // as of a terminal
  // Whose operator it is; empty: not said. PutParty keeps what there is when it is.
  std::string body;
};

struct RegistryRows {
  int64_t generation = 0;  // of the installation when these were read
  std::vector<FacilityRow> facilities;
  std::vector<TerminalRow> terminals;
  std::vector<FormerCertificate> formers;
  std::vector<PartyRow> parties;
  std::vector<TestPersonRow> test_persons;
  std::vector<SignedPolicy> policies;
};

// RegistryStore reads and writes who may call. Every write increments the generation row in its own
// transaction and stamps its rows with it, so that a reader needs only the newer ones. Thread-safe.
class RegistryStore {
 public:
  virtual ~RegistryStore() = default;

  // ReadSince returns the rows stamped after `generation` (0: all) at one snapshot.
  virtual absl::StatusOr<RegistryRows> ReadSince(Transaction& tx, int64_t generation) = 0;

  virtual absl::StatusOr<std::optional<FacilityRow>> FindFacility(Transaction& tx,
                                                                  const std::string& code) = 0;
  // FindTerminal locks the row for the rest of the transaction, so that a registration and a
  // revocation of one terminal come one after the other.
  virtual absl::StatusOr<std::optional<TerminalRow>> FindTerminal(
      Transaction& tx, const std::string& facility_code, const std::string& terminal_id) = 0;
  // ReadTerminal is FindTerminal without the lock, for roles that may only read.
  virtual absl::StatusOr<std::optional<TerminalRow>> ReadTerminal(
      Transaction& tx, const std::string& facility_code, const std::string& terminal_id) = 0;
  virtual absl::StatusOr<std::optional<PartyRow>> FindParty(Transaction& tx, ActorKind kind,
                                                            const std::string& name) = 0;
  // FingerprintInUse tells whether the certificate or key is or was another terminal's or party's
  // than the named one's, or is a key that was known before and that this operator has not now.
  virtual absl::StatusOr<bool> FingerprintInUse(Transaction& tx, const Digest32& fingerprint,
                                                const std::string& except_owner) = 0;
  // FingerprintRevoked tells whether the certificate is, or ever was, one of a revoked terminal or
  // of a party that is not active.
  virtual absl::StatusOr<bool> FingerprintRevoked(Transaction& tx, const Digest32& fingerprint) = 0;
  virtual absl::Status PutFacility(Transaction& tx, const FacilityRow& row) = 0;
  // SetOperationTest puts a registered facility into the operation test from `began` on, or ends it
  // (empty): from then on its terminals see everybody.
  virtual absl::Status SetOperationTest(Transaction& tx, const std::string& code,
                                        std::optional<absl::Time> began) = 0;
  // SetTerms writes on what terms a registered facility uses the service.
  virtual absl::Status SetTerms(Transaction& tx, const std::string& code,
                                const FacilityTerms& terms) = 0;
  // SetGroundEnd writes the day of the event that ends the ground of its restricted type; with
  // `only_earlier` unless an earlier one is there, and then false.
  virtual absl::StatusOr<bool> SetGroundEnd(Transaction& tx, const std::string& code,
                                            absl::CivilDay ending_day, bool only_earlier) = 0;
  // PutTestPerson publishes a test person, or takes one back.
  virtual absl::Status PutTestPerson(Transaction& tx, const TestPersonRow& row) = 0;
  // PutTerminal and PutParty remember the certificate of the row that they replace, should it have
  // been revoked, and the key of the new one, should it be known.
  virtual absl::Status PutTerminal(Transaction& tx, const TerminalRow& row) = 0;
  virtual absl::Status PutParty(Transaction& tx, const PartyRow& row) = 0;
  // PutFormer lets a certificate count beside the terminal's own.
  virtual absl::Status PutFormer(Transaction& tx, const FormerCertificate& former) = 0;
  // EndFormers ends at `at` what counts beside the terminal's own certificate, and tells how many
  // that were. With `revoked` none of its former ones ever comes back.
  virtual absl::StatusOr<int> EndFormers(Transaction& tx, const std::string& facility_code,
                                         const std::string& terminal_id, absl::Time at,
                                         bool revoked) = 0;
};

// RequestOutcome is what an administrative write did, kept 48 h under (actor, method, request id).
struct RequestOutcome {
  Digest32 body_digest{};
  std::string response;  // serialised answer; holds no personal data
};

// RequestStore makes administrative writes idempotent. Thread-safe.
class RequestStore {
 public:
  virtual ~RequestStore() = default;
  // Find returns the outcome of an earlier write; it locks the key for the rest of the transaction,
  // so of two simultaneous writes with one id the second sees the first's outcome.
  virtual absl::StatusOr<std::optional<RequestOutcome>> Find(Transaction& tx,
                                                             const std::string& actor,
                                                             int operation,
                                                             const RequestId& id) = 0;
  virtual absl::Status Put(Transaction& tx, const std::string& actor, int operation,
                           const RequestId& id, const RequestOutcome& outcome, absl::Time at) = 0;
};

}  // namespace kakunin
