// Our card verifier against OpenSSL's path validation on mutated certificates.
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "auth/chain_verifier.h"
#include "card_pki.h"
#include "certificate_mutator.h"
#include "explained_refusals.h"
#include "openssl_peer.h"
#include "tests/support/test_seed.h"

namespace kakunin::auth {
namespace {

CardVerdict JudgeMutant(const Mutant& mutant) {
  const DifferentialWorld& world = DifferentialWorld::Get();
  return VerifyCardCertificate(AsBytes(mutant.der), *world.store, &world.revocations, world.policy,
                               mutant.now, mutant.medium);
}

// The general verifier, given the root that made the certificate: it tells roots of one name apart
// by the authority key identifier alone.
ChainVerdict JudgeByChain(const Mutant& mutant, const IssuerKeyId& issuer) {
  const DifferentialWorld& world = DifferentialWorld::Get();
  ChainQuestion question;
  question.anchors = {world.store->FindByKeyId(issuer)->der};
  question.chain = {mutant.der};
  question.crls = world.crls;
  question.time = mutant.now;
  question.policies = {"1.2.392.200149.8.5.1.3.30"};
  question.require_explicit_policy = true;
  return VerifyChain(question);
}

// The one accept of ours that the general verifier does not share: an authority key identifier that
// points to another key. The signature decides, not the hint (jpki.md 6 row 3).
bool PointsAtOtherKey(const PeerCertificate& certificate, const IssuerKeyId& issuer) {
  const PeerCertificate root =
      OpenSslPeer::Parse(DifferentialWorld::Get().store->FindByKeyId(issuer)->der);
  X509_check_purpose(root.get(), -1, 0);  // makes OpenSSL read the root's own key identifier
  const std::shared_ptr<AUTHORITY_KEYID> key_id(
      static_cast<AUTHORITY_KEYID*>(
          X509_get_ext_d2i(certificate.get(), NID_authority_key_identifier, nullptr, nullptr)),
      AUTHORITY_KEYID_free);
  return key_id != nullptr && X509_check_akid(root.get(), key_id.get()) != X509_V_OK;
}

// A message that lets a person repeat the case.
std::string Show(const Mutant& mutant) {
  return mutant.recipe + "\nat " + absl::FormatTime(mutant.now, absl::UTCTimeZone()) + "\n" +
         CertificatePem(mutant.der);
}

TEST(Differential, EveryAcceptIsOpenSslsAndEveryRefusalOfItsAcceptsIsExplained) {
  const int mutants = std::getenv("KAKUNIN_LONG") != nullptr ? 10'000 : 1'000;
  SCOPED_TRACE(SeedTrace());
  const OpenSslPeer peer(DifferentialWorld::Get());
  CertificateMutator mutator(TestSeed());
  std::map<std::string, int> verdicts;
  std::map<std::string_view, int> explained;
  std::set<CardReason> reached;
  int accepted_by_both = 0;
  int other_key_hinted = 0;
  for (int i = 0; i < mutants; ++i) {
    const Mutant mutant = mutator.Next();
    const CardVerdict verdict = JudgeMutant(mutant);
    ++verdicts[Describe(verdict)];
    reached.insert(verdict.reason);
    const PeerCertificate certificate = OpenSslPeer::Parse(mutant.der);
    const int error = peer.Verify(certificate, mutant.now);
    if (verdict.kind == VerdictKind::kAccepted) {
      if (mutant.now >= verdict.not_after) continue;  // the last second: its own case below
      ++accepted_by_both;
      EXPECT_EQ(error, X509_V_OK) << X509_verify_cert_error_string(error) << ": " << Show(mutant);
      const ChainVerdict chain = JudgeByChain(mutant, verdict.issuer_key_id);
      if (PointsAtOtherKey(certificate, verdict.issuer_key_id)) {
        ++other_key_hinted;
        EXPECT_EQ(chain.reason, "ISSUER") << Show(mutant);
      } else {
        EXPECT_EQ(chain.kind, VerdictKind::kAccepted) << chain.reason << ": " << Show(mutant);
      }
    } else if (error == X509_V_OK) {
      const ExplainedRefusal* refusal = Explain(verdict.reason, mutant, certificate);
      if (refusal != nullptr) ++explained[refusal->rule];
      EXPECT_NE(refusal, nullptr) << Describe(verdict) << ": " << Show(mutant);
    }
  }
  std::cout << mutants << " mutants, " << accepted_by_both << " accepted by both, of these "
            << other_key_hinted << " with a key identifier of another CA\n";
  for (const auto& [name, count] : verdicts) std::cout << count << " " << name << "\n";
  std::cout << "refused by us alone:\n";
  for (const auto& [rule, count] : explained) std::cout << count << " " << rule << "\n";
  // The corpus must exercise what it is there for.
  EXPECT_GE(accepted_by_both, mutants / 10);
  EXPECT_GT(other_key_hinted, 0);
  for (int r = 0; r <= static_cast<int>(CardReason::kRevocationStale); ++r) {
    const auto reason = static_cast<CardReason>(r);
    if (reason == CardReason::kChallengeSignature) continue;  // no challenge is asked
    EXPECT_TRUE(reached.contains(reason)) << CardReasonName(reason);
  }
}

TEST(Differential, LastSecondAndGraceAreOursAlone) {
  const OpenSslPeer peer(DifferentialWorld::Get());
  const DifferentialWorld& world = DifferentialWorld::Get();
  CertificateSpec spec = DefaultCertificate();
  spec.not_after = Now();
  const std::string der = SignedBy(spec, world.issuers[DifferentialWorld::kGeneration3]);
  const PeerCertificate certificate = OpenSslPeer::Parse(der);
  const auto at = [&](absl::Duration offset) {
    return Describe(JudgeMutant({der, "", Now() + offset, Medium::kCard}));
  };
  EXPECT_EQ(at(absl::Seconds(-1)), "ACCEPTED NONE");
  EXPECT_EQ(peer.Verify(certificate, Now() - absl::Seconds(1)), X509_V_OK);
  EXPECT_EQ(at(absl::ZeroDuration()), "ACCEPTED NONE");
  EXPECT_EQ(peer.Verify(certificate, Now()), X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(at(absl::Seconds(1)), "ELIGIBILITY_ONLY NONE");
  EXPECT_EQ(peer.Verify(certificate, Now() + absl::Seconds(1)), X509_V_ERR_CERT_HAS_EXPIRED);
}

}  // namespace
}  // namespace kakunin::auth
