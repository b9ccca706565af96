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
  static StagedCoverage LostRow(int who) {
    StagedCoverage lost = SampleRow(kInsurerA, fmt::format("R{}", who), who, RowAction::kLost);
    lost.record.disqualification_date = absl::CivilDay(2026, 4, 1);
    return lost;
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

// DESK1 asked by card while both persons' rows were one's, DESK2 by the number that goes, and DESK4
// by one that stays: that showed it nobody else's coverage.
TEST_F(RepairNoticeTest, WhoSawAnothersDataIsToldAndWhoseNumberLeadsElsewhereIsToldNoChange) {
  Live(1);
  Live(2, "ベツジン　ハナコ");
  const PersonId one = PersonOf(1);
  Merge(one, PersonOf(2));
  ++hour_;
  search_.Confirm(one, Asked("DESK1"));
  search_.Confirm(one, AskedByNumber("DESK2", 4));
  search_.Confirm(one, AskedByNumber("DESK4", 2));
  Search();
  database_.Exec("DELETE FROM kakunin.notice");
  const auto done =
      Split(one, PersonId{auth::RandomArray<16>()}, {.named = {{kCoverage, kInsurerA, "R2"}}});
  ASSERT_TRUE(done.ok()) << done.status();
  ASSERT_EQ(done->exposures, 2);
  Search();
  // The first two had been shown it; the answer to DESK2's question is the same from the other
  // person.
  EXPECT_EQ(Told().find("DESK1 3 1>1"), 0u) << Told();
  EXPECT_NE(Told().find(", DESK1 4  256, DESK2 4  256"), std::string::npos) << Told();
  EXPECT_EQ(search_.Count("notice"), 3);
}

// Nothing else moves: whoever was shown the one by the other's card has seen what is not the
// holder's. Its link was there from hour 5 on.
TEST_F(RepairNoticeTest, WhoWasShownAnotherByACardThatIsSplitOffIsTold) {
  Live(1);
  const PersonId one = PersonOf(1);
  search_.Confirm(one, Asked("BEFORE"));
  ++hour_;
  LinkCard(1, "theirs");
  search_.Confirm(one, Asked("CARD"));
  search_.Confirm(one, AskedByNumber("NUMBER", 2));
  // Audit rows 4 and 5: which card it was is known.
  search_.Confirm(one, Asked("OWN"));
  Agree(one, 4, "OWN", "s1");
  search_.Confirm(one, Asked("AGREED"));
  Agree(one, 5, "AGREED", "theirs");
  for (const char* facility : {"OWN", "AGREED"}) {
    for (const char* reason : {"", "NO_CONSENT"}) {
      database_.Exec(fmt::format(
          "INSERT INTO kakunin.record_access (person_id, at, stream, number, facility_code,"
          " facility_user, operation, reason) VALUES ('{}', '{}', gen_random_uuid(), 1, '{}', 'u',"
          " 20, '{}')",
          UuidText(one), InstantText(Now() + absl::Hours(1)), facility, reason));
    }
  }
  hour_ += 2;
  const auto done = Split(one, PersonId{auth::RandomArray<16>()},
                          {.named = {{kCard, std::string(32, 'i'), "theirs"}}});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->exposures, 3);
  EXPECT_EQ(Text("SELECT string_agg(facility_code || what || ':' || calls, ' '"
                 " ORDER BY facility_code, what) FROM kakunin.repair_exposure"),
            "AGREED1:1 AGREED2:1 CARD1:1");
  Search();
  EXPECT_EQ(Told(), "AGREED 4  768, CARD 4  256");
}

// A card that a merge had brought counts from then on: before it, the one's own was the only one.
TEST_F(RepairNoticeTest, ACardThatAMergeHadBroughtCountsFromTheMergeOn) {
  Live(1);
  Live(2, "ベツジン　ハナコ");
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  search_.Confirm(one, Asked("BEFORE"));
  ++hour_;
  Merge(one, two);
  ++hour_;
  search_.Confirm(one, Asked("AFTER"));
  ++hour_;
  const auto done = Split(one, PersonId{auth::RandomArray<16>()},
                          {.named = {{kCard, std::string(32, 'i'), "s2"}}});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(Text("SELECT string_agg(facility_code, ' ') FROM kakunin.repair_exposure"), "AFTER");
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
  a_.Deliver(++hour_, {LostRow(2)});
  Search();
  EXPECT_NE(Told().find("DESK2 1 1>2"), std::string::npos) << Told();
}

// The search comes late: what was applied after a change says nothing about whom it concerned.
TEST_F(RepairNoticeTest, AChangeOfBeforeAMergeIsNotToldToWhoAskedAboutWhomItGaveUp) {
  Live(1);
  Live(2, "ベツジン　ハナコ");
  search_.Confirm(PersonOf(2), Asked("DESK3"));
  a_.Deliver(++hour_, {LostRow(1)});
  Merge(PersonOf(1), PersonOf(2));
  Search();
  EXPECT_EQ(Told().find("DESK3 1"), std::string::npos) << Told();
  EXPECT_NE(Told().find("DESK3 3"), std::string::npos) << Told();
}

TEST_F(RepairNoticeTest, AChangeOfBeforeASplitIsToldToWhoAskedAboutWhomTheMergeGaveUp) {
  Live(1);
  Live(2, "ベツジン　ハナコ");
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  search_.Confirm(two, Asked("DESK3"));
  PersonRepair split = RepairOf(RepairKind::kSplit, one, two);
  split.undoes = Merge(one, two);
  a_.Deliver(++hour_, {LostRow(1)});
  ++hour_;
  const auto done = Apply(split, [](std::span<const HeldRow> held) {
    return PlanSplit(held, {.named = {{kCoverage, kInsurerA, "R2"}}});
  });
  ASSERT_TRUE(done.ok()) << done.status();
  Search();
  EXPECT_NE(Told().find("DESK3 1"), std::string::npos) << Told();
  // And no change of later is.
  database_.Exec("DELETE FROM kakunin.notice");
  StagedCoverage again = SampleRow(kInsurerA, "R1", 1, RowAction::kChanged);
  again.record.partial_contribution_percent = 20;
  a_.Deliver(++hour_, {again});
  Search();
  EXPECT_EQ(search_.Count("notice"), 0) << Told();
}

TEST_F(RepairNoticeTest, WhoAskedAboutWhomAnEarlierMergeGaveUpIsComparedToo) {
  Live(1);
  Live(2, "ベツジン　ハナコ");
  Live(3, "ベツジン　ジロウ");
  search_.Confirm(PersonOf(2), Asked("DESK2"));
  search_.Confirm(PersonOf(3), Asked("DESK3"));
  const PersonId one = PersonOf(1);
  const PersonId three = PersonOf(3);
  Merge(one, PersonOf(2));
  Search();
  EXPECT_EQ(search_.Count("notice WHERE facility_code = 'DESK2'"), 1) << Told();
  Merge(three, one);
  Search();
  EXPECT_EQ(search_.Count("notice WHERE facility_code = 'DESK2'"), 2) << Told();
  EXPECT_EQ(search_.Count("notice WHERE facility_code = 'DESK3'"), 1) << Told();
}

}  // namespace
}  // namespace kakunin
