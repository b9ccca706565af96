#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/answer_row.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "server/usecases/read_records.h"
#include "server/usecases/record_details.h"

namespace kakunin {

// FirstMonthOf is the first month of which there are records of `kind`: those of before are not
// shown, should somebody have sent them all the same.
absl::CivilMonth FirstMonthOf(RecordKind kind);

// Case is one inquiry on its way through a batch. Open until it is refused or has failed; refusals
// are audited and answered, failures only answered.
struct ReadRecords::Case {
  const RecordInquiry* inquiry = nullptr;
  AuditRecord record;
  RecordAnswer result;
  RecordQuestion question;
  std::vector<FoundPerson> persons;
  std::optional<RecordAccess> access;
  // Of abnormal times, which opens records in place of a consent; `rehearsal` as its policy says.
  std::optional<auth::PatientHandleKey::View> view;
  bool rehearsal = false;
  bool counted = false;  // by the guard
  bool stripped = false;

  bool open() const { return result.status.ok(); }
  Situation situation() const {
    return view ? static_cast<Situation>(view->situation) : Situation::kNormal;
  }
  std::optional<PolicyId> policy() const {
    return view ? std::optional(PolicyId{view->policy}) : std::nullopt;
  }
  const FoundPerson* person() const { return persons.size() == 1 ? &persons.front() : nullptr; }

  void Refuse(Reason reason) {
    result.status = MakeError(reason);
    record.code = static_cast<int>(result.status.code());
    record.reason = FactsOf(reason).name;
  }
  // Reopen forgets what was decided on an earlier read, and nothing that Admit told.
  void Reopen() {
    const auto none_before = result.none_before;
    result = {};
    result.none_before = none_before;
    result.situation = situation();
    result.rehearsal = rehearsal;
    persons.clear();
    access.reset();
    record.code = 0;
    record.reason.clear();
    record.person.reset();
    record.answer_digest = {};
    record.details.clear();
  }
  void Fail(const absl::Status& status) {
    result = {};
    result.status = status;
    record.code = static_cast<int>(status.code());
    record.reason = FactsOf(*ReasonOf(status)).name;
    record.details.clear();
    access.reset();
  }
  // Strip leaves nothing but an audit row that says that this inquiry could not be written.
  void Strip() {
    Fail(MakeError(Reason::kInternal));
    stripped = true;
    result.failed_alone = true;
    record.reason = "ROW_REFUSED";
    record.user.clear();
    record.person.reset();
    record.answer_digest = {};
    record.details.clear();
  }

  // DecideKind leaves in `marks` by which consent it decided. The decision itself holds none.
  RecordDecision DecideKind(RecordKind kind, const auth::RevocationSnapshot* revocations,
                            const RecordRules& rules, absl::Time now,
                            std::vector<ConsentMark>& marks) const;

  // Source is what an answer is made of beside what was read for the batch.
  struct Source {
    RecordStore& store;
    const AnswerOctets& octets;
    HashFunction hash;
    const FirstDaysKept& kept;
    MonotonicTime deadline;
  };
  // AccessTo is the row that tells of this call about `of`, as it stands.
  RecordAccess AccessTo(const PersonId& of, absl::Time now) const {
    return {.person = of,
            .at = now,
            .facility_code = inquiry->terminal->facility_code,
            .user = inquiry->terminal->user,
            .operation = static_cast<int>(inquiry->operation),
            .reason = record.reason,
            .view = view ? ViewId{view->view} : ViewId{}};
  }
  // Collect puts into the answer what of the one person that was found may be shown.
  absl::Status Collect(const Source& source);

 private:
  std::optional<RecordPlace> KeepShownMonths();
  absl::Status RebuildMonths(const Source& source);
  absl::Status CollectPage(const Source& source);
  absl::Status HideRegistrars(const Source& source);
  std::optional<absl::Time> ArrivalOf(const AnswerCoverage& coverage) const;
  absl::Status CollectCertificates(std::string_view row, const AnswerOctets& make);
};

}  // namespace kakunin
