// A repair of who is who and who had asked: what changed for whom, and who had seen another's data.

#include "tests/postgres/notice_search.h"
#include "tests/postgres/person_repair_fixture.h"

namespace kakunin {
namespace {

using enum HeldKind;

class RepairNoticeTest : public PersonRepairTest {
 protected:
  AskedRow Asked(const std::string& facility) {
    return {.facility = facility, .day = absl::CivilDay(2026, 4, 20), .at = Now()};
  }
  AskedRow AskedByNumber(const std::string& facility, int key) {
    AskedRow asked = Asked(facility);
    asked.view.key = SampleKey(key);
    return asked;
  }
  void Search() { search_.Search(Now() + absl::Hours(1)); }
  std::string Told() {
    return Text(
        "SELECT coalesce(string_agg(facility_code || ' ' || kind || ' '"
        " || coalesce(validity_before || '>' || validity_after, '') || ' ' || parts, ', '"
        " ORDER BY facility_code, kind), '') FROM kakunin.notice");
  }

  NoticeSearchDriver search_{database_};
};

// DESK1 asked by card while both persons' rows were one's, DESK2 by the number that goes.
TEST_F(RepairNoticeTest, WhoSawAnothersDataIsToldAndWhoseNumberLeadsElsewhereIsToldNoChange) {
  Live(1);
  Live(2, "ベツジン　ハナコ");
  const PersonId one = PersonOf(1);
  Merge(one, PersonOf(2));
  ++hour_;
  search_.Confirm(one, Asked("DESK1"));
  search_.Confirm(one, AskedByNumber("DESK2", 4));
  Search();
  database_.Exec("DELETE FROM kakunin.notice");
  const auto done =
      Split(one, PersonId{auth::RandomArray<16>()}, {.named = {{kCoverage, kInsurerA, "R2"}}});
  ASSERT_TRUE(done.ok()) << done.status();
  ASSERT_EQ(done->exposures, 2);
  Search();
  // Both had been shown it; the answer to DESK2's question is the same from the other person.
  EXPECT_EQ(Told().find("DESK1 3 1>1"), 0u) << Told();
  EXPECT_NE(Told().find(", DESK1 4  256, DESK2 4  256"), std::string::npos) << Told();
  EXPECT_EQ(search_.Count("notice"), 3);
}

TEST_F(RepairNoticeTest, WhoAskedAboutWhomAMergeGaveUpIsAnsweredFromWhoStays) {
  Live(1);
  Live(2, "ベツジン　ハナコ");
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  search_.Confirm(two, AskedByNumber("DESK2", 4));
  search_.Confirm(two, Asked("DESK3"));
  Merge(one, two);
  Search();
  EXPECT_EQ(Told().find("DESK3 3 1>1"), 0u) << Told();
  EXPECT_EQ(search_.Count("notice"), 1);
  // And what is published later about who stays is told to them, too.
  StagedCoverage lost = SampleRow(kInsurerA, "R2", 2, RowAction::kLost);
  lost.record.disqualification_date = absl::CivilDay(2026, 4, 1);
  a_.Deliver(++hour_, {lost});
  Search();
  EXPECT_NE(Told().find("DESK2 1 1>2"), std::string::npos) << Told();
}

}  // namespace
}  // namespace kakunin
