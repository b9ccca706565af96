#include "auth/card_verifier.h"

#include <absl/time/civil_time.h>

#include <algorithm>
#include <optional>

#include "auth/certificate.h"
#include "domain/civil_day.h"

namespace kakunin::auth {
namespace {

constexpr std::string_view kAnyPolicyOid("\x55\x1d\x20\x00", 4);
constexpr uint8_t kClientAuthOid[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};

// The active rule for a key and, if given, a digest; nullptr when the algorithm is not allowed.
const AlgorithmRule* FindRule(const CardPolicy& policy, KeyType type, int bits,
                              std::optional<DigestKind> digest, absl::Time now) {
  for (const AlgorithmRule& rule : policy.algorithms) {
    if (rule.key_type == type && rule.bits == bits && (!digest || rule.digest == *digest) &&
        now >= rule.from && now < rule.to) {
      return &rule;
    }
  }
  return nullptr;
}

// Every policy must be an accepted one; anyPolicy refuses even if someone configured it.
bool PoliciesAccepted(const CertificateView& certificate, const CardPolicy& policy) {
  if (!certificate.certificate_policies) return false;
  DerReader policies(*certificate.certificate_policies);
  while (const std::optional<DerElement> information = policies.ReadAny()) {
    DerReader reader(information->content);
    const std::string_view oid = AsText(reader.ReadAny()->content);
    if (oid == kAnyPolicyOid ||
        std::ranges::find(policy.accepted_policies, oid) == policy.accepted_policies.end()) {
      return false;
    }
  }
  return true;
}

bool UsageAccepted(const CertificateView& certificate) {
  if (certificate.is_ca || !certificate.key_usage_critical ||
      certificate.key_usage != key_usage::kDigitalSignature) {
    return false;
  }
  // JPKI leaves are not known to carry an extended key usage; one that does must allow this use.
  return !certificate.extended_key_usage ||
         ContainsOid(*certificate.extended_key_usage, kClientAuthOid);
}

// The checks of what the issuer wrote, after its signature is proven.
CardReason ProfileDefect(const CertificateView& certificate, const CardPolicy& policy,
                         absl::Time now) {
  if (certificate.has_unknown_critical || certificate.has_path_constraints) {
    return CardReason::kExtension;
  }
  if (policy.policy_required && !PoliciesAccepted(certificate, policy)) return CardReason::kPolicy;
  if (!UsageAccepted(certificate)) return CardReason::kKeyUsage;
  const PublicKeyView& key = certificate.key;
  if (FindRule(policy, key.type, key.bits, std::nullopt, now) == nullptr ||
      (key.type == KeyType::kRsa && !key.IsRsaF4())) {
    return CardReason::kKey;
  }
  return CardReason::kNone;
}

// Possession is what proves that the card's key is there.
struct Possession {
  std::span<const uint8_t> signature;
  std::string_view to_be_signed;
};

// The last step before time and revocation decide: possession of the card's key.
bool ChallengeSigned(const VerificationKey& key, const Possession& possession,
                     const CardPolicy& policy, absl::Time now) {
  const std::span<const uint8_t> signature = possession.signature;
  if (signature.empty() || signature.size() > policy.max_signature_bytes) return false;
  const AlgorithmRule* rule = FindRule(policy, key.type(), key.bits(), std::nullopt, now);
  return rule != nullptr && key.Verify(rule->digest, AsBytes(possession.to_be_signed), signature);
}

struct TimeState {
  bool not_yet_valid;
  bool past_validity;
  bool past_service;  // past grace too, or no grace applies
};

TimeState JudgeTime(const CertificateView& certificate, absl::Time now, Medium medium) {
  TimeState state{};
  state.not_yet_valid = now < absl::FromUnixSeconds(certificate.not_before);
  state.past_validity = now >= absl::FromUnixSeconds(certificate.not_after + 1);
  state.past_service =
      state.past_validity &&
      (medium != Medium::kCard || now >= GraceEnd(absl::FromUnixSeconds(certificate.not_after)));
  return state;
}

CardVerdict Rejected(CardVerdict verdict, CardReason reason) {
  verdict.kind = VerdictKind::kRejected;
  verdict.reason = reason;
  return verdict;
}

CardReason DefectBeforeChain(const std::optional<CertificateView>& certificate) {
  if (!certificate) return CardReason::kMalformed;
  if (certificate->signature_algorithms_differ ||
      certificate->signature_algorithm.digest == DigestKind::kUnknown) {
    return CardReason::kAlgorithm;
  }
  return CardReason::kNone;
}

// The whole verdict; `possession` and `revocations` are null when they are not asked.
CardVerdict Judge(DerBytes certificate_der, const Possession* possession, const TrustStore& trust,
                  const RevocationSnapshot* revocations, const CardPolicy& policy, absl::Time now,
                  Medium medium) {
  CardVerdict verdict;
  if (certificate_der.size() > policy.max_certificate_bytes) {
    return Rejected(verdict, CardReason::kMalformed);
  }
  const std::optional<CertificateView> certificate = ParseCertificate(certificate_der);
  if (const CardReason defect = DefectBeforeChain(certificate); defect != CardReason::kNone) {
    return Rejected(verdict, defect);
  }
  const PinnedRoot* root = trust.hierarchy() == Hierarchy::kUserAuthentication
                               ? trust.FindIssuer(*certificate)
                               : nullptr;
  if (root == nullptr) return Rejected(verdict, CardReason::kIssuer);
  if (FindRule(policy, root->key.type(), root->key.bits(), certificate->signature_algorithm.digest,
               now) == nullptr) {
    return Rejected(verdict, CardReason::kAlgorithm);
  }
  verdict.issuer_key_id = root->key_id;
  verdict.serial = certificate->serial;
  verdict.not_after = absl::FromUnixSeconds(certificate->not_after);
  if (!root->MayIssueAt(now)) return Rejected(verdict, CardReason::kIssuerNotValid);
  if (const CardReason defect = ProfileDefect(*certificate, policy, now);
      defect != CardReason::kNone) {
    return Rejected(verdict, defect);
  }
  // What looks like a key may be none: a point that is not on its curve.
  const std::optional<VerificationKey> key = VerificationKey::Create(certificate->key);
  if (!key) return Rejected(verdict, CardReason::kKey);
  const std::optional<DerBytes> partition = PartitionOf(*certificate);
  if (!partition) return Rejected(verdict, CardReason::kExtension);
  verdict.crl_partition = PartitionIdOf(AsText(*partition));
  const TimeState time = JudgeTime(*certificate, now, medium);
  if (time.not_yet_valid) return Rejected(verdict, CardReason::kNotYetValid);
  // Revoked is said before expired: a card revoked in life has no grace (jpki.md 6 row 15).
  const RevocationState revocation =
      revocations == nullptr ? RevocationState::kGood
                             : revocations->Lookup(root->key_id, AsText(*partition),
                                                   certificate->serial, now, policy.crl_max_age);
  const bool was_revoked = revocations != nullptr && time.past_validity &&
                           revocations->WasRevoked(root->key_id, AsText(*partition),
                                                   certificate->serial, certificate->not_after);
  if (revocation == RevocationState::kRevoked || was_revoked) {
    return Rejected(verdict, CardReason::kRevoked);
  }
  if (time.past_service) return Rejected(verdict, CardReason::kExpired);
  if (possession != nullptr && !ChallengeSigned(*key, *possession, policy, now)) {
    return Rejected(verdict, CardReason::kChallengeSignature);
  }
  if (revocation != RevocationState::kGood) {
    verdict.kind = VerdictKind::kUnavailable;
    verdict.reason = revocation == RevocationState::kMissing ? CardReason::kRevocationMissing
                                                             : CardReason::kRevocationStale;
    return verdict;
  }
  verdict.kind = time.past_validity ? VerdictKind::kEligibilityOnly : VerdictKind::kAccepted;
  verdict.expires_within_three_months =
      !time.past_validity && now >= WarningStart(verdict.not_after);
  return verdict;
}

}  // namespace

std::string_view CardReasonName(CardReason reason) {
  switch (reason) {
    case CardReason::kNone:
      return "NONE";
    case CardReason::kMalformed:
      return "MALFORMED";
    case CardReason::kIssuer:
      return "ISSUER";
    case CardReason::kIssuerNotValid:
      return "ISSUER_NOT_VALID";
    case CardReason::kAlgorithm:
      return "ALGORITHM";
    case CardReason::kExtension:
      return "EXTENSION";
    case CardReason::kPolicy:
      return "POLICY";
    case CardReason::kKeyUsage:
      return "KEY_USAGE";
    case CardReason::kKey:
      return "KEY";
    case CardReason::kNotYetValid:
      return "NOT_YET_VALID";
    case CardReason::kRevoked:
      return "REVOKED";
    case CardReason::kExpired:
      return "EXPIRED";
    case CardReason::kChallengeSignature:
      return "CHALLENGE_SIGNATURE";
    case CardReason::kRevocationMissing:
      return "REVOCATION_MISSING";
    case CardReason::kRevocationStale:
      return "REVOCATION_STALE";
  }
  return "NONE";
}

std::string_view VerdictKindName(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kAccepted:
      return "ACCEPTED";
    case VerdictKind::kEligibilityOnly:
      return "ELIGIBILITY_ONLY";
    case VerdictKind::kRejected:
      return "REJECTED";
    case VerdictKind::kUnavailable:
      return "UNAVAILABLE";
  }
  return "REJECTED";
}

