#include "server/usecases/confirm_eligibility.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "domain/abnormal_times.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "domain/reception_door.h"
#include "server/usecases/batch_write.h"
#include "server/usecases/confirmation_case.h"
#include "server/usecases/terminal_audit.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

// A restricted terminal is answered what its screen shows (domain.md 4: no file, no medical data):
// neither the handle that opens the rest nor the numbers by which a system files a patient.
bool IsScreenOnly(const Terminal& terminal) { return terminal.kind == TerminalKind::kRestricted; }

}  // namespace
ConfirmEligibility::ConfirmEligibility(ConfirmationStore& store, InquiryGuard& guard,
                                       const ConfirmationKeys& keys, const ConfirmationRules& rules,
                                       AnswerBuilder build, HashFunction hash,
                                       UnlinkedCards* unlinked, const InsurerDelays* delays)
    : store_(store),
      guard_(guard),
      keys_(keys),
      rules_(rules),
      build_(std::move(build)),
      hash_(hash),
      unlinked_(unlinked),
      delays_(delays) {}

bool ConfirmEligibility::Connect(MonotonicTime deadline) {
  if (store_.Connected() && chain_) return true;
  chain_.reset();
  if (!store_.Connected() && !store_.Reconnect(deadline).ok()) return false;
  // A new stream for every connection: rows that the old connection may still commit stay in their
  // own.
  chain_.emplace(StreamId{auth::RandomArray<16>()}, hash_);
  return true;
}

std::vector<Issued> ConfirmEligibility::Issue(std::span<const IssueInquiry> inquiries,
                                              absl::Time now, MonotonicTime deadline) {
  std::vector<Issued> issued(inquiries.size());
  const auto fail_all = [&](const absl::Status& status) {
    for (Issued& one : issued) one = {.status = status};
    return issued;
  };
  if (!Connect(deadline)) return fail_all(MakeError(Reason::kDatabaseUnavailable));

  std::vector<Challenge> challenges;
  std::vector<AuditRecord> audit;
  // What is signed has whole milliseconds.
  const absl::Time expires = absl::FromUnixMillis(absl::ToUnixMillis(now + rules_.challenge_life));
  for (size_t i = 0; i < inquiries.size(); ++i) {
    const IssueInquiry& inquiry = inquiries[i];
    AuditRecord record =
        AuditRecordFor(*inquiry.terminal, inquiry.actor_name, Operation::kBeginCardAuthentication,
                       inquiry.form_of_care, now, keys_.audit);
    record.request_digest = inquiry.request_digest;
    record.details = fmt::format("purpose={}", PurposeName(inquiry.purpose));
    auto refusal = inquiry.refused;
    if (!refusal) {
      refusal = DecideTerminal(*inquiry.terminal, {.operation = Operation::kBeginCardAuthentication,
                                                   .form_of_care = inquiry.form_of_care,
                                                   .at = now});
    }
    if (refusal) {
      issued[i].status = MakeError(*refusal);
      record.code = static_cast<int>(issued[i].status.code());
      record.reason = FactsOf(*refusal).name;
    } else {
      Challenge challenge{.id = {auth::RandomArray<16>()},
                          .facility_code = inquiry.terminal->facility_code,
                          .terminal_id = inquiry.terminal->terminal_id,
                          .purpose = static_cast<int>(inquiry.purpose),
                          .form_of_care = inquiry.form_of_care,
                          .expires = expires};
      issued[i].challenge = challenge.id;
      issued[i].expires = expires;
      issued[i].to_be_signed = ToBeSigned(challenge);
      challenges.push_back(std::move(challenge));
    }
    audit.push_back(std::move(record));
  }

  const absl::Status status = RepeatedOnConflict([&] {
    const AuditChain::Place place = chain_->place();
    for (size_t i = 0; i < audit.size(); ++i) {
      chain_->Link(audit[i]);
      issued[i].audit_id = audit[i].id;
    }
    absl::Status stored = store_.IssueChallenges(challenges, audit, deadline);
    if (!stored.ok()) chain_->ReturnTo(place);
    return stored;
  });
  // An unknown outcome needs no look-up here: an unanswered challenge is worth nothing to anybody.
  if (!status.ok()) return fail_all(AsAnswer(status));
  return issued;
}

