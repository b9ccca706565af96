#include "server/usecases/reference_numbers.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "domain/civil_day.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

Terminal AskerOf(const TerminalCall& call) {
  return {.facility_code = call.facility_code, .terminal_id = call.terminal_id};
}

bool IsByNumber(const NamedPatient& patient) { return std::holds_alternative<KeyHash>(patient); }

// A number may fit nobody, or several who share it but for the branch. In the operation test
// nobody exists but the test persons.
absl::StatusOr<PersonId> OnlyOne(const TerminalCall& call, std::vector<PersonId> found) {
  if (call.sees_only != nullptr) {
    std::erase_if(found, [&](const PersonId& person) { return !Sees(call.sees_only, person); });
  }
  if (found.empty()) return MakeError(Reason::kPatientNotFound);
  if (found.size() > 1) return MakeError(Reason::kBranchNumberNeeded);
  return found.front();
}

bool Contains(const std::vector<std::string>& numbers, const std::string& number) {
  return std::ranges::find(numbers, number) != numbers.end();
}

}  // namespace

// Batch makes the changes of one call in one transaction; Run may run again.
class ReferenceNumbers::Batch {
 public:
  // With `counted` the facility's batches of the day are, and limited by that.
  Batch(ReferenceNumberStore& store, const auth::HmacKey& audit_key, PatientResolver& resolver,
        const TerminalCall& call, std::span<const ReferenceNumberChange> changes, bool counted)
      : store_(store),
        audit_key_(audit_key),
        call_(call),
        changes_(changes),
        counted_(counted),
        day_(CivilDayAt(call.record.at)) {
    for (const ReferenceNumberChange& change : changes_) {
      patients_.push_back(change.fault.ok()
                              ? Named(resolver.Resolve(AskerOf(call), change.patient, At()))
                              : change.fault);
    }
  }

  absl::Status Run(Transaction& tx) {
    refused_.reset();
    files_.clear();
    ASSIGN_OR_RETURN(const auto before, store_.Hold(tx, call_.facility_code, day_));
    facility_known_ = before.has_value();
    if (!facility_known_) return absl::OkStatus();
    if (counted_ && SearchesRatherThanAsks(*before)) {
      refused_ = Reason::kInquiryLimit;
      AuditRecord record = call_.record;
      AddRefusal(MakeError(*refused_), record);
      return tx.AppendAudit(record).status();
    }
    RETURN_IF_ERROR(Find(tx));
    RETURN_IF_ERROR(ReadNumbers(tx));
    for (size_t i = 0; i < changes_.size(); ++i) RETURN_IF_ERROR(Make(tx, i));
    RETURN_IF_ERROR(Write(tx));
    return counted_ ? store_.Count(tx, call_.facility_code, day_, Counts()) : absl::OkStatus();
  }

  // False: Run has done nothing, since the store must be told of the facility first.
  bool facility_known() const { return facility_known_; }
  const std::optional<Reason>& refused() const { return refused_; }
  std::vector<KnownNumbers>& results() { return results_; }

  // CountIn tells `resolver` what the questions by number found.
  void CountIn(PatientResolver& resolver) const {
    for (size_t i = 0; i < changes_.size(); ++i) {
      if (!patients_[i].ok() || !IsByNumber(changes_[i].patient)) continue;
      resolver.Count(AskerOf(call_), persons_[i].ok() ? std::optional(*persons_[i]) : std::nullopt,
                     At());
    }
  }

 private:
  // File is what the facility has for one person while the batch runs.
  struct File {
    std::vector<std::string> before;
    std::vector<std::string> now;
    absl::flat_hash_map<std::string, AuditId> set_by;  // what is not in `before`
    bool replaced = false;
  };

  static absl::StatusOr<FoundBy> Named(const std::variant<FoundBy, Reason>& resolved) {
    if (const auto* reason = std::get_if<Reason>(&resolved)) return MakeError(*reason);
    return std::get<FoundBy>(resolved);
  }

  absl::Time At() const { return call_.record.at; }