CardPolicy DefaultCardPolicy() {
  CardPolicy policy;
  policy.accepted_policies = {*EncodeOid("1.2.392.200149.8.5.1.3.30")};
  policy.algorithms = {{KeyType::kRsa, 2048, DigestKind::kSha256}};
  return policy;
}

absl::Time GraceEnd(absl::Time not_after) {
  return absl::FromCivil(absl::ToCivilMonth(not_after, JapanTime()) + 4, JapanTime());
}

absl::Time WarningStart(absl::Time not_after) {
  const absl::CivilDay last = absl::ToCivilDay(not_after, JapanTime());
  const absl::CivilMonth month = absl::CivilMonth(last) - 3;
  const absl::CivilDay month_end = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay day = absl::CivilDay(month) + (last.day() - 1);
  return absl::FromCivil(std::min(day, month_end), JapanTime());
}

CardVerdict VerifyCard(std::span<const uint8_t> certificate_der, std::span<const uint8_t> signature,
                       std::string_view to_be_signed, const TrustStore& trust,
                       const RevocationSnapshot& revocations, const CardPolicy& policy,
                       absl::Time now, Medium medium) {
  const Possession possession{signature, to_be_signed};
  return Judge(certificate_der, &possession, trust, &revocations, policy, now, medium);
}

CardVerdict VerifyCardCertificate(std::span<const uint8_t> certificate_der, const TrustStore& trust,
                                  const RevocationSnapshot* revocations, const CardPolicy& policy,
                                  absl::Time now, Medium medium) {
  return Judge(certificate_der, nullptr, trust, revocations, policy, now, medium);
}

}  // namespace kakunin::auth
