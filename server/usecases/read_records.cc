#include "server/usecases/read_records.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/encoding.h"
#include "domain/abnormal_times.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/usecases/batch_write.h"
#include "server/usecases/record_case.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// A handle is useless without a consent; this bounds those whose consent has no end.
constexpr absl::Duration kLongestHandle = absl::Hours(24 * 366);

RecordKinds RangeOf(std::span<const RecordKind> kinds) {
  RecordKinds range;
  for (const RecordKind kind : kinds) {
    if (kind == RecordKind::kLimitCertificate || kind == RecordKind::kSpecificDiseaseCertificate) {
      continue;  // in the answer row
    }
    const int number = static_cast<int>(kind);
    range = range.last < range.first
                ? RecordKinds{number, number}
                : RecordKinds{std::min(range.first, number), std::max(range.last, number)};
  }
  return range;
}

bool IsRehearsal(const AbnormalTimes& times, const PolicyId& id) {
  const auto named = std::ranges::find(times.policies, id, &AbnormalTimesPolicy::id);
  return named != times.policies.end() && named->rehearsal;
}

// Before the months: what a facility is told of the kinds ends there (copy_facility_access).
std::string ViewDetails(const auth::PatientHandleKey::View& view) {
  return fmt::format(";view:{};policy:{}", auth::HexEncode(view.view),
                     auth::HexEncode(view.policy));
}

std::string MonthsText(absl::CivilMonth from, absl::CivilMonth through) {
  return fmt::format(";months:{:04}-{:02}..{:04}-{:02}", from.year(), from.month(), through.year(),
                     through.month());
}

void KeepSeen(const SeesOnly& sees_only, std::vector<FoundPerson>& persons) {
  if (sees_only == nullptr) return;
  std::erase_if(persons, [&](const FoundPerson& one) { return !Sees(sees_only, one.person); });
}

// How the audit tells what became of one kind; explain_decision.cc reads it.
void AppendKind(RecordKind kind, std::optional<Reason> denial, std::string& shown) {
  shown += fmt::format("{}{}={}", shown.empty() ? "" : ";", static_cast<int>(kind),
                       denial ? FactsOf(*denial).name : "SHOWN");
}

}  // namespace

absl::Time RecordAnswer::Until() const {
  absl::Time until = absl::InfiniteFuture();
  for (const DecidedKind& decided : kinds) {
    if (!decided.denial) until = std::min(until, decided.until);
  }
  return until;
}

bool RecordAnswer::Shows(RecordKind kind) const {
  return std::ranges::any_of(
      kinds, [&](const DecidedKind& decided) { return decided.kind == kind && !decided.denial; });
}

ReadRecords::ReadRecords(RecordStore& store, InquiryGuard& guard, const Keys& keys,
                         const RecordRules& rules, AnswerOctets octets, HashFunction hash)
    : store_(store),
      patients_(guard, keys.handle),
      keys_(keys),
      rules_(rules),
      octets_(std::move(octets)),
      hash_(hash),
      stream_(store, hash) {}

std::vector<RecordAnswer> ReadRecords::Read(std::span<const RecordInquiry> inquiries,
                                            const auth::RevocationSnapshot* revocations,
                                            absl::Time now, MonotonicTime deadline) {
  std::vector<Case> cases(inquiries.size());
  std::vector<Case*> all;
  std::vector<Case*> open;
  for (size_t i = 0; i < inquiries.size(); ++i) {
    Case& c = cases[i];
    c.inquiry = &inquiries[i];
    c.record = AuditRecordFor(*c.inquiry->terminal, c.inquiry->actor_name, c.inquiry->operation,
                              c.inquiry->form_of_care, now, keys_.audit);
    c.record.request_digest = c.inquiry->request_digest;
    c.record.asked_day = c.inquiry->day;
    all.push_back(&c);
  }
  if (Connect(deadline)) {
    const FirstDaysKept kept(CivilDayAt(now), rules_.retention);
    for (Case& c : cases) {
      Admit(c, kept, now);
      if (c.open()) open.push_back(&c);
    }
    const auto decide = [&] { ReadAndDecide(open, revocations, kept, now, deadline); };
    decide();
    Write(all, decide, deadline);
  } else {
    for (Case& c : cases) c.Fail(MakeError(Reason::kDatabaseUnavailable));
  }
  std::vector<RecordAnswer> answers;
  answers.reserve(cases.size());
  for (Case& c : cases) answers.push_back(std::move(c.result));
  return answers;
}

