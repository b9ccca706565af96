// What facilities call their patients by: kept by person and facility, and found by the lanes only
// where a facility has any.
#include "storage/postgres/reference_number_store.h"

#include <fmt/format.h>

#include "domain/error.h"
#include "storage/postgres/confirmation_store.h"
#include "storage/postgres/remembered_facilities.h"
#include "tests/postgres/person_repair_fixture.h"

namespace kakunin {
namespace {

using Numbers = std::vector<std::string>;

constexpr char kHere[] = "1312345678";
constexpr char kElsewhere[] = "1318000002";
constexpr absl::CivilDay kDay(2026, 11, 21);

class ReferenceNumberStoreTest : public PersonRepairTest {
 protected:
  static std::unique_ptr<ConfirmationStore> LaneOf(const TestDatabase& database) {
    auto lane = MakeConfirmationStore(database.ConnInfo("kakunin_terminal"), "kakunin_terminal",
                                      "kakunin lane");
    Must(lane->Reconnect(Soon()));
    return lane;
  }

  void Set(const PersonId& person, const char* facility, const Numbers& numbers) {
    Must(terminals_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto known, numbers_.Hold(tx, facility, kDay));
      if (!known) RETURN_IF_ERROR(numbers_.Begin(tx, facility, kDay));
      std::vector<ReferenceNumberRow> rows;
      for (const std::string& number : numbers) {
        rows.push_back({.person = person, .number = number, .audit_id = {StreamId{{9}}, 1}});
      }
      return numbers_.Change(tx, facility, {}, rows, Now());
    }));
  }

  // What a lane tells `facility` of the person found by `who`'s key.
  Numbers Told(ConfirmationStore& lane, int who, const char* facility) {
    const KeyHash key = SampleKey(2 * who);
    const auto read = lane.Read(std::span(&key, 1), {}, Soon());
    EXPECT_TRUE(read.ok()) << read.status();
    if (!read.ok() || read->by_key[0].size() != 1) return {"not one person"};
    const ReferenceQuestion question{read->by_key[0][0].person, facility};
    const auto numbers = lane.ReadReferenceNumbers(std::span(&question, 1), Soon());
    EXPECT_TRUE(numbers.ok()) << numbers.status();
    return numbers.ok() ? numbers->at(0) : Numbers();
  }
  std::string Kept(const PersonId& person) {
    return Text(
        "SELECT coalesce(string_agg(facility_code || ' ' || number, ', ' ORDER BY"
        " facility_code, number), '') FROM kakunin.reference_number WHERE person_id = '" +
        UuidText(person) + "'");
  }

  const std::unique_ptr<PostgresDatabase> terminals_ = database_.Open("kakunin_terminal");
  PostgresReferenceNumberStore numbers_;
};

TEST_F(ReferenceNumberStoreTest, EveryLaneKnowsTheFacilitiesThatHaveNumbersAtThatMoment) {
  Live(1);
  Live(2);
  const auto one = LaneOf(database_);
  const auto two = LaneOf(database_);
  EXPECT_EQ(Told(*one, 1, kHere), Numbers{});
  Set(PersonOf(1), kHere, {"A-2", "A-1"});
  for (ConfirmationStore* lane : {one.get(), two.get()}) {
    EXPECT_EQ(Told(*lane, 1, kHere), (Numbers{"A-2", "A-1"}));  // as they were said
    EXPECT_EQ(Told(*lane, 2, kHere), Numbers{});
    EXPECT_EQ(Told(*lane, 1, kElsewhere), Numbers{});
  }
  Set(PersonOf(1), kElsewhere, {"B-1"});
  EXPECT_EQ(Told(*one, 1, kElsewhere), Numbers{"B-1"});
  // A facility's second patient makes nobody read the facilities anew.
  const std::string generation = "SELECT generation FROM kakunin.reference_number_generation";
  const std::string before = Text(generation);
  Set(PersonOf(2), kHere, {"A-3"});
  EXPECT_EQ(Text(generation), before);
  EXPECT_EQ(Told(*two, 2, kHere), Numbers{"A-3"});
}

TEST_F(ReferenceNumberStoreTest, ADatabaseRestoredToAnEarlierMomentIsReadAnew) {
  Live(1);
  const auto lane = LaneOf(database_);
  Set(PersonOf(1), kHere, {"A-1"});
  Set(PersonOf(1), kElsewhere, {"B-1"});
  EXPECT_EQ(Told(*lane, 1, kElsewhere), Numbers{"B-1"});
  database_.Exec("UPDATE kakunin.reference_number_generation SET generation = 1");
  database_.Exec("DELETE FROM kakunin.reference_number_facility WHERE generation > 1");
  EXPECT_EQ(Told(*lane, 1, kElsewhere), Numbers{});
  EXPECT_EQ(Told(*lane, 1, kHere), Numbers{"A-1"});
}

