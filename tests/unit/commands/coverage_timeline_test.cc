#include "server/commands/coverage_timeline.h"

#include <gtest/gtest.h>

#include "domain/civil_day.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

const absl::CivilDay kFirst(2026, 4, 1);

class DrawTimelineTest : public testing::Test {
 protected:
  v1::CoverageVersion& Add(absl::CivilDay first) {
    v1::CoverageVersion& version = *versions_.Add();
    version.set_person(1);
    version.set_insurer_number("33120015");
    version.set_coverage_reference("R1");
    *version.mutable_qualification_date() = DayToProto(first);
    *version.mutable_known_from() = TimeToProto(StartOfDay(kFirst));
    version.set_feed_number(7);
    version.set_visible(true);
    return version;
  }
  std::string Draw(absl::CivilDay day = kFirst) const { return DrawTimeline(versions_, day); }
  // The line of a version, from 0.
  std::string Line(int version) const {
    const std::string drawn = Draw();
    size_t at = drawn.find("1: 33120015 R1\n") + 15;
    while (version-- > 0) at = drawn.find('\n', at) + 1;
    return drawn.substr(at, drawn.find('\n', at) - at);
  }

  google::protobuf::RepeatedPtrField<v1::CoverageVersion> versions_;
};

TEST_F(DrawTimelineTest, TellsBothPeriodsOfAVersionThatRunsOn) {
  v1::CoverageVersion& version = Add(kFirst - 30);
  version.set_partial_contribution_percent(30);
  version.set_known(true);
  version.set_covers(true);
  const std::string line = Line(0);
  EXPECT_EQ(line.find("  *+ 2026-04-01 00:00:00 - "), 0u);
  EXPECT_NE(line.find("=>"), std::string::npos);
  EXPECT_NE(line.find("2026-03-02 -  30%  送信 (feed) 7"), std::string::npos) << line;
}

TEST_F(DrawTimelineTest, AnEndedVersionTellsItsLastDayCoveredAndItsLastKnownInstant) {
  v1::CoverageVersion& version = Add(kFirst - 30);
  *version.mutable_disqualification_date() = DayToProto(kFirst);
  *version.mutable_known_to() = TimeToProto(StartOfDay(kFirst + 1));
  version.set_feed_state(v1::FEED_STATE_UNDONE);
  const std::string line = Line(0);
  EXPECT_EQ(line.find("     2026-04-01 00:00:00 - 2026-04-02 00:00:00  "), 0u) << line;
  EXPECT_EQ(line.find('>'), std::string::npos);
  EXPECT_NE(line.find("2026-03-02 - 2026-03-31"), std::string::npos) << line;
  EXPECT_NE(line.find("undone"), std::string::npos);
}

TEST_F(DrawTimelineTest, AVersionThatACertificateMadeNamesItsKindOfDelivery) {
  Add(kFirst).set_feed_kind(v1::FEED_KIND_LIMIT_CERTIFICATES);
  Add(kFirst).set_feed_kind(v1::FEED_KIND_COVERAGES);
  EXPECT_TRUE(Line(0).ends_with("送信 (feed) LIMIT_CERTIFICATES 7")) << Line(0);
  EXPECT_TRUE(Line(1).ends_with("送信 (feed) 7")) << Line(1);
}

TEST_F(DrawTimelineTest, ADayOutsideEveryVersionAndACoverageOfNoDayAreDrawn) {
  v1::CoverageVersion& version = Add(kFirst);
  *version.mutable_disqualification_date() = DayToProto(kFirst);
  const std::string line = Draw(kFirst + 4000);
  EXPECT_EQ(line.find('='), std::string::npos);
  EXPECT_NE(line.find('|'), std::string::npos);
}

TEST_F(DrawTimelineTest, EachCoverageIsNamedOnce) {
  Add(kFirst);
  Add(kFirst + 1);
  Add(kFirst).set_coverage_reference("R2");
  const std::string drawn = Draw();
  EXPECT_EQ(drawn.find("R1"), drawn.rfind("R1"));
  EXPECT_NE(drawn.find("1: 33120015 R2\n"), std::string::npos);
}

}  // namespace
}  // namespace kakunin
