#include "server/usecases/consent_desk.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/error.h"
#include "domain/home_relation.h"
#include "domain/reception_door.h"
#include "server/usecases/batch_write.h"
#include "server/usecases/seen_rows.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// How long a handle lasts that names a patient in the facility's list of ends: a working day's
// enquiries.
constexpr absl::Duration kHandleOfEnd = absl::Hours(24);

// EndPage is what is read at once of a facility's ends: from the one behind `after` at `from`.
struct EndPage {
  absl::Time from;
  AuditId after;
  int64_t limit = 0;
};

ShownConsent Shown(const ListedConsent& listed) {
  const ConsentAct& act = *listed.state.act;
  return {.kind = listed.kind,
          .form_of_care = act.form_of_care,
          .appointment_day = act.appointment_day,
          .decided_at = act.begin,
          .method = act.method,
          .window_end = act.end,
          .standing = listed.state.standing,
          .since = listed.state.since};
}

bool HasEnded(const ConsentState& state) { return EndCodeOf(state.standing).has_value(); }

bool IsAbout(const ListedConsent& listed, const std::optional<FormOfCare>& form,
             const std::optional<absl::CivilDay>& booking) {
  const ConsentAct& act = *listed.state.act;
  return (!form || act.form_of_care == *form) && (!booking || act.appointment_day == booking);
}

// What `end` ended, as it stood at that instant; `history` may hold the end already.
std::vector<ShownConsent> EndedBy(const ConsentEnd& end, const FoundPerson& person) {
  std::vector<ConsentAct> acts;
  for (const FoundConsentAct& found : person.acts) {
    if (found.act.begin <= end.at) acts.push_back(found.act);
  }
  std::vector<ConsentEnd> ends{end};
  for (const ConsentEnd& other : person.ends) {
    if (other.at < end.at) ends.push_back(other);
  }
  std::vector<ShownConsent> shown;
  for (const ListedConsent& listed :
       ConsentsAt({.acts = acts, .ends = ends}, end.person, end.facility_code, end.at)) {
    if (IsAbout(listed, end.form_of_care, end.appointment_day) && listed.state.since == end.at &&
        (end.kinds & ConsentKindBit(listed.kind)) != 0 && HasEnded(listed.state)) {
      shown.push_back(Shown(listed));
    }
  }
  return shown;
}

}  // namespace

// Case is one inquiry on its way through a batch.
struct ConsentDesk::Case {
  const ConsentInquiry* inquiry = nullptr;
  AuditRecord record;
  ConsentAnswer result;
  std::optional<FoundBy> patient;
  std::vector<FoundPerson> persons;
  std::optional<AuditedDecision> decision;
  std::optional<RecordAccess> access;
  std::optional<ConsentEnd> end;
  bool counted = false;  // by the guard
  bool stripped = false;

  bool open() const { return result.status.ok(); }
  const FoundPerson* person() const { return persons.size() == 1 ? &persons.front() : nullptr; }

