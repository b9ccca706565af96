#include "server/inquiry_counter.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "tests/unit/server/gated_database.h"

namespace kakunin {
namespace {

constexpr char kFacility[] = "1312345678";
const absl::Time kHour = absl::FromUnixSeconds(500'000 * int64_t{3600});
const InquiryLimits kLimits{.no_match_per_terminal = 3,
                            .no_match_per_facility = 5,
                            .persons_per_terminal = 4,
                            .persons_per_facility = 6};

PersonId Person(uint8_t number) { return PersonId{{number}}; }

class StillClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = kHour;
};

// Keeps what one writer put and tells what the others did. Called inside the database's lock.
class MemoryInquiries final : public InquiryStore {
 public:
  absl::Status Put(Transaction&, const StreamId&,
                   const std::vector<InquiryCount>& counts) override {
    ++puts;
    for (const InquiryCount& count : counts) written[count.terminal_id] = count;
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<InquiryCount>> OfOthers(Transaction&, const StreamId&,
                                                     int64_t hour) override {
    std::vector<InquiryCount> of_hour;
    for (const InquiryCount& count : others) {
      if (count.hour == hour) of_hour.push_back(count);
    }
    return of_hour;
  }
  absl::Status RaiseAlarm(Transaction&, const std::string& kind, const std::string& facility_code,
                          const std::string& terminal_id, int64_t, absl::Time) override {
    alarms.push_back(kind + " " + facility_code + "/" + terminal_id);
    return absl::OkStatus();
  }

  int puts = 0;
  std::map<std::string, InquiryCount> written;
  std::vector<InquiryCount> others;
  std::vector<std::string> alarms;
};

class InquiryCounterTest : public testing::Test {
 protected:
  bool Allows(std::string_view terminal = "T1", absl::Time at = kHour) {
    return counter_->Allows(kFacility, terminal, at);
  }
  void Miss(int times, std::string_view terminal = "T1", absl::Time at = kHour) {
    for (int i = 0; i < times; ++i) counter_->NoMatch(kFacility, terminal, at);
  }
  void Find(uint8_t person, std::string_view terminal = "T1") {
    counter_->Found(kFacility, terminal, Person(person), kHour);
  }

  GatedDatabase database_;
  MemoryInquiries store_;
  StillClock clock_;
  std::unique_ptr<InquiryCounter> counter_ =
      std::make_unique<InquiryCounter>(kLimits, database_, store_, clock_);
};

TEST_F(InquiryCounterTest, ATerminalMayMissUpToItsLimit) {
  Miss(2);
  EXPECT_TRUE(Allows());
  Miss(1);
  EXPECT_FALSE(Allows());
  EXPECT_TRUE(Allows("T2"));
  EXPECT_TRUE(counter_->Allows("1399999999", "T1", kHour));
}

TEST_F(InquiryCounterTest, AFacilityThatSpreadsOverTerminalsIsStoppedWhole) {
  Miss(2, "T1");
  Miss(2, "T2");
  EXPECT_TRUE(Allows("T3"));
  Miss(1, "T3");
  for (const char* terminal : {"T1", "T2", "T3", "T4"}) EXPECT_FALSE(Allows(terminal));
}

TEST_F(InquiryCounterTest, PersonsCountOnceHoweverOftenTheyAreAskedFor) {
  for (int i = 0; i < 10; ++i) Find(1);
  for (const uint8_t person : {2, 3}) Find(person);
  EXPECT_TRUE(Allows());
  Find(4);
  EXPECT_FALSE(Allows());
  for (const uint8_t person : {1, 2, 3, 4}) Find(person, "T2");
  EXPECT_TRUE(Allows("T3"));  // the facility has asked for the same four
  for (const uint8_t person : {5, 6}) Find(person, "T3");
  EXPECT_FALSE(Allows("T3"));
}

TEST_F(InquiryCounterTest, TheNextHourBeginsAnew) {
  Miss(3);
  EXPECT_FALSE(Allows("T1", kHour + absl::Hours(1) - absl::Microseconds(1)));
  EXPECT_TRUE(Allows("T1", kHour + absl::Hours(1)));
}

TEST_F(InquiryCounterTest, ABatchOfTheMomentBeforeTheHourForgetsNothing) {
  const absl::Time next = kHour + absl::Hours(1);
  Miss(3, "T1", next);
  EXPECT_FALSE(Allows("T1", next - absl::Microseconds(1)));
  EXPECT_FALSE(Allows("T1", next));
}

TEST_F(InquiryCounterTest, ASandboxSetBackBeginsAnew) {
  Miss(3);
  EXPECT_TRUE(Allows("T1", kHour - absl::Hours(24)));
}

TEST_F(InquiryCounterTest, TheOthersCountsAreAsOldAsTheLastReadingThatSucceeded) {
  database_.Open(false);
  EXPECT_FALSE(counter_->Share().ok());
  EXPECT_EQ(counter_->Age(), absl::InfiniteDuration());
  database_.Open(true);
  ASSERT_TRUE(counter_->Share().ok());
  EXPECT_LT(counter_->Age(), absl::Seconds(20));
}

TEST_F(InquiryCounterTest, WhatOtherServersCountedIsAdded) {
  const int64_t hour = absl::ToUnixSeconds(kHour) / 3600;
  store_.others = {{kFacility, "T1", hour, 2, 0},
                   {kFacility, "T2", hour, 2, 0},
                   {kFacility, "T1", hour - 1, 50, 50}};
  ASSERT_TRUE(counter_->Share().ok());
  ASSERT_TRUE(counter_->Share().ok());  // the same numbers are not added twice
  EXPECT_TRUE(Allows("T1"));
  EXPECT_TRUE(Allows("T3"));
  Miss(1, "T1");
  EXPECT_FALSE(Allows("T1"));
  EXPECT_FALSE(Allows("T3"));  // 2 + 2 + 1 of the facility
}

TEST_F(InquiryCounterTest, SharesOnlyWhatChanged) {
  Miss(2);
  Find(1);
  ASSERT_TRUE(counter_->Share().ok());
  EXPECT_EQ(store_.written.at("T1").no_match, 2);
  EXPECT_EQ(store_.written.at("T1").persons, 1);
  EXPECT_EQ(store_.written.at("T1").hour, absl::ToUnixSeconds(kHour) / 3600);
  const int puts = store_.puts;
  Find(1);
  ASSERT_TRUE(counter_->Share().ok());
  EXPECT_EQ(store_.puts, puts);
}

TEST_F(InquiryCounterTest, ARoundThatFailedIsMadeUpFor) {
  Miss(3);
  database_.Open(false);
  EXPECT_FALSE(counter_->Share().ok());
  EXPECT_FALSE(Allows());  // this server's own limit holds all the same
  database_.Open(true);
  ASSERT_TRUE(counter_->Share().ok());
  EXPECT_EQ(store_.written.at("T1").no_match, 3);
  EXPECT_EQ(store_.alarms.size(), 1u);
}

TEST_F(InquiryCounterTest, RaisesOneAlarmForWhomeverIsStopped) {
  Miss(5);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(counter_->Share().ok());
  std::sort(store_.alarms.begin(), store_.alarms.end());
  EXPECT_EQ(store_.alarms,
            (std::vector<std::string>{"INQUIRY_LIMIT 1312345678/", "INQUIRY_LIMIT 1312345678/T1"}));
}

TEST_F(InquiryCounterTest, TheEndSharesWhatWasCounted) {
  Miss(1);
  counter_.reset();
  EXPECT_EQ(store_.written.at("T1").no_match, 1);
}

}  // namespace
}  // namespace kakunin
