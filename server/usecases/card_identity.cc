#include "server/usecases/card_identity.h"

#include "domain/error.h"
#include "domain/reception_door.h"
#include "server/usecases/batch_write.h"

namespace kakunin {
namespace {

// CardMedium of the public API.
constexpr int kPlasticCard = 1;

CardIdentity Refused(Reason reason, std::string_view exact) {
  return {.status = MakeError(reason), .exact = std::string(exact)};
}
CardIdentity Refused(Reason reason) { return Refused(reason, FactsOf(reason).name); }

CardIdentity NotVerifiedBy(const HolderVerificationRules& ways, std::string_view exact,
                           absl::Time now) {
  return {.status = HolderVerificationNotAllowed(AllowedHolderVerifications(ways, now)),
          .exact = std::string(exact)};
}

CardIdentity HolderOf(AccessLogStore& store, const auth::CardVerdict& verdict, const CardAct& act,
                      CardPurpose purpose, HolderVerificationRules ways, absl::Time now,
                      MonotonicTime deadline) {
  auto holder = RepeatedOnConflict([&] {
    return store.FindHolder({OctetsOf(verdict.issuer_key_id), OctetsOf(verdict.serial)}, deadline);
  });
  if (!holder.ok()) return {.status = AsAnswer(holder.status())};
  // In the operation test everybody else's card is nobody's, whatever became of it.
  if (*holder && !Sees(act.terminal->sees_only, (*holder)->person)) holder->reset();
  if (*holder && (*holder)->superseded) return Refused(Reason::kCardRevoked, "CARD_SUPERSEDED");
  const bool plastic = !*holder || (*holder)->medium == kPlasticCard;
  if (verdict.kind == auth::VerdictKind::kEligibilityOnly) {
    // Grace is for eligibility, and for the plastic card alone (jpki.md 1.6).
    if (!plastic) return Refused(Reason::kCardExpired, "CARD_EXPIRED_PHONE");
    // Withdrawing shows nothing and opens nothing, and what was agreed at home runs on (ours).
    if (purpose != CardPurpose::kWithdraw) return Refused(Reason::kCardEligibilityOnly);
  }
  ways.phone = !plastic;
  if (!IsHolderVerificationAllowed(act.holder_verification, ways, now)) {
    return NotVerifiedBy(ways, "HOLDER_VERIFICATION_OF_PHONE", now);
  }
  CardIdentity identity;
  if (*holder) identity.person = (*holder)->person;
  return identity;
}

}  // namespace

CardIdentity IdentifyByCard(AccessLogStore& store, const CardAct& act, CardPurpose purpose,
                            const AuditRecord& record, const CardTrust& cards,
                            const ConfirmationRules& rules, UnlinkedCards* unlinked,
                            MonotonicTime deadline) {
  const absl::Time now = record.at;
  const HolderVerificationRules ways{.form = act.form_of_care,
                                     .alone = IsReceptionDoor(*act.terminal),
                                     .phone_from = rules.phone_from};
  if (!IsHolderVerificationAllowed(act.holder_verification, ways, now)) {
    return NotVerifiedBy(ways, FactsOf(Reason::kHolderVerificationNotAllowed).name, now);
  }
  const ChallengeUse use{.id = act.challenge,
                         .facility_code = act.terminal->facility_code,
                         .terminal_id = act.terminal->terminal_id,
                         .request_digest = record.request_digest};
  const auto outcome =
      RepeatedOnConflict([&] { return store.ConsumeChallenge(use, now, deadline); });
  if (!outcome.ok()) return {.status = AsAnswer(outcome.status())};
  const std::string_view fault =
      ChallengeFault(*outcome, {act.terminal, purpose, act.form_of_care}, /*retry=*/false, now);
  if (!fault.empty()) return Refused(Reason::kChallengeRefused, fault);
  if (cards.trust == nullptr || cards.revocations == nullptr) {
    return Refused(Reason::kRevocationUnknown, "CARD_REVOCATION_MISSING");
  }
  const bool phone = act.holder_verification == HolderVerification::kPhone;
  const auth::CardVerdict verdict =
      auth::VerifyCard(auth::AsBytes(act.certificate), auth::AsBytes(act.signature),
                       ToBeSigned(*outcome->challenge), *cards.trust, *cards.revocations,
                       rules.cards, now, phone ? auth::Medium::kPhone : auth::Medium::kCard);
  if (const auto refusal = RefusalOf(verdict)) return Refused(refusal->reason, refusal->exact);
  CardIdentity identity = HolderOf(store, verdict, act, purpose, ways, now, deadline);
  if (identity.status.ok() && !identity.person && unlinked != nullptr &&
      act.terminal->sees_only == nullptr) {
    unlinked->Seen(OctetsOf(verdict.issuer_key_id), OctetsOf(verdict.serial));
  }
  return identity;
}

}  // namespace kakunin
