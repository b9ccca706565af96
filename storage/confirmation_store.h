#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/audit_record.h"
#include "domain/consent.h"
#include "domain/coverage.h"
#include "domain/person_id.h"
#include "domain/retroactive_notice.h"
#include "domain/stored_certificate.h"
#include "storage/lane_store.h"

namespace kakunin {

// Challenge is one card challenge as it was issued.
struct Challenge {
  ChallengeId id;
  std::string facility_code;
  std::string terminal_id;
  int purpose = 0;  // CardPurpose of the API
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  absl::Time expires;  // first instant at which it is no longer accepted; whole milliseconds
};

// ChallengeUse is one attempt to use a challenge.
struct ChallengeUse {
  ChallengeId id;
  std::string facility_code;
  std::string terminal_id;
  RequestId request_id;            // zero: none given
  PersonPseudonym request_digest;  // keyed digest of the request's octets
};

// ChallengeOutcome says what the one conditional statement found and did.
struct ChallengeOutcome {
  // Empty: no such challenge (never issued, or forgotten in a crash).
  std::optional<Challenge> challenge;
  // True when this use consumed it; false when an earlier one had.
  bool consumed_now = false;
  // Who had consumed it, and when, when consumed_now is false.
  RequestId used_by_request;
  PersonPseudonym used_by_digest;
  std::string used_by_terminal_id;
  absl::Time used_at;
};

// CardKey names a card certificate. The views must outlive the call.
struct CardKey {
  std::string_view issuer_key_id;  // 32 octets
  std::string_view serial;
};

// PersonAnswer is a person and the answer row; `octets` stay valid until the next Read.
// When `format` is not kAnswerFormat the caller asks for the truth by ReadTruth.
struct PersonAnswer {
  PersonId person;
  int format = 0;
  std::string_view octets;
  bool hide_address = false;  // protected: nobody is shown where they live
  bool in_case = false;       // an open case says that they may be taken for somebody else
};

// CardAnswer: `linked` false means that no person is known for the certificate.
struct CardAnswer {
  bool linked = false;
  bool superseded = false;
  int medium = 0;  // CardMedium of the API: 1 card, 2 Android, 3 iPhone
  PersonAnswer answer;
};

// ReferenceQuestion asks for the reference numbers that a facility has given a person. The view
// must outlive the call.
struct ReferenceQuestion {
  PersonId person;
  std::string_view facility_code;
};

struct BatchAnswers {
  std::vector<std::vector<PersonAnswer>> by_key;  // one entry per asked key, 0..n persons
  std::vector<CardAnswer> by_card;                // one entry per asked card
};

// Confirmation is the small row beside the audit: what this facility was told about this person.
struct Confirmation {
  PersonId person;
  absl::CivilDay day;
  std::string facility_code;
  absl::Time at;
  Validity validity = Validity::kNotFound;
  PersonPseudonym answer_digest;
  AuditId audit_id;
  AskedView view;        // what a notice about a later change is measured by
  bool own_act = false;  // the patient's at home: the facility was told nothing
  // Of an answer that rests on the patient's relation to the facility: RelationRows::stored_ends.
  std::optional<int64_t> held_ends;
};

// NoMatch is a question by number to which the facility was told that there is no such coverage: a
// delivery that brings it leads back here. It names nobody.
struct NoMatch {
  std::string insurer_number;  // eight digits, as asked
  KeyHash key;                 // with the branch when one was given
  absl::CivilDay day;          // asked about, JST
  std::string facility_code;
  absl::Time at;
  AuditId audit_id;
};

// RelationQuestion asks for the consents of one person at one facility for one form of care. The
// view must outlive the call.
struct RelationQuestion {
  PersonId person;
  std::string_view facility_code;
  FormOfCare form_of_care = FormOfCare::kHomeVisit;
};

// RelationRows is what is stored about them.
struct RelationRows {
  std::vector<ConsentAct> acts;
  std::vector<StoredCertificate> certificates;  // of each act, in their order
  std::vector<ConsentEnd> ends;
  int64_t stored_ends = 0;  // rows about the person at any facility
};

// OpenedBits is how the certificates that a confirmation opened are stored.
inline constexpr int kLimitCertificateOpened = 1;
inline constexpr int kSpecificDiseaseOpened = 2;
inline int OpenedBits(const AskedView& view) {
  return (view.limit_certificate ? kLimitCertificateOpened : 0) |
         (view.specific_disease ? kSpecificDiseaseOpened : 0);
}

// ConfirmationStore serves one lane: a connection of its own, used by the lane's thread alone.
// Every call waits by polling the socket and drops it at `deadline`; then, and when the server is
// gone, the result is a StoreError and Connected() is false until Reconnect() succeeded. Not
// thread-safe.
class ConfirmationStore {
 public:
  virtual ~ConfirmationStore() = default;

