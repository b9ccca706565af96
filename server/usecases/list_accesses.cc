#include "server/usecases/list_accesses.h"

#include <fmt/format.h>

#include "server/usecases/batch_write.h"
#include "server/usecases/card_act.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

// CardMedium of the public API.
constexpr int kPlasticCard = 1;

// One more than a page tells whether others follow.
AccessRange WithOneMore(AccessRange range) {
  ++range.limit;
  return range;
}

}  // namespace

// Case is one question on its way; open until it is refused or has failed.
struct ListAccesses::Case {
  AuditRecord record;
  ListedAccesses result;
  std::optional<RecordAccess> access;
  bool stripped = false;

  bool open() const { return result.status.ok(); }

  void Refuse(Reason reason, std::string_view exact) {
    result.status = MakeError(reason);
    record.code = static_cast<int>(result.status.code());
    record.reason = exact;
  }
  void Refuse(Reason reason) { Refuse(reason, FactsOf(reason).name); }
  void Fail(const absl::Status& status) {
    result = {};
    result.status = status;
    record.code = static_cast<int>(status.code());
    record.reason = FactsOf(*ReasonOf(status)).name;
    access.reset();
  }
  // Strip leaves nothing but an audit row that says that this question could not be written.
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
};

ListAccesses::ListAccesses(AccessLogStore& store, const auth::HmacKey& audit_key,
                           const ConfirmationRules& rules, HashFunction hash)
    : store_(store), audit_key_(audit_key), rules_(rules), stream_(store, hash) {}

ListedAccesses ListAccesses::OfFacility(const FacilityListing& asked, MonotonicTime deadline) {
  if (!Connect(deadline)) return {.status = MakeError(Reason::kDatabaseUnavailable)};
  Case c{.record = asked.listing.record};
  const AccessRange& range = asked.listing.range;
  if (asked.listing.refused) {
    c.Refuse(*asked.listing.refused);
    return Finish(c, deadline);
  }
  auto found = RepeatedOnConflict(
      [&] { return store_.ReadFacility(asked.facility_code, WithOneMore(range), deadline); });
  if (!found.ok()) {
    c.Fail(AsAnswer(found.status()));
    return Finish(c, deadline);
  }
  if (found->copied_through) {
    // What commits later than its instant is copied later, too.
    c.result.complete_until = *found->copied_through - kAccessCopyOverlap;
  }
  Show(c, std::move(found->accesses), range.limit);
  return Finish(c, deadline);
}

ListedAccesses ListAccesses::OfPatient(const PatientListing& asked, const CardTrust& cards,
                                       MonotonicTime deadline) {
  if (!Connect(deadline)) return {.status = MakeError(Reason::kDatabaseUnavailable)};
  Case c{.record = asked.listing.record};
  const AccessRange& range = asked.listing.range;
  if (asked.listing.refused) {
    c.Refuse(*asked.listing.refused);
  } else if (const auto* act = std::get_if<CardAct>(&asked.patient)) {
    Identify(c, *act, cards, deadline);
  } else {
    c.result.person = std::get<PersonId>(asked.patient);
  }
  if (!c.open() || !c.result.person) return Finish(c, deadline);

  const PersonId person = *c.result.person;
  c.record.person = PseudonymOf(audit_key_, person);
  // The list names the facilities of whoever else the person may be.
  const auto in_question =
      RepeatedOnConflict([&] { return store_.IsInQuestion(person, deadline); });
  if (!in_question.ok()) {
    c.Fail(AsAnswer(in_question.status()));
    return Finish(c, deadline);
  }
  if (*in_question) {
    c.Refuse(Reason::kIdentityInQuestion);
    return Finish(c, deadline);
  }
  auto found =
      RepeatedOnConflict([&] { return store_.ReadPatient(person, WithOneMore(range), deadline); });
  if (!found.ok()) {
    c.Fail(AsAnswer(found.status()));
    return Finish(c, deadline);
  }
  Show(c, *std::move(found), range.limit);
  if (!asked.facility_code.empty()) {
    c.access = RecordAccess{.person = person,
                            .at = c.record.at,
                            .facility_code = asked.facility_code,
                            .user = c.record.user,
                            .operation = c.record.operation};
  }
  return Finish(c, deadline);
}

