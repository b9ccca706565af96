#include "server/usecases/explain_decision.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "domain/error.h"
#include "server/usecases/record_details.h"

namespace kakunin {
namespace {

constexpr std::string_view kKinds = "kinds:";
constexpr std::string_view kMonths = "months:";
constexpr std::string_view kView = ";view:";

// KindFact is one kind of an audit row's details: "kinds:2=SHOWN;3=NO_CONSENT;months:...;consents:
// ...;terminal:..." (record_details.h).
struct KindFact {
  RecordKind kind;
  std::string_view word;
};

std::vector<KindFact> KindFacts(std::string_view details) {
  std::vector<KindFact> facts;
  if (!details.starts_with(kKinds)) return facts;
  details.remove_prefix(kKinds.size());
  while (!details.empty()) {
    const std::string_view part = details.substr(0, details.find(';'));
    details.remove_prefix(std::min(details.size(), part.size() + 1));
    int number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    const auto equals = static_cast<size_t>(end - part.data());
    if (error != std::errc() || number < 1 || number > kRecordKinds || equals >= part.size()) break;
    facts.push_back({static_cast<RecordKind>(number), part.substr(equals + 1)});
  }
  return facts;
}

// The last day that was asked for: of "months:2026-01..2026-11" the end of November.
std::optional<absl::CivilDay> AskedThrough(std::string_view details) {
  constexpr size_t kFirst = std::string_view("2026-01..").size();
  constexpr size_t kLast = std::string_view("2026-11").size();
  const size_t at = details.find(kMonths);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view months = details.substr(at + kMonths.size());
  if (months.size() < kFirst + kLast) return std::nullopt;
  absl::CivilMonth month;
  const std::string_view last = months.substr(kFirst, kLast);
  if (!absl::ParseCivilTime({last.data(), last.size()}, &month)) return std::nullopt;
  return absl::CivilDay(month + 1) - 1;
}

// Kinds of an operation whose row tells none: it was refused before they were looked at.
std::vector<KindFact> KindsOf(Operation operation, std::string_view reason) {
  for (int number = 1; number <= kRecordKinds; ++number) {
    const auto kind = static_cast<RecordKind>(number);
    if (RecordOperationFor(kind) == operation) return {{kind, reason}};
  }
  return {};
}

// The consent that a decision rested on, or that came nearest, as it stood then. Rows of before
// `marks` were kept tell none: then the one that stood best.
ConsentState ConsentThen(const ConsentHistory& history, ConsentScope scope, RecordKind kind,
                         const std::optional<std::vector<ConsentMark>>& marks, absl::Time at) {
  const ConsentKind consent = *ConsentFor(kind);
  if (!marks) return ConsentStateAt(history, scope, consent, at);
  const auto mark = std::ranges::find(*marks, kind, &ConsentMark::kind);
  if (mark == marks->end()) return {};
  scope.appointment_day = mark->booking;
  for (const ConsentState& state : ConsentStatesAt(history, scope, consent, at)) {
    if (state.act->begin == mark->begin && state.act->appointment_day == mark->booking) {
      return state;
    }
  }
  return {};  // it has had its time
}

// What RecordService reads of `person` for the call that is asked about.
FoundPerson AsRead(const FoundPerson& person, const HypotheticalCall& asked, absl::Time now) {
  FoundPerson read = person;
  const bool outpatient = asked.form_of_care == FormOfCare::kOutpatient;
  const absl::Time from = outpatient ? now - kOutpatientActs : absl::InfinitePast();
  std::erase_if(read.acts, [&](const FoundConsentAct& found) {
    return found.act.form_of_care != asked.form_of_care || found.act.begin < from ||
           (asked.appointment_day && found.act.appointment_day != asked.appointment_day);
  });
  std::erase_if(read.ends, [&](const ConsentEnd& end) {
    return end.form_of_care != asked.form_of_care || end.at < from;
  });
  return read;
}

}  // namespace

Operation RecordOperationFor(RecordKind kind) {
  switch (kind) {
    case RecordKind::kDrug:
      return Operation::kGetDrugHistory;
    case RecordKind::kTreatment:
    case RecordKind::kSurgery:
      return Operation::kGetTreatmentHistory;
    case RecordKind::kHealthCheck:
      return Operation::kGetHealthChecks;
    case RecordKind::kLimitCertificate:
    case RecordKind::kSpecificDiseaseCertificate:
      return Operation::kGetCertificates;
    case RecordKind::kEligibility:
      return Operation::kConfirmByInsuredNumber;
  }
  return Operation::kConfirmByInsuredNumber;
}

ExplainedKind ExplainHypothetical(const HypotheticalCall& asked, const FoundPerson* person,
                                  const auth::RevocationSnapshot* revocations,
                                  const RecordRules& rules, absl::Time now) {
  RecordCall call{.terminal = asked.terminal,
                  .operation = RecordOperationFor(asked.kind),
                  .kind = asked.kind,
                  .form_of_care = asked.form_of_care,
                  .at = now,
                  .persons_found = person != nullptr ? 1 : 0,
                  .without_branch = asked.without_branch};
  ExplainedKind explained{.kind = asked.kind, .decided_at = now, .explanation = {}};
  const auto consent = ConsentFor(asked.kind);
  if (person == nullptr || !consent) {
    explained.explanation =
        ExplainRecordAccess(call, DecideRecordAccess(call, {}, rules.certificates));
    return explained;
  }
  const FoundPerson read = AsRead(*person, asked, now);
  call.confirmed_for_eligibility_only = LatestActWasInGrace(read.acts);
  call.identity_in_question = read.in_question;
  const ConsentFile file(read);
  const auto evidence = file.Evidence({.person = read.person,
                                       .facility_code = asked.terminal->facility_code,
                                       .form_of_care = asked.form_of_care,
                                       .appointment_day = asked.appointment_day},
                                      *consent, revocations, rules, now);
  explained.explanation =
      ExplainRecordAccess(call, DecideRecordAccess(call, evidence, rules.certificates));
  return explained;
}

std::vector<ExplainedKind> ExplainAudited(const AuditedDecision& decision, const Terminal& terminal,
                                          const FoundPerson* person) {
  Terminal then = terminal;
  then.role = static_cast<Role>(decision.role);
  const auto kept = ReadTerminal(decision.details);
  if (kept) {
    then.kind = kept->kind;
    then.facility_type = kept->facility_type;
  }
  const auto marks = ReadMarks(decision.details);
  const auto operation = static_cast<Operation>(decision.operation);
  std::vector<KindFact> facts = KindFacts(decision.details);
  if (facts.empty()) facts = KindsOf(operation, decision.reason);
  // What was known at that instant, and nothing that came later: at one and the same instant an end
  // came after what was shown.
  FoundPerson known = person != nullptr ? *person : FoundPerson{};
  std::erase_if(known.acts, [&](const auto& found) { return found.act.begin > decision.at; });
  std::erase_if(known.ends, [&](const ConsentEnd& end) {
    return decision.reason.empty() ? end.at >= decision.at : end.at > decision.at;
  });
  const ConsentFile file(known);
  // By a view of abnormal times: which, the form of care tells.
  const bool by_view = decision.details.find(kView) != std::string::npos;
  const bool emergency = decision.form_of_care == static_cast<int>(FormOfCare::kEmergency);
  const Situation situation = !by_view    ? Situation::kNormal
                              : emergency ? Situation::kEmergency
                                          : Situation::kDisaster;

  std::vector<ExplainedKind> explained;
  for (const KindFact& fact : facts) {
    const RecordCall call{.terminal = &then,
                          .operation = operation,
                          .kind = fact.kind,
                          .form_of_care = static_cast<FormOfCare>(decision.form_of_care),
                          .situation = situation,
                          .at = decision.at,
                          .asked_through = AskedThrough(decision.details)};
    RecordDecision decided{.row = AccessRowFor(then, {.operation = operation,
                                                      .kind = fact.kind,
                                                      .form_of_care = call.form_of_care,
                                                      .situation = situation,
                                                      .at = decision.at}),
                           .consent = {},
                           .until = decision.at};
    // A kind that might have been looked at by itself was refused with the whole call.
    const bool shown = fact.word == "SHOWN" && decision.reason.empty();
    if (!shown) {
      const std::string_view word = fact.word == "SHOWN" ? decision.reason : fact.word;
      decided.denial = ReasonNamed(word).value_or(Reason::kInternal);
    }
    // What the policy or the facility's terms refused was refused whatever the patient had said: no
    // consent was looked at. Rows that keep the terminal keep what was looked at, too.
    const bool by_policy =
        !shown &&
        ((kept && !marks) || (decided.row != nullptr && decided.row->denial == decided.denial));
    if (ConsentFor(fact.kind) && person != nullptr && !by_view && !by_policy) {
      decided.consent = ConsentThen(file.history(),
                                    {.person = known.person,
                                     .facility_code = terminal.facility_code,
                                     .form_of_care = call.form_of_care},
                                    fact.kind, marks, decision.at);
      if (shown && decided.consent.standing == ConsentStanding::kRunning) {
        decided.until = decided.consent.until;
      }
    }
    explained.push_back({.kind = fact.kind,
                         .decided_at = decision.at,
                         .explanation = ExplainRecordAccess(call, decided)});
  }
  return explained;
}

}  // namespace kakunin
