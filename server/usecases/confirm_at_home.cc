// What ConfirmEligibility does at home: answers without the card rest on the patient's relation.
#include "domain/error.h"
#include "server/usecases/batch_write.h"
#include "server/usecases/confirmation_case.h"
#include "server/usecases/consent_evidence.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// Whether an answer that rests on `a` rests on `b` as well, with the same pieces and the same end.
bool ShowsTheSame(const HomeRelation& a, const HomeRelation& b) {
  return a.open == b.open && a.unknown == b.unknown && a.booking == b.booking &&
         a.given == b.given && a.until == b.until;
}

// How the certificate of each act stands now.
std::vector<CertificateFinding> FindingsOf(const RelationRows& rows, const CardTrust& cards,
                                           absl::Duration crl_max_age, absl::Time now) {
  std::vector<CertificateFinding> findings;
  findings.reserve(rows.acts.size());
  for (size_t i = 0; i < rows.acts.size(); ++i) {
    findings.push_back(FindCertificate(rows.acts[i], rows.certificates[i], cards.revocations.get(),
                                       crl_max_age, now));
  }
  return findings;
}

}  // namespace

absl::Status ConfirmEligibility::ReadRelations(std::span<Case*> cases, const CardTrust& cards,
                                               absl::Time now, MonotonicTime deadline) {
  if (cases.empty()) return absl::OkStatus();
  std::vector<RelationQuestion> questions;
  questions.reserve(cases.size());
  for (Case* c : cases) {
    // Of nobody is asked as well: how long an answer takes must not tell who is known.
    const PersonAnswer* person = c->Identify();
    questions.push_back({.person = person != nullptr ? person->person : PersonId{},
                         .facility_code = c->inquiry->terminal->facility_code,
                         .form_of_care = c->inquiry->form_of_care});
  }
  auto found = RepeatedOnConflict([&] { return store_.ReadRelations(questions, deadline); });
  if (!found.ok()) return AsAnswer(found.status());
  for (size_t i = 0; i < cases.size(); ++i) {
    const RelationRows& rows = (*found)[i];
    const auto findings = FindingsOf(rows, cards, rules_.cards.crl_max_age, now);
    cases[i]->relation = RelationAt({.acts = rows.acts, .ends = rows.ends},
                                    {.findings = findings, .rules = rules_.consents},
                                    {.person = questions[i].person,
                                     .facility_code = questions[i].facility_code,
                                     .form_of_care = questions[i].form_of_care,
                                     .appointment_day = cases[i]->inquiry->appointment_day},
                                    now);
    cases[i]->stored_ends = rows.stored_ends;
  }
  return absl::OkStatus();
}

void ConfirmEligibility::Relate(std::span<Case*> cases, const CardTrust& cards, absl::Time now,
                                MonotonicTime deadline) {
  std::vector<Case*> asked;
  for (Case* c : cases) {
    if (c->open() && c->needs_relation()) asked.push_back(c);
  }
  if (const absl::Status read = ReadRelations(asked, cards, now, deadline); !read.ok()) {
    for (Case* c : asked) c->Fail(read);
    return;
  }
  for (Case* c : asked) {
    const auto denial = DenialOf(c->relation.value_or(HomeRelation{}), c->inquiry->day);
    if (!denial) continue;
    c->Refuse(*denial, FactsOf(*denial).name);
    if (c->person != nullptr) c->record.person = PseudonymOf(keys_.audit, c->person->person);
    if (c->key() == nullptr) continue;
    const Terminal& terminal = *c->inquiry->terminal;
    if (*denial == Reason::kNoConsent) {
      guard_.NoMatch(terminal.facility_code, terminal.terminal_id, now);
    } else {
      guard_.Found(terminal.facility_code, terminal.terminal_id, c->person->person, now);
    }
  }
}

void ConfirmEligibility::RelateAnew(std::span<Case*> cases, const CardTrust& cards, absl::Time now,
                                    MonotonicTime deadline) {
  std::vector<Case*> held;
  std::vector<HomeRelation> relations;
  std::vector<int64_t> ends;
  for (Case* c : cases) {
    if (!c->confirmation || !c->relation) continue;
    held.push_back(c);
    relations.push_back(*c->relation);
    ends.push_back(c->stored_ends);
  }
  const absl::Status read = ReadRelations(held, cards, now, deadline);
  for (size_t i = 0; i < held.size(); ++i) {
    Case& c = *held[i];
    if (!read.ok()) {
      c.Fail(read);
    } else if (const auto denial = DenialOf(*c.relation, c.inquiry->day)) {
      c.TakeBack(*denial);
    } else if (c.stored_ends != ends[i] || !ShowsTheSame(*c.relation, relations[i])) {
      // Something ended meanwhile, or a repair has moved the person: what was read may be another's
      // by now. To be asked again.
      c.Fail(MakeError(Reason::kDatabaseUnavailable));
    }
  }
}

}  // namespace kakunin
