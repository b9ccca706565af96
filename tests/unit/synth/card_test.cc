#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "auth/card_verifier.h"
#include "auth/issuance.h"
#include "auth/private_key.h"
#include "domain/civil_day.h"
#include "server/synth/card_certificate.h"
#include "server/synth/nation.h"
#include "server/synth/test_persons.h"

namespace kakunin::synth {
namespace {

const absl::CivilDay kToday(2026, 11, 21);

// CardWorld is an installation's card PKI for one nation: three CAs of one name, a key for all
// cards, and the CRLs of every partition.
class CardWorld {
 public:
  explicit CardWorld(const NationOptions& options)
      : now_(StartOfDay(options.today) + absl::Hours(10)) {
    std::vector<std::string> roots;
    for (const CertificatePeriod& period : CardAuthorityPeriods(options.today)) {
      authorities_.push_back(auth::MakeAuthority(auth::JpkiAuthenticationName(),
                                                 auth::PrivateKey::GenerateRsa(), period.not_before,
                                                 period.not_after));
      roots.push_back(authorities_.back().certificate_der);
    }
    trust_ = *auth::TrustStore::Create(auth::Hierarchy::kUserAuthentication, roots);
    for (const CrlPartition& partition : Nation(options).CrlPartitions()) {
      auto crl = std::make_shared<auth::CrlPartition>();
      crl->issuer = KeyId(partition.generation);
      crl->name = auth::MunicipalityPoint(partition.municipality_code);
      crl->this_update = absl::ToUnixSeconds(now_ - absl::Hours(1));
      crl->next_update = absl::ToUnixSeconds(now_ + absl::Hours(24));
      for (const CardRecord& card : partition.revoked) crl->serials.push_back(card.serial);
      std::sort(crl->serials.begin(), crl->serials.end());
      revocations_.Put(std::move(crl));
    }
  }

  auth::CardVerdict Present(const CardRecord& card) const {
    const auth::Authority& issuer = authorities_[static_cast<size_t>(card.generation - 1)];
    const std::string der = auth::IssueCertificate(
        CertificateSpecFor(card, issuer, key_.PublicKeyDer()), issuer.subject, issuer.key);
    const std::string signature = key_.Sign("challenge");
    return auth::VerifyCard(
        auth::AsBytes(der), auth::AsBytes(signature), "challenge", *trust_, revocations_,
        auth::DefaultCardPolicy(), now_,
        card.medium == v1::CARD_MEDIUM_CARD ? auth::Medium::kCard : auth::Medium::kPhone);
  }

 private:
  auth::IssuerKeyId KeyId(int generation) const {
    return auth::Sha256(authorities_[static_cast<size_t>(generation - 1)].key.PublicKeyDer());
  }