std::vector<Confirmed> ConfirmEligibility::Confirm(std::span<const Inquiry> inquiries,
                                                   const CardTrust& cards, absl::Time now,
                                                   MonotonicTime deadline,
                                                   ConfirmationWitness* witness) {
  std::vector<Case> cases(inquiries.size());
  for (size_t i = 0; i < inquiries.size(); ++i) {
    Case& c = cases[i];
    c.inquiry = &inquiries[i];
    const Operation operation = c.card() != nullptr     ? Operation::kConfirmByCard
                                : c.in_abnormal_times() ? Operation::kConfirmInAbnormalTimes
                                : c.named() != nullptr  ? Operation::kConfirmConsented
                                : c.key()->in_bulk      ? Operation::kConfirmInBulk
                                                        : Operation::kConfirmByInsuredNumber;
    c.record = AuditRecordFor(*c.inquiry->terminal, c.inquiry->actor_name, operation,
                              c.inquiry->form_of_care, now, keys_.audit);
    c.record.asked_day = c.inquiry->day;
    c.record.request_id = c.inquiry->request_id;
    c.record.request_digest = c.inquiry->request_digest;
    if (const PersonQuestion* named = c.named()) {
      SetSituation(named->situation, named->rehearsal, c.record);
    } else if (c.inquiry->form_of_care == FormOfCare::kEmergency) {
      const Terminal& terminal = *c.inquiry->terminal;
      const AbnormalTimesPolicy* const right =
          PolicyInForce(terminal, Situation::kEmergency, RecordKind::kEligibility, now);
      const bool rehearsal = right != nullptr && right->rehearsal;
      if (rehearsal) c.rehearsed = terminal.abnormal_times->test_persons;
      SetSituation(Situation::kEmergency, rehearsal, c.record);
    }
    Admit(c, operation, now);
  }

  if (Connect(deadline)) {
    ConsumeChallenges(cases, now, deadline);
    VerifyCards(cases, cards, now);
    std::vector<Case*> open;
    std::vector<Case*> all;
    for (Case& c : cases) {
      all.push_back(&c);
      if (c.open()) open.push_back(&c);
    }
    Read(open, deadline);
    Relate(open, cards, now, deadline);
    DecideAll(open, now, deadline);
    AddReferenceNumbers(open, deadline);
    Write(all, cards, now, deadline, witness);
  } else {
    for (Case& c : cases) c.Fail(MakeError(Reason::kDatabaseUnavailable));
  }

  std::vector<Confirmed> confirmed;
  confirmed.reserve(cases.size());
  for (Case& c : cases) {
    c.result.relation = c.relation;
    confirmed.push_back(std::move(c.result));
  }
  return confirmed;
}

void ConfirmEligibility::Admit(Case& c, Operation operation, absl::Time now) {
  const Inquiry& inquiry = *c.inquiry;
  auto refusal = inquiry.refused;
  if (!refusal) {
    TerminalRequest asked{.operation = operation, .form_of_care = inquiry.form_of_care, .at = now};
    if (const PersonQuestion* named = c.named()) {
      asked.situation = named->situation;
      asked.policy = named->policy;
    }
    refusal = DecideTerminal(*inquiry.terminal, asked);
  }
  const HolderVerificationRules ways{.form = inquiry.form_of_care,
                                     .alone = IsReceptionDoor(*inquiry.terminal),
                                     .phone_from = rules_.phone_from};
  c.ways = ways;
  c.asked_at = now;
  if (!refusal && c.card() != nullptr &&
      !IsHolderVerificationAllowed(c.card()->holder_verification, ways, now)) {
    refusal = Reason::kHolderVerificationNotAllowed;
  }
  if (!refusal && c.key() != nullptr &&
      !guard_.Allows(inquiry.terminal->facility_code, inquiry.terminal->terminal_id, now)) {
    refusal = Reason::kInquiryLimit;
  }
  if (!refusal) return;
  c.Refuse(*refusal, FactsOf(*refusal).name);
  if (*refusal == Reason::kHolderVerificationNotAllowed) {
    c.result.status = HolderVerificationNotAllowed(AllowedHolderVerifications(ways, now));
  }
}