std::optional<PersonId> ReadRecords::NamedByHandle(const Case& c, absl::Time now) {
  const RecordInquiry& inquiry = *c.inquiry;
  if (c.view) {
    const PersonId viewed{c.view->person};
    return Sees(inquiry.terminal->sees_only, viewed) ? std::optional(viewed) : std::nullopt;
  }
  if (!std::holds_alternative<std::string>(inquiry.patient)) return std::nullopt;
  const auto patient = patients_.Resolve(*inquiry.terminal, inquiry.patient, now);
  const auto* const found = std::get_if<FoundBy>(&patient);
  if (found == nullptr) return std::nullopt;
  const PersonId person = std::get<PersonId>(*found);
  return Sees(inquiry.terminal->sees_only, person) ? std::optional(person) : std::nullopt;
}

void ReadRecords::Admit(Case& c, const FirstDaysKept& kept, absl::Time now) {
  const RecordInquiry& inquiry = *c.inquiry;
  if (const auto* handle = std::get_if<std::string>(&inquiry.patient)) {
    c.view = keys_.handle.OpenView(inquiry.terminal->facility_code, *handle);
  }
  if (c.view) {
    const AbnormalTimes* const times = inquiry.terminal->abnormal_times.get();
    c.rehearsal = times != nullptr && IsRehearsal(*times, PolicyId{c.view->policy});
    c.result.situation = c.situation();
    c.result.rehearsal = c.rehearsal;
    SetSituation(c.situation(), c.rehearsal, c.record);
  }
  if (inquiry.refused) return c.Refuse(*inquiry.refused);
  // What no consent could open is not read at all.
  std::optional<Reason> denial;
  std::string shown;
  for (const RecordKind kind : inquiry.kinds) {
    const auto one = DecideTerminal(*inquiry.terminal, {.operation = inquiry.operation,
                                                        .kind = kind,
                                                        .form_of_care = inquiry.form_of_care,
                                                        .situation = c.situation(),
                                                        .at = now,
                                                        .policy = c.policy()});
    if (!one) {
      denial.reset();
      break;
    }
    if (!denial) denial = one;
    AppendKind(kind, one, shown);
  }
  if (!denial && c.view && now >= c.view->end) denial = Reason::kAbnormalViewExpired;
  if (denial) {
    c.record.details = fmt::format("kinds:{}", shown);
    if (c.view) c.record.details += ViewDetails(*c.view);
    c.record.details += MonthsText(inquiry.from_month, inquiry.through_month);
    c.record.details += TerminalText(*inquiry.terminal);
    c.Refuse(*denial);
    // A try that was refused is in the patient's list too, and that of a view in its policy's
    // report. Who is named by a number is not looked up for it.
    if (const auto named = NamedByHandle(c, now)) {
      c.record.person = PseudonymOf(keys_.audit, *named);
      c.access = c.AccessTo(*named, now);
    }
    return;
  }

  RecordQuestion& question = c.question;
  if (c.view) {
    question.patient = PersonId{c.view->person};
    question.without_consent = true;
  } else {
    const auto patient = patients_.Resolve(*inquiry.terminal, inquiry.patient, now);
    if (const auto* refusal = std::get_if<Reason>(&patient)) return c.Refuse(*refusal);
    question.patient = std::get<FoundBy>(patient);
  }
  question.facility_code = inquiry.terminal->facility_code;
  question.form_of_care = inquiry.form_of_care;
  question.appointment_day = inquiry.appointment_day;
  if (inquiry.form_of_care == FormOfCare::kOutpatient) question.acts_from = now - kOutpatientActs;
  question.kinds = RangeOf(inquiry.kinds);
  question.answer_row = question.kinds.last < question.kinds.first;
  question.from_month = inquiry.from_month;
  question.through_month = inquiry.through_month;
  if (question.answer_row) return;
  if (inquiry.page) {
    question.through_month = inquiry.page->month;
    question.through_kind = static_cast<int>(inquiry.page->kind);
  }
  const RecordKind earliest = *std::ranges::min_element(inquiry.kinds, {}, &FirstMonthOf);
  if (const absl::CivilMonth first = FirstMonthOf(earliest); question.from_month < first) {
    question.from_month = first;
    c.result.none_before = first;
  }
  absl::CivilMonth first_kept = kept.FirstMonth(earliest);
  for (const RecordKind kind : inquiry.kinds) {
    first_kept = std::min(first_kept, kept.FirstMonth(kind));
  }
  question.from_month = std::max(question.from_month, first_kept);
}

void ReadRecords::ReadAndDecide(std::span<Case*> admitted,
                                const auth::RevocationSnapshot* revocations,
                                const FirstDaysKept& kept, absl::Time now, MonotonicTime deadline) {
  for (Case* c : admitted) c->Reopen();
  Find(admitted, deadline);
  for (Case* c : admitted) {
    if (c->open()) Decide(*c, revocations, kept, now, deadline);
  }
}

