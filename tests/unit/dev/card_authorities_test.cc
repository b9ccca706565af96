#include "server/dev/card_authorities.h"

#include <gtest/gtest.h>

#include "auth/crl_loader.h"
#include "auth/trust_store.h"
#include "server/text_file.h"
#include "tests/unit/dev/temporary_folder.h"

namespace kakunin::dev {
namespace {

const absl::CivilDay kToday(2026, 11, 21);

synth::NationOptions SmallNation() {
  synth::NationOptions nation;
  nation.persons = 200;
  nation.today = kToday;
  nation.key_pool_size = 12;
  return nation;
}

absl::Time Noon() {
  return absl::FromCivil(absl::CivilHour(2026, 11, 21, 12), absl::FixedTimeZone(9 * 3600));
}

TEST(CardAuthorities, ReissuesCrlsThatTheLoaderTakesEvenWhenTheClockGoesBack) {
  const TemporaryFolder folder;
  const SandboxPaths paths(folder.path());
  const auto cards = CardAuthorities::Open(paths, SmallNation());
  ASSERT_TRUE(cards.ok()) << cards.status();
  const auto store =
      auth::TrustStore::Load(auth::Hierarchy::kUserAuthentication, paths.card_trust());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->roots().size(), 3u);

  const auto partitions = synth::Nation(SmallNation()).CrlPartitions();
  const int count = static_cast<int>(partitions.size());
  ASSERT_GT(count, 3);
  ASSERT_TRUE(cards->IssueCrls(partitions, Noon(), Noon()).ok());
  const auto first = auth::LoadCrls(paths.card_crls(), **store, nullptr, Noon());
  EXPECT_EQ(first.report.loaded, count);
  EXPECT_TRUE(first.report.refused.empty());

  const absl::Time back = Noon() - absl::Hours(48);
  ASSERT_TRUE(cards->IssueCrls(partitions, back, Noon() + absl::Seconds(1)).ok());
  const auto second = auth::LoadCrls(paths.card_crls(), **store, first.snapshot.get(), back);
  EXPECT_EQ(second.report.loaded, count);
  EXPECT_TRUE(second.report.refused.empty());
}

TEST(CardAuthorities, AreTheSameAtEveryStart) {
  const TemporaryFolder folder;
  const SandboxPaths paths(folder.path());
  const auto first = CardAuthorities::Open(paths, SmallNation());
  ASSERT_TRUE(first.ok());
  const auto trust = ReadTextFile(paths.card_trust() / "generation-2.pem");
  const auto second = CardAuthorities::Open(paths, SmallNation());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->IssuerKeyIds(), second->IssuerKeyIds());
  EXPECT_EQ(trust.value(), ReadTextFile(paths.card_trust() / "generation-2.pem").value());
}

}  // namespace
}  // namespace kakunin::dev