TEST_F(ReferenceNumberStoreTest, MoreFacilitiesThanAreRememberedAreAllAskedAbout) {
  Live(1);
  const auto lane = LaneOf(database_);
  database_.Exec(
      fmt::format("INSERT INTO kakunin.reference_number_facility SELECT lpad(g::text, 10, '0'), g,"
                  " '2026-11-21', 0, 0 FROM generate_series(1, {}) g;"
                  " UPDATE kakunin.reference_number_generation SET generation = {}",
                  kMostFacilities + 1, kMostFacilities + 1));
  EXPECT_EQ(Told(*lane, 1, kHere), Numbers{});
  Set(PersonOf(1), kHere, {"A-1"});
  EXPECT_EQ(Told(*lane, 1, kHere), Numbers{"A-1"});
}

TEST_F(ReferenceNumberStoreTest, NothingIsHeldOfAFacilityBeforeItBegins) {
  const auto held = [&] {
    bool known = false;
    Must(terminals_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto counts, numbers_.Hold(tx, kHere, kDay));
      known = counts.has_value();
      return absl::OkStatus();
    }));
    return known;
  };
  const auto begin = [&] {
    Must(terminals_->Write(Soon(),
                           [&](Transaction& tx) { return numbers_.Begin(tx, kHere, kDay); }));
  };
  EXPECT_FALSE(held());
  begin();
  EXPECT_TRUE(held());
  begin();
  EXPECT_TRUE(held());
}

TEST_F(ReferenceNumberStoreTest, CountsOfADayBeginAnewOnTheNext) {
  Must(terminals_->Write(Soon(), [&](Transaction& tx) { return numbers_.Begin(tx, kHere, kDay); }));
  const auto counted = [&](absl::CivilDay day, int64_t asked, int64_t not_found) {
    BulkCounts counts;
    Must(terminals_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto held, numbers_.Hold(tx, kHere, day));
      counts = held.value();
      return numbers_.Count(tx, kHere, day, {.asked = asked, .not_found = not_found});
    }));
    return fmt::format("{}/{}", counts.not_found, counts.asked);
  };
  EXPECT_EQ(counted(kDay, 10, 4), "0/0");
  EXPECT_EQ(counted(kDay, 5, 1), "4/10");
  EXPECT_EQ(counted(kDay + 1, 1, 1), "0/0");
  EXPECT_EQ(counted(kDay + 1, 0, 0), "1/1");
}

TEST_F(ReferenceNumberStoreTest, AHandleOfWhoWasGivenUpInAMergeNamesNobody) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  Merge(one, two);
  Must(terminals_->Read(Soon(), [&](Transaction& tx) -> absl::Status {
    const std::vector<std::variant<PersonId, KeyHash>> asked = {one, two, SampleKey(4),
                                                                SampleKey(99)};
    ASSIGN_OR_RETURN(const auto found, numbers_.Find(tx, asked));
    using Persons = std::vector<PersonId>;
    EXPECT_EQ(found, (std::vector<Persons>{{one}, {}, {one}, {}}));
    return absl::OkStatus();
  }));
}

TEST_F(ReferenceNumberStoreTest, AMergeBringsNumbersAndItsUndoTakesThemBack) {
  Live(1);
  Live(2);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  Set(one, kHere, {"A-1", "both"});
  Set(two, kHere, {"A-2", "both"});
  Set(two, kElsewhere, {"B-2"});
  const auto lane = LaneOf(database_);
  ++hour_;
  const RepairId merge = Merge(one, two);
  const absl::Time merged_at = Now();
  EXPECT_EQ(Kept(one), "1312345678 A-1, 1312345678 A-2, 1312345678 both, 1318000002 B-2");
  EXPECT_EQ(Kept(two), "");
  EXPECT_EQ(Told(*lane, 2, kHere), (Numbers{"A-1", "A-2", "both"}));

  ++hour_;
  Set(one, kHere, {"later"});
  ASSERT_TRUE(Split(one, two, {.merged = MovedBy(merge), .merged_at = merged_at}).ok());
  // What both had went with what was brought; of what was set since nobody knows whose it is.
  EXPECT_EQ(Kept(one), "1312345678 A-1");
  EXPECT_EQ(Kept(two), "1312345678 A-2, 1312345678 both, 1318000002 B-2");
  EXPECT_EQ(Told(*lane, 1, kHere), Numbers{"A-1"});
}

}  // namespace
}  // namespace kakunin
