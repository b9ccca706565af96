#include "server/usecases/identity_gate.h"

#include <gtest/gtest.h>

#include <map>

#include "domain/error.h"

namespace kakunin {
namespace {

const auth::HmacKey kNumberKey("number key of the test ........", "n");
const auth::HmacKey kLookUpKey("look-up key of the test .......", "l");
const auth::HmacKey kAuditKey("audit key of the test .........", "a");
const FeedKeys kKeys{kNumberKey, kLookUpKey, kAuditKey};

class MemoryResidents final : public ResidentIdentities {
 public:
  absl::StatusOr<std::vector<std::optional<ResidentIdentity>>> FindIdentities(
      std::span<const Digest32> numbers) override {
    ++calls;
    if (!status.ok()) return status;
    std::vector<std::optional<ResidentIdentity>> found;
    for (const Digest32& number : numbers) {
      const auto known = residents.find(number);
      found.push_back(known == residents.end() ? std::nullopt : std::optional(known->second));
    }
    return found;
  }
  std::map<Digest32, ResidentIdentity> residents;
  absl::Status status;
  int calls = 0;
};

Digest32 Number(uint8_t who) { return {who}; }

StagedCoverage Row(uint8_t who, RowAction action = RowAction::kNew) {
  StagedCoverage row{.action = action, .individual = IndividualNumberHash{Number(who), "n"}};
  row.record.name = {"見本　太郎", "ミホン　タロウ"};
  row.record.birth_date = absl::CivilDay(1970, 1, 1);
  row.record.sex = Sex::kMale;
  row.record.address = "東京都みどり野市1";
  return row;
}

ResidentIdentity Resident() {
  const Coverage row = Row(1).record;
  return {.name = row.name, .birth_date = row.birth_date, .sex = row.sex, .address = row.address};
}

class IdentityGateTest : public testing::Test {
 protected:
  absl::Status Doubt(std::vector<StagedCoverage>& rows) {
    return DoubtCoverages(residents_, kKeys, rows);
  }
  MemoryResidents residents_;
};

TEST_F(IdentityGateTest, AsksOnceAChunkAndMarksWhoeverDoesNotAgree) {
  residents_.residents[Number(1)] = Resident();
  residents_.residents[Number(2)] = Resident();
  std::vector<StagedCoverage> rows = {Row(1), Row(2), Row(3)};
  rows[1].record.name = {"別人　花子", "ベツジン　ハナコ"};
  ASSERT_TRUE(Doubt(rows).ok());
  EXPECT_EQ(residents_.calls, 1);
  EXPECT_FALSE(rows[0].doubt);
  ASSERT_TRUE(rows[1].doubt);
  EXPECT_EQ(rows[1].doubt->fields, kIdentityName | kIdentityKana);
  ASSERT_TRUE(rows[2].doubt);
  EXPECT_EQ(rows[2].doubt->fields, kResidentUnknown);
}

TEST_F(IdentityGateTest, OneDifferenceIsEnoughWhereSomebodyElseWouldFitAsWell) {
  residents_.residents[Number(1)] = Resident();
  std::vector<StagedCoverage> rows = {Row(1)};
  rows[0].record.name.original = "見本　多郎";
  ASSERT_TRUE(Doubt(rows).ok());
  ASSERT_TRUE(rows[0].doubt);
  EXPECT_EQ(rows[0].doubt->fields, kIdentityName | kDifferenceTolerated);
  residents_.residents[Number(1)].has_double = true;
  ASSERT_TRUE(Doubt(rows).ok());
  ASSERT_TRUE(rows[0].doubt);
  EXPECT_EQ(rows[0].doubt->fields, kIdentityName);
}

TEST_F(IdentityGateTest, NeitherLossesNorRowsWithoutANumberAreCompared) {
  std::vector<StagedCoverage> rows = {Row(1, RowAction::kLost), Row(2)};
  rows[1].individual.reset();
  ASSERT_TRUE(Doubt(rows).ok());
  EXPECT_EQ(residents_.calls, 0);
  EXPECT_FALSE(rows[0].doubt || rows[1].doubt);
  rows = {Row(1, RowAction::kChanged)};
  ASSERT_TRUE(Doubt(rows).ok());
  EXPECT_TRUE(rows[0].doubt);
}

TEST_F(IdentityGateTest, ARegisterThatCannotBeAskedLetsNobodyPass) {
  residents_.status = absl::FailedPreconditionError("line 3");
  std::vector<StagedCoverage> rows = {Row(1)};
  EXPECT_EQ(ReasonOf(Doubt(rows)), Reason::kResidentsUnavailable);
}

TEST_F(IdentityGateTest, TheHashIsOfTheNumberAndOfEveryComparedFact) {
  const auto identity = [&](const std::function<void(StagedCoverage&)>& change) {
    std::vector<StagedCoverage> rows = {Row(1)};
    change(rows[0]);
    EXPECT_TRUE(Doubt(rows).ok());
    return rows[0].doubt->identity;
  };
  const KeyHash plain = identity([](StagedCoverage&) {});
  EXPECT_EQ(identity([](StagedCoverage& row) { row.record.symbol = "9"; }), plain);
  const std::function<void(StagedCoverage&)> changes[] = {
      [](StagedCoverage& row) { row.individual->hash = Number(9); },
      [](StagedCoverage& row) { row.record.name.original += "x"; },
      [](StagedCoverage& row) { row.record.name.kana += "x"; },
      [](StagedCoverage& row) { row.record.other_name.original += "x"; },
      [](StagedCoverage& row) { row.record.other_name.kana += "x"; },
      [](StagedCoverage& row) { row.record.birth_date += 1; },
      [](StagedCoverage& row) { row.record.sex = Sex::kFemale; },
      [](StagedCoverage& row) { row.record.sex_back = Sex::kFemale; },
      [](StagedCoverage& row) { row.record.address += "x"; },
  };
  for (const auto& change : changes) EXPECT_NE(identity(change), plain);
}

}  // namespace
}  // namespace kakunin