void ListAccesses::Identify(Case& c, const CardAct& act, const CardTrust& cards,
                            MonotonicTime deadline) {
  const absl::Time now = c.record.at;
  if (!IsHolderVerificationAllowed(act.holder_verification, act.form_of_care, now,
                                   rules_.phone_from)) {
    c.Refuse(Reason::kHolderVerificationNotAllowed);
    c.result.status = HolderVerificationNotAllowed(
        AllowedHolderVerifications(act.form_of_care, now, rules_.phone_from));
    return;
  }
  const ChallengeUse use{.id = act.challenge,
                         .facility_code = act.terminal->facility_code,
                         .terminal_id = act.terminal->terminal_id,
                         .request_digest = c.record.request_digest};
  const auto outcome =
      RepeatedOnConflict([&] { return store_.ConsumeChallenge(use, now, deadline); });
  if (!outcome.ok()) return c.Fail(AsAnswer(outcome.status()));
  const std::string_view fault =
      ChallengeFault(*outcome, {act.terminal, CardPurpose::kListAccess, act.form_of_care},
                     /*retry=*/false, now);
  if (!fault.empty()) return c.Refuse(Reason::kChallengeRefused, fault);
  VerifyCard(c, act, *outcome->challenge, cards, deadline);
}

void ListAccesses::VerifyCard(Case& c, const CardAct& act, const Challenge& challenge,
                              const CardTrust& cards, MonotonicTime deadline) {
  if (cards.trust == nullptr || cards.revocations == nullptr) {
    return c.Refuse(Reason::kRevocationUnknown, "CARD_REVOCATION_MISSING");
  }
  const bool phone = act.holder_verification == HolderVerification::kPhone;
  const auth::CardVerdict verdict =
      auth::VerifyCard(auth::AsBytes(act.certificate), auth::AsBytes(act.signature),
                       ToBeSigned(challenge), *cards.trust, *cards.revocations, rules_.cards,
                       c.record.at, phone ? auth::Medium::kPhone : auth::Medium::kCard);
  if (const auto refusal = RefusalOf(verdict)) return c.Refuse(refusal->reason, refusal->exact);
  const auto holder = RepeatedOnConflict([&] {
    return store_.FindHolder({OctetsOf(verdict.issuer_key_id), OctetsOf(verdict.serial)}, deadline);
  });
  if (!holder.ok()) return c.Fail(AsAnswer(holder.status()));
  if (*holder && (*holder)->superseded) return c.Refuse(Reason::kCardRevoked, "CARD_SUPERSEDED");
  if (verdict.kind == auth::VerdictKind::kEligibilityOnly) {
    // Grace is for eligibility, and for the plastic card alone (jpki.md 1.6).
    const bool plastic = !*holder || (*holder)->medium == kPlasticCard;
    return plastic ? c.Refuse(Reason::kCardEligibilityOnly)
                   : c.Refuse(Reason::kCardExpired, "CARD_EXPIRED_PHONE");
  }
  if (*holder) {
    c.result.person = (*holder)->person;
  } else {
    c.record.details += ";verdict=NOT_REGISTERED";
  }
}

void ListAccesses::Show(Case& c, std::vector<Access> accesses, int limit) {
  if (accesses.size() > static_cast<size_t>(limit)) {
    accesses.resize(static_cast<size_t>(limit));
    c.result.next = AccessPosition{accesses.back().at, accesses.back().audit_id};
  }
  c.record.details += fmt::format(";accesses={}", accesses.size());
  std::string shown;
  for (const Access& access : accesses) shown += AuditIdText(access.audit_id) + '\n';
  c.record.answer_digest = KeyedDigest(audit_key_, shown);
  c.result.accesses = std::move(accesses);
}

ListedAccesses ListAccesses::Finish(Case& c, MonotonicTime deadline) {
  Case* only = &c;
  const auto once = [&](std::span<Case*>) {
    return stream_.Write([&](AuditChain& chain) {
      chain.Link(c.record);
      c.result.audit_id = c.record.id;
      c.result.at = c.record.at;
      if (c.access) c.access->audit_id = c.record.id;
      return store_.Write(c.record, c.access, deadline);
    });
  };
  const auto exists = [&](const AuditId& id) { return stream_.Exists(id, deadline); };
  WriteBatch(std::span<Case*>(&only, 1), once, exists);
  return std::move(c.result);
}

}  // namespace kakunin