  absl::Status Find(Transaction& tx) {
    std::vector<FoundBy> asked;
    for (const auto& patient : patients_) {
      if (patient.ok()) asked.push_back(*patient);
    }
    ASSIGN_OR_RETURN(const auto found, store_.Find(tx, asked));
    persons_.clear();
    size_t next = 0;
    for (const auto& patient : patients_) {
      persons_.push_back(patient.ok() ? OnlyOne(call_, found[next++]) : patient.status());
    }
    return absl::OkStatus();
  }

  absl::Status ReadNumbers(Transaction& tx) {
    std::vector<PersonId> persons;
    for (const auto& person : persons_) {
      if (person.ok() && files_.try_emplace(*person).second) persons.push_back(*person);
    }
    ASSIGN_OR_RETURN(auto numbers, store_.NumbersOf(tx, call_.facility_code, persons));
    for (size_t i = 0; i < persons.size(); ++i) {
      File& file = files_[persons[i]];
      file.before = std::move(numbers[i]);
      file.now = file.before;
    }
    return absl::OkStatus();
  }

  absl::Status Make(Transaction& tx, size_t i) {
    const ReferenceNumberChange& change = changes_[i];
    KnownNumbers& result = results_[i];
    result = {.status = persons_[i].status()};
    AuditRecord record = call_.record;
    record.request_digest = change.request_digest;
    std::optional<std::vector<std::string>> after;
    if (result.status.ok()) {
      const File& file = files_[*persons_[i]];
      record.person = PseudonymOf(audit_key_, *persons_[i]);
      // A list that has a patient in two rows means both numbers.
      const bool again = change.action == ReferenceNumberAction::kReplace && file.replaced;
      after = AfterChange(file.now, again ? ReferenceNumberAction::kAdd : change.action,
                          change.numbers);
      if (!after) result.status = MakeError(Reason::kReferenceNumberLimit);
      AddDetail(record, "action", static_cast<int64_t>(change.action));
      AddDetail(record, "numbers", static_cast<int64_t>(change.numbers.size()));
      if (after) AddDetail(record, "held", static_cast<int64_t>(after->size()));
    }
    if (!result.status.ok()) AddRefusal(result.status, record);
    ASSIGN_OR_RETURN(result.audit_id, tx.AppendAudit(record));
    if (!after) return absl::OkStatus();
    File& file = files_[*persons_[i]];
    file.replaced = file.replaced || change.action == ReferenceNumberAction::kReplace;
    for (const std::string& number : *after) {
      if (!Contains(file.now, number)) file.set_by[number] = result.audit_id;
    }
    file.now = *after;
    result.numbers = *std::move(after);
    return absl::OkStatus();
  }

  absl::Status Write(Transaction& tx) {
    std::vector<ReferenceNumberRow> gone;
    std::vector<ReferenceNumberRow> added;
    for (const auto& [person, file] : files_) {
      for (const std::string& number : file.before) {
        if (!Contains(file.now, number)) gone.push_back({.person = person, .number = number});
      }
      for (const std::string& number : file.now) {
        if (!Contains(file.before, number)) {
          added.push_back({person, number, file.set_by.at(number)});
        }
      }
    }
    return store_.Change(tx, call_.facility_code, gone, added, At());
  }

  BulkCounts Counts() const {
    BulkCounts counts;
    for (size_t i = 0; i < changes_.size(); ++i) {
      if (!patients_[i].ok() || !IsByNumber(changes_[i].patient)) continue;
      ++counts.asked;
      if (!persons_[i].ok()) ++counts.not_found;
    }
    return counts;
  }

  ReferenceNumberStore& store_;
  const auth::HmacKey& audit_key_;
  const TerminalCall& call_;
  const std::span<const ReferenceNumberChange> changes_;
  const bool counted_;
  const absl::CivilDay day_;
  std::vector<absl::StatusOr<FoundBy>> patients_;  // one a change, as the three that follow
  std::vector<absl::StatusOr<PersonId>> persons_;
  std::vector<KnownNumbers> results_ = std::vector<KnownNumbers>(changes_.size());
  absl::flat_hash_map<PersonId, File> files_;
  std::optional<Reason> refused_;
  bool facility_known_ = false;
};

