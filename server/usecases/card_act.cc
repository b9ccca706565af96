#include "server/usecases/card_act.h"

#include <fmt/format.h>

#include "auth/challenge.h"

namespace kakunin {
namespace {

std::string_view FormName(FormOfCare form) {
  switch (form) {
    case FormOfCare::kOutpatient:
      return "OUTPATIENT";
    case FormOfCare::kHomeVisit:
      return "HOME_VISIT";
    case FormOfCare::kOnlineCare:
      return "ONLINE_CARE";
    case FormOfCare::kEmergency:
      return "EMERGENCY";
  }
  return "";
}

}  // namespace

std::string_view PurposeName(CardPurpose purpose) {
  switch (purpose) {
    case CardPurpose::kConfirm:
      return "CONFIRM";
    case CardPurpose::kConsent:
      return "CONSENT";
    case CardPurpose::kWithdraw:
      return "WITHDRAW";
    case CardPurpose::kListAccess:
      return "LIST_ACCESS";
  }
  return "";
}

std::string ToBeSigned(const Challenge& challenge) {
  return auth::BuildToBeSigned({.facility_code = challenge.facility_code,
                                .terminal_id = challenge.terminal_id,
                                .purpose = PurposeName(static_cast<CardPurpose>(challenge.purpose)),
                                .form_of_care = FormName(challenge.form_of_care),
                                .nonce = challenge.id.octets,
                                .expire_time = challenge.expires});
}

std::string_view ChallengeFault(const ChallengeOutcome& outcome, const CardUse& use, bool retry,
                                absl::Time now) {
  if (!outcome.challenge) return "CHALLENGE_UNKNOWN";
  const Challenge& challenge = *outcome.challenge;
  if (challenge.facility_code != use.terminal->facility_code) return "CHALLENGE_OTHER_FACILITY";
  if (challenge.terminal_id != use.terminal->terminal_id) return "CHALLENGE_OTHER_TERMINAL";
  if (challenge.purpose != static_cast<int>(use.purpose)) return "CHALLENGE_OTHER_PURPOSE";
  if (challenge.form_of_care != use.form_of_care) return "CHALLENGE_OTHER_FORM_OF_CARE";
  if (now >= challenge.expires) return "CHALLENGE_EXPIRED";
  if (!outcome.consumed_now && !retry) return "CHALLENGE_USED";
  return {};
}

std::optional<CardRefusal> RefusalOf(const auth::CardVerdict& verdict) {
  using auth::CardReason;
  using auth::VerdictKind;
  std::string exact = fmt::format("CARD_{}", auth::CardReasonName(verdict.reason));
  switch (verdict.kind) {
    case VerdictKind::kAccepted:
    case VerdictKind::kEligibilityOnly:
      return std::nullopt;
    case VerdictKind::kUnavailable:
      return CardRefusal{Reason::kRevocationUnknown, std::move(exact)};
    case VerdictKind::kRejected:
      break;
  }
  switch (verdict.reason) {
    case CardReason::kExpired:
      return CardRefusal{Reason::kCardExpired, std::move(exact)};
    case CardReason::kRevoked:
      return CardRefusal{Reason::kCardRevoked, std::move(exact)};
    default:
      return CardRefusal{Reason::kCardRefused, std::move(exact)};
  }
}

std::string_view OctetsOf(const auth::IssuerKeyId& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

std::string_view OctetsOf(const auth::SerialNumber& serial) {
  return {reinterpret_cast<const char*>(serial.bytes().data()), serial.bytes().size()};
}

}  // namespace kakunin
