#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/audit_record.h"
#include "domain/reference_number.h"
#include "server/usecases/patient_resolver.h"
#include "server/usecases/terminal_call.h"
#include "storage/reference_number_store.h"

namespace kakunin {

// ReferenceNumberChange is a change of one patient's numbers, as the border has read it.
struct ReferenceNumberChange {
  absl::Status fault;  // what is wrong with it; not OK: the other fields are unread
  NamedPatient patient;
  ReferenceNumberAction action = ReferenceNumberAction::kReplace;
  std::vector<std::string> numbers;
  PersonPseudonym request_digest;  // keyed digest of the change's octets
};

// KnownNumbers is what one change, or a question, came to. `status` not OK: nothing but `audit_id`
// counts.
struct KnownNumbers {
  absl::Status status;
  std::vector<std::string> numbers;  // all that the facility has for the patient now
  AuditId audit_id;
};

// ReferenceNumbers sets, deletes and lists what a facility calls its patients by (照会番号); an
// audit row for each patient in the same commit. A patient is refused with PATIENT_NOT_FOUND,
// BRANCH_NUMBER_NEEDED (the number fits several), PATIENT_HANDLE_REFUSED, and a change with
// REFERENCE_NUMBER_LIMIT. Thread-safe.
class ReferenceNumbers {
 public:
  struct Keys {
    const auth::HmacKey& audit;
    const auth::PatientHandleKey& handle;
  };

  // All references outlive the object. `guard` counts single questions by number.
  ReferenceNumbers(Database& database, ReferenceNumberStore& store, InquiryGuard& guard,
                   const Keys& keys)
      : database_(database), store_(store), guard_(guard), keys_(keys) {}

  // Change makes one change. Its refusal, INQUIRY_LIMIT among them, or a StoreError.
  absl::StatusOr<KnownNumbers> Change(const TerminalCall& call, const ReferenceNumberChange& change,
                                      MonotonicTime deadline);

  // ChangeAll makes several in their order, one result each. Those that replace the numbers of one
  // patient count together. INQUIRY_LIMIT for all when the facility's batches of the day name
  // nobody too often (SearchesRatherThanAsks), or a StoreError.
  absl::StatusOr<std::vector<KnownNumbers>> ChangeAll(
      const TerminalCall& call, std::span<const ReferenceNumberChange> changes,
      MonotonicTime deadline);

  // List tells a patient's numbers; a refusal, or a StoreError.
  absl::StatusOr<KnownNumbers> List(const TerminalCall& call, const NamedPatient& patient,
                                    MonotonicTime deadline);

 private:
  class Batch;  // the changes of one call on their way

  // Run runs `batch`. A facility's first change tells the store of the facility in a transaction of
  // its own, which is short: all new facilities queue there.
  absl::Status Run(Batch& batch, const std::string& facility_code, absl::CivilDay day,
                   MonotonicTime deadline);

  Database& database_;
  ReferenceNumberStore& store_;
  InquiryGuard& guard_;
  const Keys keys_;
};

}  // namespace kakunin