  void Refuse(Reason reason) {
    result.status = MakeError(reason);
    record.code = static_cast<int>(result.status.code());
    record.reason = FactsOf(reason).name;
  }
  void Fail(const absl::Status& status) {
    result = {};
    result.status = status;
    record.code = static_cast<int>(status.code());
    record.reason = FactsOf(*ReasonOf(status)).name;
    record.details.clear();
    access.reset();
    end.reset();
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
  // Reopen forgets what was decided on an earlier read.
  void Reopen() {
    result = {};
    persons.clear();
    decision.reset();
    access.reset();
    end.reset();
    record.code = 0;
    record.reason.clear();
    record.person.reset();
    record.details.clear();
  }

  void List(const auth::RevocationSnapshot* revocations, const RecordRules& rules, absl::Time now);
  void Revoke(absl::Time now);
  void CheckEnds(const auth::RevocationSnapshot* revocations, const RecordRules& rules,
                 absl::Time now);
  void Explain(const auth::RevocationSnapshot* revocations, const RecordRules& rules,
               absl::Time now);
};

void ConsentDesk::Case::List(const auth::RevocationSnapshot* revocations, const RecordRules& rules,
                             absl::Time now) {
  if (person() == nullptr) return;
  const ConsentFile file(*person());
  for (const ListedConsent& listed :
       ConsentsAt(file.history(), person()->person, inquiry->terminal->facility_code, now)) {
    if (!IsAbout(listed, inquiry->form_of_care, {})) continue;
    ShownConsent& shown = result.consents.emplace_back(Shown(listed));
    if (shown.standing != ConsentStanding::kRunning) continue;
    const auto finding = file.FindingOf(listed.state, revocations, rules, now);
    shown.not_counting = DenialOf(finding, shown.method, now, rules.certificates);
    if (!shown.not_counting && person()->in_question) {
      shown.not_counting = Reason::kIdentityInQuestion;
    }
  }
  record.details = fmt::format("consents={}", result.consents.size());
}

void ConsentDesk::Case::CheckEnds(const auth::RevocationSnapshot* revocations,
                                  const RecordRules& rules, absl::Time now) {
  List(revocations, rules, now);
  std::erase_if(result.consents, [&](const ShownConsent& shown) {
    return !EndCodeOf(shown.standing) || shown.since < inquiry->from || shown.since >= inquiry->to;
  });
  record.details = fmt::format("ends={}", result.consents.size());
}

void ConsentDesk::Case::Revoke(absl::Time now) {
  const bool remembered = inquiry->request_id != RequestId();
  record.details =
      fmt::format("kinds={};reason={}", inquiry->kinds, static_cast<int>(inquiry->reason));
  if (person() == nullptr) return;
  for (const ConsentEnd& earlier : person()->ends) {
    if (!remembered || earlier.request_id != inquiry->request_id) continue;
    if (earlier.request_digest != inquiry->request_digest) return Refuse(Reason::kRequestIdReused);
    result.consents = EndedBy(earlier, *person());
    record.details += ";repeated=1";
    return;
  }
  ConsentEnd made{.person = person()->person,
                  .facility_code = inquiry->terminal->facility_code,
                  .form_of_care = *inquiry->form_of_care,
                  .appointment_day = inquiry->appointment_day,
                  .kinds = 0,
                  .reason = inquiry->reason,
                  .at = now,
                  .audit_id = {},
                  .request_id = inquiry->request_id,
                  .request_digest = inquiry->request_digest};
  // Nothing that was stored before escapes because the clock of who stored it is ahead of ours.
  for (const FoundConsentAct& found : person()->acts) made.at = std::max(made.at, found.act.begin);
  const ConsentFile file(*person());
  for (const ListedConsent& listed :
       ConsentsAt(file.history(), made.person, made.facility_code, made.at)) {
    if (listed.state.standing == ConsentStanding::kRunning &&
        IsAbout(listed, made.form_of_care, made.appointment_day)) {
      made.kinds |= ConsentKindBit(listed.kind) & inquiry->kinds;
    }
  }
  record.details += fmt::format(";ended={}", made.kinds);
  // Who declined every kind of data ends what is left: that eligibility is confirmed without the
  // card.
  const bool related = NeedsRelation(made.form_of_care) && inquiry->kinds == kAllConsentKinds &&
                       RelationAt(file.history(), /*certificates=*/{},
                                  {.person = made.person,
                                   .facility_code = made.facility_code,
                                   .form_of_care = made.form_of_care,
                                   .appointment_day = made.appointment_day},
                                  made.at)
                               .standing == ConsentStanding::kRunning;
  if (made.kinds == 0 && !remembered && !related) return;
  // Kinds that did not run are no reason to end what lasts beside them.
  if (made.kinds == 0 && !related && NeedsRelation(made.form_of_care)) {
    made.kinds = kEndsNoRelation;
  }
  result.consents = EndedBy(made, *person());
  end = std::move(made);
}

void ConsentDesk::Case::Explain(const auth::RevocationSnapshot* revocations,
                                const RecordRules& rules, absl::Time now) {
  if (decision) {
    result.explanations = ExplainAudited(*decision, *inquiry->terminal, person());
    record.details = "decision=" + AuditIdText(*inquiry->decision);
    return;
  }
  result.explanations = {ExplainHypothetical({.terminal = inquiry->terminal,
                                              .kind = inquiry->kind,
                                              .form_of_care = *inquiry->form_of_care,
                                              .appointment_day = inquiry->appointment_day,
                                              .without_branch = inquiry->without_branch},
                                             person(), revocations, rules, now)};
  const Explanation& explanation = result.explanations.front().explanation;
  record.details = fmt::format("kind={};would={}", static_cast<int>(inquiry->kind),
                               explanation.allowed ? "SHOWN" : explanation.reason);
}

ConsentDesk::ConsentDesk(RecordStore& store, InquiryGuard& guard, const Keys& keys,
                         const RecordRules& rules, HashFunction hash)
    : store_(store),
      patients_(guard, keys.handle),
      keys_(keys),
      rules_(rules),
      stream_(store, hash) {}

std::vector<ConsentAnswer> ConsentDesk::Answer(std::span<const ConsentInquiry> inquiries,
                                               const auth::RevocationSnapshot* revocations,
                                               absl::Time now, MonotonicTime deadline) {
  std::vector<Case> cases(inquiries.size());
  std::vector<Case*> all;
  std::vector<Case*> admitted;
  for (size_t i = 0; i < inquiries.size(); ++i) {
    Case& c = cases[i];
    c.inquiry = &inquiries[i];
    c.record = AuditRecordFor(*c.inquiry->terminal, c.inquiry->actor_name, c.inquiry->operation,
                              c.inquiry->form_of_care.value_or(FormOfCare{}), now, keys_.audit);
    c.record.request_id = c.inquiry->request_id;
    c.record.request_digest = c.inquiry->request_digest;
    all.push_back(&c);
  }
  if (Connect(deadline)) {
    for (Case& c : cases) {
      Admit(c, now);
      if (c.open()) admitted.push_back(&c);
    }
    ReadAndDecide(admitted, revocations, now, deadline);
    Write(all, admitted, revocations, now, deadline);
  } else {
    for (Case& c : cases) c.Fail(MakeError(Reason::kDatabaseUnavailable));
  }
  std::vector<ConsentAnswer> answers;
  answers.reserve(cases.size());
  for (Case& c : cases) answers.push_back(std::move(c.result));
  return answers;
}

void ConsentDesk::Admit(Case& c, absl::Time now) {
  const ConsentInquiry& inquiry = *c.inquiry;
  const Terminal& terminal = *inquiry.terminal;
  if (inquiry.refused) return c.Refuse(*inquiry.refused);
  const auto denial = DecideTerminal(
      terminal, {.operation = inquiry.operation,
                 .kind = RecordKind::kEligibility,
                 .form_of_care = inquiry.form_of_care.value_or(FormOfCare::kOutpatient),
                 .at = now});
  if (denial) return c.Refuse(*denial);
  if (!inquiry.patient) return;
  const auto patient = patients_.Resolve(terminal, *inquiry.patient, now);
  if (const auto* refusal = std::get_if<Reason>(&patient)) return c.Refuse(*refusal);
  c.patient = std::get<FoundBy>(patient);
}

void ConsentDesk::ReadAndDecide(std::span<Case*> admitted,
                                const auth::RevocationSnapshot* revocations, absl::Time now,
                                MonotonicTime deadline) {
  for (Case* c : admitted) {
    c->Reopen();
    if (!c->inquiry->patient) FindByFacility(*c, now, deadline);
  }
  FindPatients(admitted, deadline);
  for (Case* c : admitted) {
    if (!c->open()) continue;
    Decide(*c, revocations, now);
    if (!c->end) continue;
    // Those behind it in the batch find it as if it were stored.
    for (Case* other : admitted) {
      for (FoundPerson& person : other->persons) {
        if (other != c && person.person == c->end->person &&
            other->inquiry->terminal->facility_code == c->end->facility_code) {
          person.ends.push_back(*c->end);
        }
      }
    }
  }
}

void ConsentDesk::FindByFacility(Case& c, absl::Time now, MonotonicTime deadline) {
  const ConsentInquiry& inquiry = *c.inquiry;
  const std::string& facility = inquiry.terminal->facility_code;
  if (inquiry.decision) {
    auto decision = RepeatedOnConflict(
        [&] { return store_.ReadDecision(facility, *inquiry.decision, deadline); });
    if (!decision.ok()) return c.Fail(AsAnswer(decision.status()));
    if (!*decision || !SeesRowOf(inquiry.terminal->sees_only, (*decision)->person)) {
      return c.Refuse(Reason::kDecisionNotFound);
    }
    c.decision = *std::move(decision);
    c.patient.reset();
    if (c.decision->person) c.patient = *c.decision->person;
    return;
  }
  const auto read = [&](const EndPage& page) {
    return RepeatedOnConflict([&] {
      return store_.ReadEnds({.facility_code = facility,
                              .form_of_care = inquiry.form_of_care,
                              .from = page.from,
                              .to = inquiry.to,
                              .after = page.after,
                              .most = page.limit},
                             deadline);
    });
  };
  const SeesOnly& sees_only = inquiry.terminal->sees_only;
  auto ends = ReadSeen<ConsentEnd>(
      sees_only, EndPage{.from = inquiry.from, .after = inquiry.after, .limit = kMostEnds + 1},
      deadline, read, [&](const ConsentEnd& end) { return Sees(sees_only, end.person); },
      [](const ConsentEnd& end, EndPage& page) {
        page.from = end.at;
        page.after = end.audit_id;
      });
  if (!ends.ok()) return c.Fail(AsAnswer(ends.status()));
  c.result.more = ends->size() > static_cast<size_t>(kMostEnds);
  if (c.result.more) ends->pop_back();
  for (ConsentEnd& end : *ends) {
    std::string handle =
        keys_.handle.Seal(facility, {.person = end.person.octets, .end = now + kHandleOfEnd});
    c.result.ends.push_back({.patient_handle = std::move(handle), .end = std::move(end)});
  }
  c.record.details = fmt::format("ends={}", c.result.ends.size());
}

void ConsentDesk::FindPatients(std::span<Case*> cases, MonotonicTime deadline) {
  std::vector<Case*> asked;
  std::vector<ConsentQuestion> questions;
  for (Case* c : cases) {
    if (!c->open() || !c->patient) continue;
    asked.push_back(c);
    questions.push_back(
        {.patient = *c->patient, .facility_code = c->inquiry->terminal->facility_code});
  }
  if (asked.empty()) return;
  auto found = RepeatedOnConflict([&] { return store_.ReadConsents(questions, deadline); });
  for (size_t i = 0; i < asked.size(); ++i) {
    if (found.ok()) {
      asked[i]->persons = std::move((*found)[i]);
      const SeesOnly& sees_only = asked[i]->inquiry->terminal->sees_only;
      if (sees_only != nullptr) {
        std::erase_if(asked[i]->persons, [&](const FoundPerson& found_person) {
          return !Sees(sees_only, found_person.person);
        });
      }
    } else {
      asked[i]->Fail(AsAnswer(found.status()));
    }
  }
}

void ConsentDesk::CountInquiry(Case& c, absl::Time now) {
  const auto& named = c.inquiry->patient;
  if (c.counted || !named || !std::holds_alternative<KeyHash>(*named)) return;
  c.counted = true;
  const FoundPerson* person = c.person();
  patients_.Count(*c.inquiry->terminal,
                  person == nullptr ? std::nullopt : std::optional(person->person), now);
}

void ConsentDesk::Decide(Case& c, const auth::RevocationSnapshot* revocations, absl::Time now) {
  CountInquiry(c, now);
  const bool explains = c.inquiry->operation == Operation::kExplainDecision;
  if (c.persons.size() > 1 && !explains) return c.Refuse(Reason::kBranchNumberNeeded);
  switch (c.inquiry->operation) {
    case Operation::kListConsents:
      c.List(revocations, rules_, now);
      break;
    case Operation::kRevokeConsent:
      c.Revoke(now);
      break;
    case Operation::kCheckConsentEnd:
      if (c.patient) c.CheckEnds(revocations, rules_, now);
      break;
    default:
      c.Explain(revocations, rules_, now);
      break;
  }
  const FoundPerson* person = c.person();
  if (person == nullptr) return;
  c.record.person = PseudonymOf(keys_.audit, person->person);
  c.access = RecordAccess{.person = person->person,
                          .at = now,
                          .facility_code = c.inquiry->terminal->facility_code,
                          .user = c.inquiry->terminal->user,
                          .operation = static_cast<int>(c.inquiry->operation),
                          .reason = c.record.reason,
                          .own_act = IsReceptionDoor(*c.inquiry->terminal)};
}

void ConsentDesk::Write(std::span<Case*> cases, std::span<Case*> admitted,
                        const auth::RevocationSnapshot* revocations, absl::Time now,
                        MonotonicTime deadline) {
  bool conflict = false;
  const auto once = [&](std::span<Case*> some) {
    if (conflict && some.size() == cases.size()) {
      ReadAndDecide(admitted, revocations, now, deadline);
    }
    absl::Status status = WriteOnce(some, deadline);
    conflict = StoreFailureOf(status) == StoreFailure::kSerialisation;
    return status;
  };
  const auto exists = [&](const AuditId& id) { return stream_.Exists(id, deadline); };
  WriteBatch(cases, once, exists);
}

absl::Status ConsentDesk::WriteOnce(std::span<Case*> cases, MonotonicTime deadline) {
  return stream_.Write([&](AuditChain& chain) {
    std::vector<AuditRecord> audit;
    std::vector<RecordAccess> accesses;
    std::vector<HeldPerson> held;
    std::vector<ConsentEnd> ends;
    for (Case* c : cases) {
      chain.Link(c->record);
      c->result.audit_id = c->record.id;
      audit.push_back(c->record);
      if (!c->access) continue;
      c->access->audit_id = c->record.id;
      accesses.push_back(*c->access);
      if (c->inquiry->operation != Operation::kRevokeConsent || !c->open()) continue;
      held.push_back({.person = c->person()->person,
                      .stored_ends = c->person()->stored_ends,
                      .ends_now = c->end.has_value()});
      if (!c->end) continue;
      c->end->audit_id = c->record.id;
      ends.push_back(*c->end);
    }
    return store_.Write(audit, accesses, held, ends, deadline);
  });
}

}  // namespace kakunin
