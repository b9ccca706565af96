#include "server/usecases/consent_evidence.h"

#include <algorithm>

#include "auth/encoding.h"

namespace kakunin {

CertificateFinding FindCertificate(const ConsentAct& act, StoredCertificate stored,
                                   const auth::RevocationSnapshot* revocations,
                                   absl::Duration crl_max_age, absl::Time now) {
  if (act.issuer_key_id.empty()) return CertificateFinding::kNoCertificate;
  if (stored == StoredCertificate::kRevoked) return CertificateFinding::kRevoked;
  auth::IssuerKeyId issuer;
  const auto serial = auth::SerialNumber::FromBigEndian(auth::AsBytes(act.serial));
  if (!act.crl_partition || act.issuer_key_id.size() != issuer.size() || !serial) {
    return CertificateFinding::kUntraceable;
  }
  if (revocations == nullptr) return CertificateFinding::kUnknown;
  std::copy_n(act.issuer_key_id.begin(), issuer.size(), issuer.begin());
  switch (revocations->LookupAgain(issuer, *act.crl_partition, *serial, now, crl_max_age)) {
    case auth::RevocationState::kRevoked:
      // Also when its holder has a new card since: whose card was stolen gets one, too.
      return CertificateFinding::kRevoked;
    case auth::RevocationState::kSuperseded:
      return CertificateFinding::kSuperseded;
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
    if (!was_revoked) return CertificateFinding::kExpired;
    return revocations->WasSupersededAgain(issuer, *act.crl_partition, *serial)
               ? CertificateFinding::kSuperseded
               : CertificateFinding::kRevoked;
  }
  return stored == StoredCertificate::kSuperseded ? CertificateFinding::kSuperseded
                                                  : CertificateFinding::kGood;
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
    evidence.push_back({.state = state, .certificate = FindingOf(state, revocations, rules, now)});
  }
  return evidence;
}

CertificateFinding ConsentFile::FindingOf(const ConsentState& state,
                                          const auth::RevocationSnapshot* revocations,
                                          const RecordRules& rules, absl::Time now) const {
  const FoundConsentAct& found = found_.acts[static_cast<size_t>(state.act - acts_.data())];
  return FindCertificate(found.act, found.certificate, revocations, rules.crl_max_age, now);
}

}  // namespace kakunin