void ConfirmEligibility::ConsumeChallenges(std::span<Case> cases, absl::Time now,
                                           MonotonicTime deadline) {
  std::vector<ChallengeUse> uses;
  std::vector<Case*> users;
  absl::flat_hash_map<ChallengeId, Case*> first_use;
  std::vector<Case*> repeated;
  for (Case& c : cases) {
    if (!c.open() || c.card() == nullptr) continue;
    if (!first_use.emplace(c.card()->challenge, &c).second) {
      repeated.push_back(&c);
      continue;
    }
    uses.push_back({.id = c.card()->challenge,
                    .facility_code = c.inquiry->terminal->facility_code,
                    .terminal_id = c.inquiry->terminal->terminal_id,
                    .request_id = c.inquiry->request_id,
                    .request_digest = c.inquiry->request_digest});
    users.push_back(&c);
  }
  if (uses.empty()) return;
  const auto outcomes =
      RepeatedOnConflict([&] { return store_.ConsumeChallenges(uses, now, deadline); });
  if (!outcomes.ok()) {
    for (Case* c : users) c->Fail(AsAnswer(outcomes.status()));
    for (Case* c : repeated) c->Fail(AsAnswer(outcomes.status()));
    return;
  }
  absl::flat_hash_map<ChallengeId, const ChallengeOutcome*> of_first_use;
  for (size_t i = 0; i < users.size(); ++i) {
    users[i]->JudgeChallenge((*outcomes)[i], now);
    of_first_use[users[i]->card()->challenge] = &(*outcomes)[i];
  }
  // Within one batch the first use goes first; the others see what they would have seen a moment
  // later: the first one as the user, or, if that was refused itself, whoever was before it.
  for (Case* c : repeated) {
    ChallengeOutcome seen = *of_first_use[c->card()->challenge];
    if (seen.consumed_now) {
      const Inquiry& winner = *first_use[c->card()->challenge]->inquiry;
      seen.consumed_now = false;
      seen.used_by_request = winner.request_id;
      seen.used_by_digest = winner.request_digest;
      seen.used_by_terminal_id = winner.terminal->terminal_id;
      seen.used_at = now;
    }
    c->JudgeChallenge(seen, now);
  }
}

void ConfirmEligibility::VerifyCards(std::span<Case> cases, const CardTrust& cards,
                                     absl::Time now) {
  for (Case& c : cases) {
    if (!c.open() || c.card() == nullptr) continue;
    const CardQuestion& card = *c.card();
    if (cards.trust == nullptr || cards.revocations == nullptr) {
      c.Refuse(Reason::kRevocationUnknown, "CARD_REVOCATION_MISSING");
      continue;
    }
    const bool phone = card.holder_verification == HolderVerification::kPhone;
    c.verdict =
        auth::VerifyCard(auth::AsBytes(card.certificate), auth::AsBytes(card.signature),
                         ToBeSigned(*c.challenge), *cards.trust, *cards.revocations, rules_.cards,
                         now, phone ? auth::Medium::kPhone : auth::Medium::kCard);
    c.JudgeCard();
  }
}

void ConfirmEligibility::Read(std::span<Case*> cases, MonotonicTime deadline) {
  if (cases.empty()) return;
  std::vector<KeyHash> keys;
  std::vector<CardKey> card_keys;
  std::vector<PersonId> named;
  for (const Case* c : cases) {
    if (c->card() != nullptr) {
      card_keys.push_back({OctetsOf(c->verdict.issuer_key_id), OctetsOf(c->verdict.serial)});
    } else if (c->named() != nullptr) {
      named.push_back(c->named()->person);
    } else {
      keys.push_back(c->key()->key);
    }
  }
  auto answers = RepeatedOnConflict([&] { return store_.Read(keys, card_keys, deadline); });
  if (!answers.ok()) {
    for (Case* c : cases) c->Fail(AsAnswer(answers.status()));
    return;
  }
  auto persons = named.empty()
                     ? std::vector<PersonAnswer>()
                     : RepeatedOnConflict([&] { return store_.ReadPersons(named, deadline); });
  if (!persons.ok()) {
    for (Case* c : cases) c->Fail(AsAnswer(persons.status()));
    return;
  }
  size_t next_key = 0;
  size_t next_card = 0;
  size_t next_named = 0;
  for (Case* c : cases) {
    if (c->card() != nullptr) {
      c->link = answers->by_card[next_card++];
    } else if (c->named() != nullptr) {
      c->asked = (*persons)[next_named++];
    } else {
      c->persons = std::move(answers->by_key[next_key++]);
    }
    const SeesOnly& tested = c->inquiry->terminal->sees_only;
    if (tested != nullptr) c->DropOthersThan(tested);
    if (c->rehearsed != nullptr) c->DropOthersThan(c->rehearsed);
  }
}