void ReadRecords::Find(std::span<Case*> cases, MonotonicTime deadline) {
  if (cases.empty()) return;
  std::vector<RecordQuestion> questions;
  questions.reserve(cases.size());
  for (const Case* c : cases) questions.push_back(c->question);
  auto found = RepeatedOnConflict([&] { return store_.Read(questions, deadline); });
  for (size_t i = 0; i < cases.size(); ++i) {
    if (found.ok()) {
      cases[i]->persons = std::move((*found)[i]);
      const Terminal& terminal = *cases[i]->inquiry->terminal;
      KeepSeen(terminal.sees_only, cases[i]->persons);
      if (cases[i]->rehearsal) KeepSeen(terminal.abnormal_times->test_persons, cases[i]->persons);
    } else {
      cases[i]->Fail(AsAnswer(found.status()));
    }
  }
}

void ReadRecords::Decide(Case& c, const auth::RevocationSnapshot* revocations,
                         const FirstDaysKept& kept, absl::Time now, MonotonicTime deadline) {
  RecordAnswer& result = c.result;
  std::string shown;
  std::vector<ConsentMark> marks;
  for (const RecordKind kind : c.inquiry->kinds) {
    const RecordDecision decision = c.DecideKind(kind, revocations, rules_, now, marks);
    result.kinds.push_back({kind, decision.denial, decision.until});
    AppendKind(kind, decision.denial, shown);
  }
  c.record.details =
      fmt::format("kinds:{}{}", shown, c.view ? ViewDetails(*c.view) : std::string());
  c.record.details += MonthsText(c.question.from_month, c.question.through_month);
  c.record.details += MarksText(marks) + TerminalText(*c.inquiry->terminal);
  const bool none = std::ranges::all_of(
      result.kinds, [](const DecidedKind& decided) { return decided.denial.has_value(); });
  if (none) c.Refuse(*result.kinds.front().denial);

  const FoundPerson* person = c.person();
  if (std::holds_alternative<KeyHash>(c.inquiry->patient) && !c.counted) {
    c.counted = true;
    patients_.Count(*c.inquiry->terminal,
                    person == nullptr ? std::nullopt : std::optional(person->person), now);
  }
  if (person == nullptr) return;
  c.record.person = PseudonymOf(keys_.audit, person->person);
  c.access = c.AccessTo(person->person, now);
  if (none) return;
  if (const absl::Status status = c.Collect({store_, octets_, hash_, kept, deadline});
      !status.ok()) {
    c.Fail(status);
    return;
  }
  std::string octets;
  for (const RecordEntry& entry : result.page.entries) {
    octets.append(entry.body_digest).append(entry.facilities_digest);
  }
  for (const ShownCertificate& shown : result.certificates) octets.append(shown.octets);
  c.record.answer_digest = KeyedDigest(keys_.audit, octets);
  if (c.view) {
    result.patient_handle = std::get<std::string>(c.inquiry->patient);
    return;
  }
  result.patient_handle = keys_.handle.Seal(
      c.inquiry->terminal->facility_code,
      {.person = person->person.octets, .end = std::min(result.Until(), now + kLongestHandle)});
}

void ReadRecords::Write(std::span<Case*> cases, const std::function<void()>& decide_anew,
                        MonotonicTime deadline) {
  bool conflict = false;
  const auto once = [&](std::span<Case*> some) {
    // Not half a batch: reading again would take away what the other half is about to show.
    if (conflict && some.size() == cases.size()) decide_anew();
    absl::Status status = WriteOnce(some, deadline);
    conflict = StoreFailureOf(status) == StoreFailure::kSerialisation;
    return status;
  };
  const auto exists = [&](const AuditId& id) { return stream_.Exists(id, deadline); };
  WriteBatch(cases, once, exists);
}

absl::Status ReadRecords::WriteOnce(std::span<Case*> cases, MonotonicTime deadline) {
  return stream_.Write([&](AuditChain& chain) {
    std::vector<AuditRecord> audit;
    std::vector<RecordAccess> accesses;
    std::vector<HeldPerson> held;
    audit.reserve(cases.size());
    accesses.reserve(cases.size());
    for (Case* c : cases) {
      chain.Link(c->record);
      c->result.audit_id = c->record.id;
      c->result.at = c->record.at;
      audit.push_back(c->record);
      if (!c->access) continue;
      c->access->audit_id = c->record.id;
      accesses.push_back(*c->access);
      if (c->open()) {
        held.push_back({.person = c->person()->person, .stored_ends = c->person()->stored_ends});
      }
    }
    return store_.Write(audit, accesses, held, {}, deadline);
  });
}

}  // namespace kakunin
