#include "domain/access_log.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace kakunin {
namespace {

// The texts that usecases audit beside the names of reasons, each with what its caller is told. In
// order: the first row whose text begins the exact one decides.
struct Told {
  std::string_view begins;
  Reason reason;
};
constexpr std::array kTold = {
    Told{"CHALLENGE_", Reason::kChallengeRefused},
    Told{"CARD_ELIGIBILITY_ONLY", Reason::kCardEligibilityOnly},
    Told{"CARD_REVOCATION_", Reason::kRevocationUnknown},
    Told{"CARD_EXPIRED", Reason::kCardExpired},
    Told{"CARD_REVOKED", Reason::kCardRevoked},
    Told{"CARD_SUPERSEDED", Reason::kCardRevoked},
    Told{"CARD_", Reason::kCardRefused},
    Told{"HOLDER_VERIFICATION_", Reason::kHolderVerificationNotAllowed},
};

}  // namespace

std::optional<Reason> ToldReason(std::string_view exact) {
  if (exact.empty()) return std::nullopt;
  const auto reasons = AllReasons();
  const auto named = std::ranges::find(reasons, exact, &ReasonFacts::name);
  if (named != reasons.end()) return named->reason;
  for (const Told& told : kTold) {
    if (exact.starts_with(told.begins)) return told.reason;
  }
  return Reason::kInternal;
}

bool KnowsPatient(std::optional<Operation> operation, std::optional<Reason> denial) {
  if (operation) {
    switch (*operation) {
      case Operation::kListConsents:
      case Operation::kRevokeConsent:
      case Operation::kCheckConsentEnd:
      case Operation::kExplainDecision:
        return false;
      default:
        break;
    }
  }
  if (!denial) return true;
  switch (*denial) {
    case Reason::kConsentDeclined:
    case Reason::kConsentExpired:
    case Reason::kConsentRevoked:
    case Reason::kConsentCertificateRevoked:
    case Reason::kConsentCertificateLapsed:
    case Reason::kConsentCertificateUntraceable:
    case Reason::kCardEligibilityOnly:
    case Reason::kRevocationUnknown:
    case Reason::kIdentityInQuestion:
      return true;
    default:
      return false;
  }
}

std::vector<AccessedKind> AccessedKinds(std::string_view text) {
  std::vector<AccessedKind> kinds;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    int kind = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + equals, kind);
    if (error != std::errc() || end != one.data() + equals || kind < 1 || kind > kRecordKinds) {
      continue;
    }
    const std::string_view result = one.substr(equals + 1);
    kinds.push_back({.kind = static_cast<RecordKind>(kind),
                     .denial = result == "SHOWN" ? std::nullopt : ToldReason(result)});
  }
  return kinds;
}

}  // namespace kakunin