void ConfirmEligibility::DecideAll(std::span<Case*> cases, absl::Time now, MonotonicTime deadline) {
  // Rows of another format come last: reading the truth may end the life of the octets just read.
  std::vector<Case*> of_other_format;
  for (Case* c : cases) {
    if (!c->open()) continue;
    const PersonAnswer* answer = c->Identify();
    if (!c->open()) continue;
    if (answer == nullptr) {
      c->DecideNobody();
      Complete(*c, now);
    } else if (answer->format == kAnswerFormat) {
      Decide(*c, answer->octets, now, /*keep=*/true);
    } else {
      of_other_format.push_back(c);
    }
  }
  for (Case* c : of_other_format) {
    const auto truth = store_.ReadTruth(c->person->person, deadline);
    if (!truth.ok()) {
      c->Fail(AsAnswer(truth.status()));
      continue;
    }
    const std::string row = build_(*truth);
    Decide(*c, row, now, /*keep=*/false);
  }
}

void ConfirmEligibility::Decide(Case& c, std::string_view row, absl::Time now, bool keep) {
  auto coverages = DecodeAnswerRow(row);
  if (!coverages.ok()) {
    c.Refuse(Reason::kInternal, "ANSWER_ROW_BROKEN");
    return;
  }
  c.DecideFor(*coverages, now, rules_.documents);
  Complete(c, now);
  if (keep) c.coverages = *std::move(coverages);
}

void ConfirmEligibility::Complete(Case& c, absl::Time now) {
  const Terminal& terminal = *c.inquiry->terminal;
  const bool by_key = c.key() != nullptr;
  c.Advise(now, delays_);
  c.record.validity = static_cast<int>(c.result.validity);
  c.record.details = c.Details();

  c.octets.assign(1, static_cast<char>(c.result.validity));
  for (const std::string& coverage : c.result.coverages) c.octets += coverage;
  c.record.answer_digest = KeyedDigest(keys_.audit, c.octets);

  if (c.person == nullptr) {
    // A card of nobody's at a facility in the operation test is somebody's all the same.
    if (unlinked_ != nullptr && !c.result.registered && terminal.sees_only == nullptr &&
        c.rehearsed == nullptr) {
      unlinked_->Seen(OctetsOf(c.verdict.issuer_key_id), OctetsOf(c.verdict.serial));
    }
    if (by_key && c.result.validity == Validity::kNotFound) {
      guard_.NoMatch(terminal.facility_code, terminal.terminal_id, now);
      c.NoteNoMatch(now);
    }
    return;
  }
  const PersonId& person = c.person->person;
  if (by_key) guard_.Found(terminal.facility_code, terminal.terminal_id, person, now);
  c.record.person = PseudonymOf(keys_.audit, person);
  c.confirmation = Confirmation{.person = person,
                                .day = c.inquiry->day,
                                .facility_code = terminal.facility_code,
                                .at = now,
                                .validity = c.result.validity,
                                .answer_digest = c.record.answer_digest,
                                .view = c.View(),
                                .own_act = IsReceptionDoor(terminal)};
  if (c.relation) c.confirmation->held_ends = c.stored_ends;
  if (c.in_abnormal_times()) return;  // the view is the handle
  if (c.inquiry->form_of_care == FormOfCare::kEmergency) {
    // It opens a view and nothing else. In its grace a card opens no records.
    if (c.result.card_in_grace) return;
    c.result.patient_handle = keys_.handle.Seal(
        EmergencyScope(terminal.facility_code),
        {.person = person.octets, .end = c.acted + kEmergencyCardLife - absl::Seconds(1)});
    return;
  }
  const auto window = ConsentWindowFor(c.inquiry->form_of_care, now, c.booking());
  const absl::Time end = window ? std::min(window->end, now + absl::Hours(24 * 366)) : now;
  if (IsScreenOnly(terminal)) return;
  c.result.patient_handle =
      keys_.handle.Seal(terminal.facility_code, {.person = person.octets, .end = end});
}