absl::Status ReferenceNumbers::Run(Batch& batch, const std::string& facility_code,
                                   absl::CivilDay day, MonotonicTime deadline) {
  const auto run = [&](Transaction& tx) { return batch.Run(tx); };
  RETURN_IF_ERROR(database_.Write(deadline, run));
  if (batch.facility_known()) return absl::OkStatus();
  RETURN_IF_ERROR(database_.Write(
      deadline, [&](Transaction& tx) { return store_.Begin(tx, facility_code, day); }));
  RETURN_IF_ERROR(database_.Write(deadline, run));
  return batch.facility_known() ? absl::OkStatus() : MakeError(Reason::kInternal);
}

absl::StatusOr<KnownNumbers> ReferenceNumbers::Change(const TerminalCall& call,
                                                      const ReferenceNumberChange& change,
                                                      MonotonicTime deadline) {
  if (call.refused) {
    return RefuseCall(database_, call, MakeError(*call.refused), deadline);
  }
  PatientResolver resolver(guard_, keys_.handle);
  Batch batch(store_, keys_.audit, resolver, call, std::span(&change, 1), /*counted=*/false);
  RETURN_IF_ERROR(Run(batch, call.facility_code, CivilDayAt(call.record.at), deadline));
  batch.CountIn(resolver);
  KnownNumbers& result = batch.results().front();
  if (!result.status.ok()) return result.status;
  return std::move(result);
}

absl::StatusOr<std::vector<KnownNumbers>> ReferenceNumbers::ChangeAll(
    const TerminalCall& call, std::span<const ReferenceNumberChange> changes,
    MonotonicTime deadline) {
  if (call.refused) {
    return RefuseCall(database_, call, MakeError(*call.refused), deadline);
  }
  UncountedInquiries uncounted;
  PatientResolver resolver(uncounted, keys_.handle);
  Batch batch(store_, keys_.audit, resolver, call, changes, /*counted=*/true);
  RETURN_IF_ERROR(Run(batch, call.facility_code, CivilDayAt(call.record.at), deadline));
  if (batch.refused()) return MakeError(*batch.refused());
  return std::move(batch.results());
}

absl::StatusOr<KnownNumbers> ReferenceNumbers::List(const TerminalCall& call,
                                                    const NamedPatient& patient,
                                                    MonotonicTime deadline) {
  if (call.refused) {
    return RefuseCall(database_, call, MakeError(*call.refused), deadline);
  }
  PatientResolver resolver(guard_, keys_.handle);
  const Terminal asker = AskerOf(call);
  const auto resolved = resolver.Resolve(asker, patient, call.record.at);
  if (const auto* reason = std::get_if<Reason>(&resolved)) {
    return RefuseCall(database_, call, MakeError(*reason), deadline);
  }
  std::optional<PersonId> person;
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       KnownNumbers& known) -> absl::StatusOr<std::optional<Reason>> {
    person.reset();
    ASSIGN_OR_RETURN(const auto found, store_.Find(tx, std::span(&std::get<FoundBy>(resolved), 1)));
    const auto one = OnlyOne(call, found.front());
    if (!one.ok()) return ReasonOf(one.status());
    person = *one;
    record.person = PseudonymOf(keys_.audit, *person);
    ASSIGN_OR_RETURN(auto numbers,
                     store_.NumbersOf(tx, call.facility_code, std::span(&*person, 1)));
    known.numbers = std::move(numbers.front());
    AddDetail(record, "held", static_cast<int64_t>(known.numbers.size()));
    return Done();
  };
  auto known = RunAudited<KnownNumbers>(database_, call, deadline, act);
  // What the store could not tell counts for nothing.
  if (IsByNumber(patient) && (known.ok() || IsOurRefusal(known.status()))) {
    resolver.Count(asker, person, call.record.at);
  }
  return known;
}

}  // namespace kakunin
