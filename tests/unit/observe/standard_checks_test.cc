#include "server/observe/standard_checks.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace kakunin {
namespace {

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = absl::FromUnixSeconds(1'000'000);
};

std::shared_ptr<auth::CrlPartition> Crl(const std::string& name, int64_t this_update,
                                        int64_t next_update) {
  auto crl = std::make_shared<auth::CrlPartition>();
  crl->name = name;
  crl->this_update = this_update;
  crl->next_update = next_update;
  crl->serials = {1, 2, 3};
  return crl;
}

TEST(RegistryCheckTest, IsAFaultJustAboveTenSeconds) {
  absl::Duration age;
  const ReadinessCheck check = RegistryCheck("insurer", [&] { return age; });
  EXPECT_NE(check.name.find("insurer"), std::string::npos);
  age = absl::Seconds(10);
  EXPECT_EQ(check.look().health, Health::kFine);
  age = absl::Seconds(10) + absl::Nanoseconds(1);
  EXPECT_EQ(check.look().health, Health::kFault);
  age = absl::InfiniteDuration();
  EXPECT_EQ(check.look().health, Health::kFault);
}

TEST(SnapshotAgeTest, IsOneFamilyOverSnapshotsAndPorts) {
  Metrics metrics;
  AddSnapshotAge(metrics, "registry", "insurer", [] { return absl::Seconds(3); });
  AddSnapshotAge(metrics, "registry", "operator", [] { return absl::InfiniteDuration(); });
  AddSnapshotAge(metrics, "partitions", "", [] { return absl::Milliseconds(500); });
  const std::string text = metrics.Text();
  const std::string name = "\nkakunin_snapshot_age_seconds";
  EXPECT_NE(text.find(name + "{port=\"insurer\",snapshot=\"registry\"} 3\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find(name + "{port=\"operator\",snapshot=\"registry\"} +Inf\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find(name + "{snapshot=\"partitions\"} 0.5\n"), std::string::npos) << text;
}

TEST(LaneCheckTest, OneConnectedLaneKeepsTheServerReady) {
  int connected = 2;
  const ReadinessCheck check = LaneCheck([&] { return connected; }, 2);
  EXPECT_EQ(check.look().health, Health::kFine);
  connected = 1;
  EXPECT_EQ(check.look().health, Health::kWarning);
  connected = 0;
  EXPECT_EQ(check.look().health, Health::kFault);
}

TEST(CrlCheckTest, TellsSomeFromAllStale) {
  FixedClock clock;
  const int64_t now = absl::ToUnixSeconds(clock.now);
  auto held = std::make_shared<auth::RevocationSnapshot>();
  const ReadinessCheck check =
      CrlCheck([&]() -> std::shared_ptr<const auth::RevocationSnapshot> { return held; }, clock,
               absl::Hours(26));
  EXPECT_EQ(check.look().health, Health::kFault);
  held->Put(Crl("a", now - 10, now + 1));
  EXPECT_EQ(check.look().health, Health::kFine);
  held->Put(Crl("b", now - 10, now));  // ends now: stale
  EXPECT_EQ(check.look().health, Health::kWarning);
  held->Put(Crl("a", now - 26 * 3600 - 1, now + 1));  // older than our own limit
  EXPECT_EQ(check.look().health, Health::kFault);
  held = nullptr;
  EXPECT_EQ(check.look().health, Health::kFault);
}

TEST(CrlGaugesTest, SumUpWhatIsHeld) {
  FixedClock clock;
  const int64_t now = absl::ToUnixSeconds(clock.now);
  auto held = std::make_shared<auth::RevocationSnapshot>();
  Metrics metrics;
  AddCrlGauges(
      metrics, [&]() -> std::shared_ptr<const auth::RevocationSnapshot> { return held; }, clock);
  EXPECT_NE(metrics.Text().find("kakunin_crl_oldest_age_seconds Nan"), std::string::npos)
      << metrics.Text();
  held->Put(Crl("a", now - 100, now + 50));
  held->Put(Crl("b", now - 10, now + 500));
  const std::string text = metrics.Text();
  EXPECT_NE(text.find("\nkakunin_crl_partitions 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nkakunin_crl_entries 6\n"), std::string::npos);
  EXPECT_NE(text.find("\nkakunin_crl_oldest_age_seconds 100\n"), std::string::npos);
  EXPECT_NE(text.find("\nkakunin_crl_first_end_seconds 50\n"), std::string::npos);
}

TEST(MachineClockCheckTest, FailsFromTheMostOn) {
  absl::Duration back;
  const ReadinessCheck check = MachineClockCheck([&] { return back; }, absl::Minutes(5));
  for (const auto& [off, health] :
       {std::pair{-1, Health::kFine}, std::pair{0, Health::kFault}, std::pair{1, Health::kFault}}) {
    back = absl::Minutes(5) + absl::Nanoseconds(off);
    EXPECT_EQ(check.look().health, health) << off;
  }
}

TEST(PartitionCheckTest, WarnsBelowFourteenDaysAndNeverFails) {
  int days = 14;
  int rows = 0;
  const ReadinessCheck check = PartitionCheck([&] { return days; }, [&] { return rows; });
  EXPECT_EQ(check.look().health, Health::kFine);
  days = 13;
  EXPECT_EQ(check.look().health, Health::kWarning);
  days = 90;
  rows = 1;
  EXPECT_EQ(check.look().health, Health::kWarning);
}

}  // namespace
}  // namespace kakunin