void ConfirmEligibility::AddReferenceNumbers(std::span<Case*> cases, MonotonicTime deadline) {
  std::vector<Case*> named;
  std::vector<ReferenceQuestion> questions;
  for (Case* c : cases) {
    if (!c->confirmation) continue;  // nobody, several, or refused
    if (IsScreenOnly(*c->inquiry->terminal)) continue;
    named.push_back(c);
    questions.push_back({c->confirmation->person, c->inquiry->terminal->facility_code});
  }
  if (questions.empty()) return;
  auto numbers =
      RepeatedOnConflict([&] { return store_.ReadReferenceNumbers(questions, deadline); });
  for (size_t i = 0; i < named.size(); ++i) {
    Case& c = *named[i];
    if (!numbers.ok()) {
      c.Fail(AsAnswer(numbers.status()));
      continue;
    }
    c.result.reference_numbers = std::move((*numbers)[i]);
    if (c.result.reference_numbers.empty()) continue;
    for (const std::string& number : c.result.reference_numbers) {
      c.octets += fmt::format("{}:{}", number.size(), number);
    }
    c.record.answer_digest = KeyedDigest(keys_.audit, c.octets);
    c.confirmation->answer_digest = c.record.answer_digest;
  }
}

void ConfirmEligibility::Write(std::span<Case*> cases, const CardTrust& cards, absl::Time now,
                               MonotonicTime deadline, ConfirmationWitness* witness) {
  bool conflict = false;
  const auto once = [&](std::span<Case*> some) {
    if (conflict) RelateAnew(some, cards, now, deadline);
    absl::Status status = WriteOnce(some, deadline, witness);
    conflict = StoreFailureOf(status) == StoreFailure::kSerialisation;
    return status;
  };
  const auto exists = [&](const AuditId& id) -> absl::StatusOr<bool> {
    if (!Connect(deadline)) return StoreError(StoreFailure::kUnknownOutcome);
    return store_.AuditRowExists(id, deadline);
  };
  // A round of a list is written as one.
  if (witness != nullptr) {
    WriteBatch(cases, once, exists);
    return;
  }
  // What rests on a relation waits for whoever is changing that patient; the desk does not.
  const auto held = std::stable_partition(cases.begin(), cases.end(), [](const Case* c) {
    return !c->confirmation || !c->confirmation->held_ends;
  });
  const auto desk = static_cast<size_t>(held - cases.begin());
  if (desk > 0) WriteBatch(cases.first(desk), once, exists);
  conflict = false;
  if (desk < cases.size()) WriteBatch(cases.subspan(desk), once, exists);
}

absl::Status ConfirmEligibility::WriteOnce(std::span<Case*> cases, MonotonicTime deadline,
                                           ConfirmationWitness* witness) {
  if (!store_.Connected() || !chain_) return StoreError(StoreFailure::kUnavailable);
  std::vector<AuditRecord> audit;
  std::vector<Confirmation> confirmations;
  std::vector<ConsentAct> consents;
  std::vector<NoMatch> no_matches;
  audit.reserve(cases.size());
  confirmations.reserve(cases.size());
  const AuditChain::Place place = chain_->place();
  for (Case* c : cases) {
    chain_->Link(c->record);
    c->result.audit_id = c->record.id;
    c->result.at = c->record.at;
    c->result.relation = c->relation;  // for the witness too
    audit.push_back(c->record);
    if (c->confirmation) {
      c->confirmation->audit_id = c->record.id;
      confirmations.push_back(*c->confirmation);
    }
    if (c->no_match) {
      c->no_match->audit_id = c->record.id;
      no_matches.push_back(*c->no_match);
    }
    if (c->result.consent) {
      c->result.consent->audit_id = c->record.id;
      consents.push_back(*c->result.consent);
    }
  }
  absl::Status status;
  if (witness != nullptr) {
    std::vector<ConfirmationWitness::Seen> seen;
    seen.reserve(cases.size());
    for (const Case* c : cases) {
      seen.push_back({.inquiry = c->inquiry,
                      .confirmed = &c->result,
                      .person = c->confirmation ? &c->confirmation->person : nullptr,
                      .failed = c->failed,
                      .coverages = c->coverages});
    }
    status = witness->WillWrite(seen, deadline);
  }
  if (status.ok()) status = store_.Write(audit, confirmations, consents, no_matches, deadline);
  if (!status.ok()) chain_->ReturnTo(place);
  return status;
}

}  // namespace kakunin