  virtual bool Connected() const = 0;
  // Reconnect makes one step towards a connection without blocking longer than `deadline`; OK once
  // connected.
  virtual absl::Status Reconnect(MonotonicTime deadline) = 0;
  // NoticeLoss looks, without waiting, whether the server ended the connection while nothing ran;
  // Connected() is false afterwards if so.
  virtual void NoticeLoss() = 0;

  // IssueChallenges stores challenges and the audit rows of their issue, at least one row; one
  // commit. Rows given together are of one stream and one key: the first one's count for all.
  virtual absl::Status IssueChallenges(std::span<const Challenge> challenges,
                                       std::span<const AuditRecord> audit,
                                       MonotonicTime deadline) = 0;

  // ConsumeChallenges marks each as used by one conditional statement and commits. `uses` must not
  // hold the same id twice: the caller lets the first of a batch win. One outcome per use, in
  // order.
  virtual absl::StatusOr<std::vector<ChallengeOutcome>> ConsumeChallenges(
      std::span<const ChallengeUse> uses, absl::Time now, MonotonicTime deadline) = 0;

  // Read finds persons and answer rows for all keys and cards in one statement.
  virtual absl::StatusOr<BatchAnswers> Read(std::span<const KeyHash> keys,
                                            std::span<const CardKey> cards,
                                            MonotonicTime deadline) = 0;

  // ReadReferenceNumbers finds what facilities call persons by, one entry a question, in order,
  // each in the order in which the numbers were set. It follows a Read or ReadPersons that found
  // somebody, and asks the database only about facilities that have any, as that read knew it.
  virtual absl::StatusOr<std::vector<std::vector<std::string>>> ReadReferenceNumbers(
      std::span<const ReferenceQuestion> questions, MonotonicTime deadline) = 0;

  // ReadPersons finds the answer rows of persons that are known; one a person, in order. The octets
  // stay valid until the next ReadPersons.
  virtual absl::StatusOr<std::vector<PersonAnswer>> ReadPersons(std::span<const PersonId> persons,
                                                                MonotonicTime deadline) = 0;

  // ReadRelations reads the consents of every question; one entry a question. What Read and
  // ReadPersons returned stays valid.
  virtual absl::StatusOr<std::vector<RelationRows>> ReadRelations(
      std::span<const RelationQuestion> questions, MonotonicTime deadline) = 0;

  // ReadTruth reads the visible coverages of current knowledge of one person from the structured
  // truth.
  virtual absl::StatusOr<std::vector<Coverage>> ReadTruth(const PersonId& person,
                                                          MonotonicTime deadline) = 0;

  // Write stores a batch's rows in one committing statement; all or none. At least one audit row;
  // all of one stream and one key, as for IssueChallenges. kSerialisation also when a person with
  // `held_ends` has other ends of consents by now; until the commit none of them can end.
  virtual absl::Status Write(std::span<const AuditRecord> audit,
                             std::span<const Confirmation> confirmations,
                             std::span<const ConsentAct> consents,
                             std::span<const NoMatch> no_matches, MonotonicTime deadline) = 0;

  // AuditRowExists decides an unknown outcome: a batch is written whole, so its last row tells.
  virtual absl::StatusOr<bool> AuditRowExists(const AuditId& id, MonotonicTime deadline) = 0;
};

}  // namespace kakunin
