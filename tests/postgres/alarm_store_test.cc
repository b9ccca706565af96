// Alarms of questions beyond a limit: who may read them, which, and what the gauge says.
#include "storage/postgres/alarm_store.h"

#include <gtest/gtest.h>

#include "server/alarm_watch.h"
#include "storage/postgres/inquiry_store.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

class StillClock final : public Clock {
 public:
  absl::Time Now() const override { return TestInstant(); }
};

class AlarmStoreTest : public testing::Test {
 protected:
  // Raises an alarm as the terminals' port does.
  void Raise(const std::string& facility, const std::string& terminal, absl::Time at) {
    PostgresInquiryStore inquiries;
    const auto pool = database_.Open("kakunin_terminal");
    const absl::Status raised = pool->Write(Soon(), [&](Transaction& tx) {
      return inquiries.RaiseAlarm(tx, "INQUIRY_LIMIT", facility, terminal,
                                  absl::ToUnixSeconds(at) / 3600, at);
    });
    ASSERT_TRUE(raised.ok()) << raised;
  }
  std::vector<Alarm> List(const std::string& role, absl::Time from, int limit = 10) {
    std::vector<Alarm> alarms;
    const auto pool = database_.Open(role);
    const absl::Status read = pool->Read(Soon(), [&](Transaction& tx) {
      auto listed = store_.ListSince(tx, from, limit);
      if (listed.ok()) alarms = *std::move(listed);
      return listed.status();
    });
    EXPECT_TRUE(read.ok()) << role << read;
    return alarms;
  }

  const TestDatabase database_;
  PostgresAlarmStore store_;
};

TEST_F(AlarmStoreTest, ListsTheNewestFirstFromAnInstantOn) {
  const absl::Time now = TestInstant();
  Raise("1310000003", "T1", now - absl::Hours(2));
  Raise("1310000003", "T1", now - absl::Hours(2));  // the same hour: one row
  Raise("1310000003", "", now - absl::Hours(1));
  Raise("1312345678", "T9", now);
  for (const char* role : {"kakunin_operator", "kakunin_auditor", "kakunin_job"}) {
    const auto alarms = List(role, now - absl::Hours(2));
    ASSERT_EQ(alarms.size(), 3u) << role;
    EXPECT_EQ(alarms[0].facility_code, "1312345678");
    EXPECT_EQ(alarms[0].at, now);
    EXPECT_EQ(alarms[1].terminal_id, "");
    EXPECT_EQ(alarms[2].terminal_id, "T1");
    EXPECT_EQ(alarms[2].kind, "INQUIRY_LIMIT");
  }
  EXPECT_EQ(List("kakunin_auditor", now - absl::Hours(2) + absl::Microseconds(1)).size(), 2u);
  EXPECT_EQ(List("kakunin_auditor", now - absl::Hours(9), 1).size(), 1u);
}

TEST_F(AlarmStoreTest, TheWatchCountsThoseOfTheLastDay) {
  const absl::Time now = TestInstant();
  const auto pool = database_.Open("kakunin_operator");
  const StillClock clock;
  EXPECT_EQ(AlarmWatch(*pool, store_, clock).Raised(), 0);
  Raise("1310000003", "T1", now - AlarmWatch::kWithin - absl::Microseconds(1));
  EXPECT_EQ(AlarmWatch(*pool, store_, clock).Raised(), 0);
  Raise("1310000003", "T2", now - AlarmWatch::kWithin);
  Raise("1310000003", "T3", now);
  const AlarmWatch watch(*pool, store_, clock);
  EXPECT_EQ(watch.Raised(), 2);
  EXPECT_LT(watch.Age(), absl::Seconds(20));
}

}  // namespace
}  // namespace kakunin