  absl::Time now_;
  std::vector<auth::Authority> authorities_;
  auth::PrivateKey key_ = auth::PrivateKey::GenerateRsa();
  std::shared_ptr<const auth::TrustStore> trust_;
  auth::RevocationSnapshot revocations_;
};

NationOptions Options() { return {.seed = 11, .persons = 4'000, .today = kToday}; }

const CardWorld& World() {
  static const auto& world = *new CardWorld(Options());
  return world;
}

TEST(SynthCards, VerifierAgreesWithTheTestPersonsTable) {
  for (const TestPerson& line : TestPersons(kToday)) {
    if (!line.same_person_as.empty()) continue;
    const auth::CardVerdict verdict = World().Present(line.cards.at(0));
    const std::string reason(auth::CardReasonName(verdict.reason));
    switch (line.by_card.verdict) {
      case v1::CARD_VERDICT_ACCEPTED:
      case v1::CARD_VERDICT_NOT_REGISTERED:
        EXPECT_EQ(verdict.kind, auth::VerdictKind::kAccepted) << line.id << " " << reason;
        break;
      case v1::CARD_VERDICT_ELIGIBILITY_ONLY:
        EXPECT_EQ(verdict.kind, auth::VerdictKind::kEligibilityOnly) << line.id << " " << reason;
        break;
      default:
        // A superseded card is good in itself: the links refuse it.
        if (line.by_card.refusal == "SUPERSEDED") {
          EXPECT_EQ(verdict.kind, auth::VerdictKind::kAccepted) << line.id << " " << reason;
        } else {
          EXPECT_EQ(verdict.kind, auth::VerdictKind::kRejected) << line.id;
          EXPECT_EQ(reason, line.by_card.refusal) << line.id;
        }
    }
    EXPECT_EQ(line.cards[0].linked, line.by_card.verdict != v1::CARD_VERDICT_NOT_REGISTERED);
  }
}

TEST(SynthCards, VerifierAgreesWithEveryState) {
  std::map<CardState, int> states;
  std::map<int, int> media, generations;
  Nation(Options()).ForEachCard([&](const CardRecord& card, const std::string&) {
    ++media[card.medium];
    ++generations[card.generation];
    // Some dozens of each state: issuing and verifying a card takes a millisecond.
    if (++states[card.state] > 40) return;
    const auth::CardVerdict verdict = World().Present(card);
    const std::string reason(auth::CardReasonName(verdict.reason));
    switch (card.state) {
      case CardState::kValid:
      case CardState::kSuperseded:
      case CardState::kNotLinked:
        EXPECT_EQ(verdict.kind, auth::VerdictKind::kAccepted) << reason;
        break;
      case CardState::kInGrace:
        EXPECT_EQ(verdict.kind, auth::VerdictKind::kEligibilityOnly) << reason;
        break;
      case CardState::kExpired:
        EXPECT_EQ(reason, "EXPIRED");
        break;
      case CardState::kRevoked:
        EXPECT_EQ(reason, "REVOKED");
        break;
      case CardState::kIssuerOver:
        EXPECT_EQ(reason, "ISSUER_NOT_VALID");
        break;
    }
  });
  EXPECT_EQ(states.size(), 7u) << "4,000 persons have a card of every state";
  EXPECT_EQ(media.size(), 3u);
  EXPECT_EQ(generations.size(), 3u);
}

TEST(SynthCards, CertificatesLieWithinTheirAuthority) {
  const auto periods = CardAuthorityPeriods(kToday);
  Nation(Options()).ForEachCard([&](const CardRecord& card, const std::string&) {
    const CertificatePeriod& ca = periods[static_cast<size_t>(card.generation - 1)];
    ASSERT_GE(card.not_before, ca.not_before);
    ASSERT_LT(card.not_before, ca.not_after);
    ASSERT_LT(card.not_before, card.not_after);
    ASSERT_LE(card.not_before, StartOfDay(kToday));
    ASSERT_LT(card.serial, uint64_t{1} << 32);
    ASSERT_LT(card.key_index, Options().key_pool_size);
  });
}

TEST(SynthCards, SerialsNeverRepeat) {
  std::set<uint64_t> serials;
  Nation(Options()).ForEachCard([&](const CardRecord& card, const std::string&) {
    ASSERT_TRUE(serials.insert(card.serial).second);
  });
}

TEST(SynthCards, SomePeopleHaveNoCardAndSomeHaveSeveral) {
  const Nation nation(Options());
  std::map<size_t, int> cards;
  for (int64_t i = 0; i < 1'000; ++i) ++cards[nation.MakePerson(i).cards.size()];
  EXPECT_GT(cards[0], 100);
  EXPECT_GT(cards[1], 500);
  EXPECT_GT(cards[2], 50);
}

TEST(SynthCards, RevokedSerialsAreThePartitionsOwn) {
  const Nation nation(Options());
  size_t all = 0;
  for (const CrlPartition& partition : nation.CrlPartitions()) all += partition.revoked.size();
  EXPECT_GT(all, 50u);
  const std::string code(Municipalities()[0].code);
  std::set<uint64_t> expected;
  for (const CrlPartition& partition : nation.CrlPartitions()) {
    if (partition.generation != 3 || partition.municipality_code != code) continue;
    for (const CardRecord& card : partition.revoked) expected.insert(card.serial);
  }
  const auto serials = nation.RevokedSerials(3, code);
  EXPECT_EQ(std::set<uint64_t>(serials.begin(), serials.end()), expected);
  EXPECT_FALSE(serials.empty());
  EXPECT_TRUE(nation.RevokedSerials(3, "00000").empty());
}

TEST(SynthCards, EveryMunicipalityAndGenerationHasAPartition) {
  EXPECT_EQ(Nation(Options()).CrlPartitions().size(), Municipalities().size() * kCardGenerations);
}

TEST(SynthCards, EndsOnTheFifthBirthdayAfterIssue) {
  const absl::CivilDay born(1990, 2, 17);
  // jpki.md 1.3: 2025-10-27 .. 2030-02-17 was seen.
  EXPECT_EQ(FifthBirthday(born, absl::CivilDay(2025, 10, 27)), absl::CivilDay(2030, 2, 17));
  EXPECT_EQ(FifthBirthday(born, absl::CivilDay(2025, 2, 16)), absl::CivilDay(2029, 2, 17));
  EXPECT_EQ(FifthBirthday(born, absl::CivilDay(2025, 2, 17)), absl::CivilDay(2030, 2, 17));
  EXPECT_EQ(FifthBirthday(absl::CivilDay(2000, 2, 29), absl::CivilDay(2025, 1, 1)),
            absl::CivilDay(2029, 2, 28));
}

}  // namespace
}  // namespace kakunin::synth
