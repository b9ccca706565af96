#include "domain/access_log.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

TEST(AccessLog, TellsNoMoreOfARefusalThanTheCallerWasTold) {
  const std::pair<const char*, Reason> told[] = {
      {"CHALLENGE_OTHER_FACILITY", Reason::kChallengeRefused},
      {"CHALLENGE_USED", Reason::kChallengeRefused},
      {"CARD_CHALLENGE_SIGNATURE", Reason::kCardRefused},
      {"CARD_MALFORMED", Reason::kCardRefused},
      {"CARD_EXPIRED", Reason::kCardExpired},
      {"CARD_EXPIRED_PHONE", Reason::kCardExpired},
      {"CARD_REVOKED", Reason::kCardRevoked},
      {"CARD_SUPERSEDED", Reason::kCardRevoked},
      {"CARD_REVOCATION_STALE", Reason::kRevocationUnknown},
      {"CARD_ELIGIBILITY_ONLY", Reason::kCardEligibilityOnly},
      {"ANSWER_ROW_BROKEN", Reason::kInternal},
      {"ROW_REFUSED", Reason::kInternal}};
  for (const auto& [exact, reason] : told) EXPECT_EQ(ToldReason(exact), reason) << exact;
  // What is audited by a reason's own name is told by it.
  for (const ReasonFacts& facts : AllReasons()) {
    EXPECT_EQ(ToldReason(facts.name), facts.reason) << facts.name;
  }
  EXPECT_FALSE(ToldReason(""));
}

TEST(AccessLog, APatientIsNamedOnlyWhereTheFacilityKnewThem) {
  const auto knows = [](std::optional<Reason> denial) {
    return KnowsPatient(Operation::kGetDrugHistory, denial);
  };
  EXPECT_TRUE(knows(std::nullopt));
  EXPECT_TRUE(KnowsPatient(std::nullopt, std::nullopt));
  for (const Reason told :
       {Reason::kConsentDeclined, Reason::kConsentExpired, Reason::kConsentRevoked,
        Reason::kConsentCertificateRevoked, Reason::kConsentCertificateLapsed,
        Reason::kConsentCertificateUntraceable, Reason::kRevocationUnknown,
        Reason::kIdentityInQuestion, Reason::kCardEligibilityOnly}) {
    EXPECT_TRUE(knows(told)) << FactsOf(told).name;
  }
  for (const Reason silent : {Reason::kNoConsent, Reason::kBranchNumberNeeded,
                              Reason::kNotInService, Reason::kRoleNotAllowed, Reason::kInternal}) {
    EXPECT_FALSE(knows(silent)) << FactsOf(silent).name;
  }
}

// They answer of nobody as of somebody without a consent.
TEST(AccessLog, CallsAboutConsentsNameNobody) {
  for (const int number : {60, 61, 62, 63}) {
    const auto operation = static_cast<Operation>(number);
    EXPECT_FALSE(KnowsPatient(operation, std::nullopt)) << number;
    EXPECT_FALSE(KnowsPatient(operation, Reason::kConsentDeclined)) << number;
  }
}

TEST(AccessLog, ReadsWhatBecameOfEachKind) {
  const auto kinds = AccessedKinds("2=SHOWN;3=CONSENT_DECLINED");
  ASSERT_EQ(kinds.size(), 2u);
  EXPECT_EQ(kinds[0].kind, RecordKind::kTreatment);
  EXPECT_FALSE(kinds[0].denial);
  EXPECT_EQ(kinds[1].kind, RecordKind::kSurgery);
  EXPECT_EQ(kinds[1].denial, Reason::kConsentDeclined);
  EXPECT_TRUE(AccessedKinds("").empty());
  EXPECT_TRUE(AccessedKinds("0=SHOWN;99=SHOWN;x=SHOWN;1;=").empty());
}

}  // namespace
}  // namespace kakunin
