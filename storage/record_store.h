#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/audit_record.h"
#include "domain/consent.h"
#include "domain/health_check.h"
#include "domain/person_id.h"
#include "domain/protection.h"
#include "domain/receipt.h"
#include "domain/record_kind.h"
#include "domain/stored_certificate.h"
#include "storage/confirmation_store.h"

namespace kakunin {

// RecordKinds is a range of kinds that are read together; empty: none.
struct RecordKinds {
  int first = 0;
  int last = -1;
};

// kMostRecordOctets bounds the records of one answer; well below what a client takes by default
// (4 MiB). OUR choice.
inline constexpr size_t kMostRecordOctets = 1024 * 1024;

// RecordQuestion is what one call reads. The views must outlive the call of Read.
struct RecordQuestion {
  std::variant<PersonId, KeyHash> patient;  // by handle, or by number
  std::string_view facility_code;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  // Online care: the booking asked about; empty: every one.
  std::optional<absl::CivilDay> appointment_day;
  // Acts that began before are not read: InfinitePast where a window knows no length.
  absl::Time acts_from = absl::InfinitePast();
  RecordKinds kinds;
  absl::CivilMonth from_month;     // first month read
  absl::CivilMonth through_month;  // last month read
  // A later page: of the last month the kinds from this number on, and the newest months only, up
  // to and with the one that passes kMostRecordOctets, where kinds of one month follow each other
  // by number. 0: all months are read.
  int through_kind = 0;
  bool answer_row = false;  // also the person's answer row, for certificates
  // What there is is read although nobody agreed: a view of abnormal times decides.
  bool without_consent = false;
};

// ConsentQuestion asks for everything that one facility knows about a patient's consents.
struct ConsentQuestion {
  std::variant<PersonId, KeyHash> patient;
  std::string_view facility_code;
};

// StoredMonth is one person's month of one kind; `octets` stay valid until the next Read. When
// `format` is not kMonthRecordFormat it is shown from the truth, until the row is rebuilt.
struct StoredMonth {
  RecordKind kind = RecordKind::kDrug;
  absl::CivilMonth month;
  int format = 0;
  absl::Time arrived;  // of the newest data in it
  std::string_view octets;
};

// FoundConsentAct is an act, and what is stored of its certificate.
struct FoundConsentAct {
  ConsentAct act;
  StoredCertificate certificate = StoredCertificate::kCurrent;
};

// CoverageArrival is when the current version of a coverage came to us, with what tells it from the
// person's others in an answer row.
struct CoverageArrival {
  KeyHash key_without_branch;
  absl::CivilDay qualification_day;
  absl::Time arrived;
};

// FoundPerson is one person whom a question fits.
struct FoundPerson {
  PersonId person;
  Protection protection;
  bool in_question = false;  // an open case says that they may be taken for somebody else
  std::vector<FoundConsentAct> acts;
  std::vector<ConsentEnd> ends;
  int64_t stored_ends = 0;                 // rows about the person at any facility, for HeldPerson
  std::vector<StoredMonth> months;         // in any order
  PersonAnswer answer;                     // when asked for
  std::vector<CoverageArrival> coverages;  // likewise: those in it
};

// RecordAccess is the row beside the audit that patients and administrators are shown.
struct RecordAccess {
  PersonId person;
  absl::Time at;
  std::string facility_code;
  std::string user;
  int operation = 0;
  std::string reason;    // empty: shown
  bool own_act = false;  // the patient's at home: the facility was shown nothing
  AuditId audit_id;
  ViewId view;  // of abnormal times, by which it was; all zero: none
};

// HeldPerson is a person whose consents must not end between a read and the write that rests on it.
struct HeldPerson {
  PersonId person;
  int64_t stored_ends = 0;  // as the read found them
  bool ends_now = false;    // the same write ends some
};

// AuditedDecision is what was decided about records under one audit id.
struct AuditedDecision {
  absl::Time at;
  int operation = 0;
  int role = 0;
  int form_of_care = 0;
  std::string reason;              // "" when shown
  std::string details;             // as the audit has them
  std::optional<PersonId> person;  // empty: nobody, or several, were found
};

// EndQuestion asks for a page of what ended at a facility in [from, to), in the order of time.
struct EndQuestion {
  std::string_view facility_code;
  std::optional<FormOfCare> form_of_care;  // empty: every one
  absl::Time from;
  absl::Time to;
  AuditId after;  // of the last row at `from` that is known; zero: none
  int64_t most = 0;
};

// RecordStore serves one record lane, as ConfirmationStore serves one of confirmations: a
// connection of its own, used by the lane's thread alone; every call waits no longer than its
// deadline; results are a StoreError when they fail. Not thread-safe.
class RecordStore : public LaneStore {
 public:
  // Read finds, in one statement, the persons of every question with what is needed to decide and
  // to answer. One entry a question, of 0..n persons.
  virtual absl::StatusOr<std::vector<std::vector<FoundPerson>>> Read(
      std::span<const RecordQuestion> questions, MonotonicTime deadline) = 0;

  // ReadTruth reads the visible coverages of current knowledge of one person from the structured
  // truth; what Read returned stays valid.
  virtual absl::StatusOr<std::vector<Coverage>> ReadTruth(const PersonId& person,
                                                          MonotonicTime deadline) = 0;

  // ReadReceipts reads the current receipts of one person in the months `from` to `through` from
  // the structured truth, in any order; what Read returned stays valid.
  virtual absl::StatusOr<std::vector<Receipt>> ReadReceipts(const PersonId& person,
                                                            absl::CivilMonth from,
                                                            absl::CivilMonth through,
                                                            MonotonicTime deadline) = 0;
  // ReadHealthChecks does so with the health checks.
  virtual absl::StatusOr<std::vector<HealthCheck>> ReadHealthChecks(const PersonId& person,
                                                                    absl::CivilMonth from,
                                                                    absl::CivilMonth through,
                                                                    MonotonicTime deadline) = 0;
  // ReadConsents finds the persons of every question with all their acts and ends at the facility,
  // whatever the form of care. One entry a question; nothing of what a record read returned stays
  // valid.
  virtual absl::StatusOr<std::vector<std::vector<FoundPerson>>> ReadConsents(
      std::span<const ConsentQuestion> questions, MonotonicTime deadline) = 0;

  // ReadEnds finds one page of a facility's ends.
  virtual absl::StatusOr<std::vector<ConsentEnd>> ReadEnds(const EndQuestion& question,
                                                           MonotonicTime deadline) = 0;

  // ReadDecision finds what was decided about records; empty: no such row of this facility.
  virtual absl::StatusOr<std::optional<AuditedDecision>> ReadDecision(
      std::string_view facility_code, const AuditId& id, MonotonicTime deadline) = 0;

  // Write stores a batch's rows in one committing statement; all or none. At least one audit row,
  // all of one stream and one key; `held` and `ends` only with some access. kSerialisation when a
  // held person has other ends by now than were read: read and decide again. Until the statement
  // has committed no other server's write holds a person whose consents this one ends, nor ends
  // those of one that this one holds.
  virtual absl::Status Write(std::span<const AuditRecord> audit,
                             std::span<const RecordAccess> accesses,
                             std::span<const HeldPerson> held, std::span<const ConsentEnd> ends,
                             MonotonicTime deadline) = 0;
};

}  // namespace kakunin
