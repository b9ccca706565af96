#include "server/usecases/consent_evidence.h"

#include <algorithm>

#include "auth/encoding.h"

namespace kakunin {

CertificateFinding FindCertificate(const FoundConsentAct& found,
                                   const auth::RevocationSnapshot* revocations,
                                   const RecordRules& rules, absl::Time now) {
  const ConsentAct& act = found.act;
  if (act.issuer_key_id.empty()) return CertificateFinding::kNoCertificate;
  auth::IssuerKeyId issuer;
  const auto serial = auth::SerialNumber::FromBigEndian(auth::AsBytes(act.serial));
  if (!act.crl_partition || act.issuer_key_id.size() != issuer.size() || !serial) {
    return CertificateFinding::kUntraceable;
  }
  if (revocations == nullptr) return CertificateFinding::kUnknown;
  std::copy_n(act.issuer_key_id.begin(), issuer.size(), issuer.begin());
  switch (revocations->LookupAgain(issuer, *act.crl_partition, *serial, now, rules.crl_max_age)) {
    case auth::RevocationState::kRevoked:
      // Also when its holder has a new card since: the list does not say whether the old one was
      // renewed or stolen.
      return CertificateFinding::kRevoked;
    case auth::RevocationState::kMissing:
      return revocations->Holds(issuer) ? CertificateFinding::kUntraceable
                                        : CertificateFinding::kUnknown;
    case auth::RevocationState::kStale:
      return CertificateFinding::kUnknown;
    case auth::RevocationState::kGood:
      break;
  }
  if (act.certificate_not_after && now >= *act.certificate_not_after + absl::Seconds(1)) {
    // A CA lists what has expired no longer: what it once listed is remembered.
    const bool was_revoked = revocations->WasRevokedAgain(
        issuer, *act.crl_partition, *serial, absl::ToUnixSeconds(*act.certificate_not_after));
    return was_revoked ? CertificateFinding::kRevoked : CertificateFinding::kExpired;
  }
  return found.certificate_superseded ? CertificateFinding::kSuperseded : CertificateFinding::kGood;
}

bool LatestActWasInGrace(std::span<const FoundConsentAct> acts) {
  const auto latest = std::ranges::max_element(
      acts, {}, [](const FoundConsentAct& found) { return found.act.begin; });
  return latest != acts.end() && latest->act.method == ConsentMethod::kCardInGrace;
}

ConsentFile::ConsentFile(const FoundPerson& found) : found_(found) {
  acts_.reserve(found.acts.size());
  for (const FoundConsentAct& one : found.acts) acts_.push_back(one.act);
}

std::vector<ConsentEvidence> ConsentFile::Evidence(const ConsentScope& scope, ConsentKind kind,
                                                   const auth::RevocationSnapshot* revocations,
                                                   const RecordRules& rules, absl::Time now) const {
  std::vector<ConsentEvidence> evidence;
  for (const ConsentState& state : ConsentStatesAt(history(), scope, kind, now)) {
    const FoundConsentAct& found = found_.acts[static_cast<size_t>(state.act - acts_.data())];
    evidence.push_back(
        {.state = state, .certificate = FindCertificate(found, revocations, rules, now)});
  }
  return evidence;
}

}  // namespace kakunin
