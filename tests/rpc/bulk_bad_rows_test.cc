// Lists with rows that cannot be asked spread among those that can: each is an error of its own,
// and whatever stands beside it is answered. And what is found twice or not at all.
#include <array>
#include <cstdlib>
#include <map>

#include "tests/rpc/bulk_service_fixture.h"

namespace kakunin {
namespace {

// Twins under one insurer, symbol, number and birth date: branches 01 and 02.
class BulkBadRowsTest : public BulkServiceTest {
 protected:
  void InsureWithTwins(int persons, int twin) {
    Insure(persons);
    StagedCoverage second = Insured(persons + 1);
    second.record.number = std::to_string(twin);
    second.record.branch_number = "02";
    const InsuredKey key{.insurer = *InsurerNumber::Parse(kTestInsurer),
                         .symbol = *InsuredSymbol::Parse("1234"),
                         .number = *InsuredNumber::Parse(std::to_string(twin)),
                         .branch = BranchNumber::Parse("02"),
                         .birth_date = kBirth};
    second.record.key_without_branch = LookUpHash(look_up_key_, key, false);
    second.record.key_with_branch = LookUpHash(look_up_key_, key, true);
    FeedDriver driver(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
    ASSERT_TRUE(driver.Publish(driver.Stage(2, std::vector{second}), clock_.Now()).ok());
  }
};

TEST_F(BulkBadRowsTest, SeveralAndNobodyAreValiditiesAndNotErrors) {
  InsureWithTwins(1, 1);
  std::vector<v1::BulkInquiryRow> rows = {Row(1), Row(1), Row(1), Row(1), Row(7)};
  for (size_t i = 0; i < rows.size(); ++i) rows[i].set_row_id("r" + std::to_string(i));
  rows[1].set_branch_number("01");
  rows[2].set_branch_number("02");
  rows[3].set_branch_number("03");
  worker_ = Worker();
  ASSERT_TRUE(Send(rows, 10).ok());
  const v1::BulkInquiry done = Await(v1::BULK_STATE_DONE);
  EXPECT_EQ(done.answered_rows(), 5);
  EXPECT_EQ(done.error_rows(), 0);
  const auto results = Results();
  ASSERT_EQ(results.size(), 5u);
  const v1::BulkAnswer& several = results[0].answer();
  EXPECT_EQ(several.validity(), v1::VALIDITY_SEVERAL_FOUND);
  EXPECT_EQ(several.coverages_size(), 0);
  EXPECT_TRUE(several.patient_handle().empty());
  EXPECT_NE(several.next_step().find("枝番"), std::string::npos) << several.next_step();
  EXPECT_FALSE(several.audit_id().empty());
  for (const size_t one : {1u, 2u}) {
    EXPECT_EQ(results[one].answer().validity(), v1::VALIDITY_VALID) << one;
    ASSERT_EQ(results[one].answer().coverages_size(), 1) << one;
    EXPECT_FALSE(results[one].answer().patient_handle().empty()) << one;
  }
  EXPECT_NE(results[1].answer().patient_handle(), results[2].answer().patient_handle());
  for (const size_t nobody : {3u, 4u}) {
    EXPECT_EQ(results[nobody].answer().validity(), v1::VALIDITY_NOT_FOUND) << nobody;
    EXPECT_EQ(results[nobody].answer().coverages_size(), 0) << nobody;
    EXPECT_TRUE(results[nobody].answer().patient_handle().empty()) << nobody;
  }
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 5);
  EXPECT_EQ(Count("confirmation"), 2);
}

// What stands in a row, by its place: of 97 rows in a row six are odd, so that they fall anywhere
// in chunks of 1000 and rounds of 256.
enum class Planted {
  kGood,
  kNoBirthDate,
  kNoInsurerNumber,
  kTwoFaults,
  kSameRowId,
  kNobody,
  kTwin
};
constexpr int kPlantedEvery = 97;
Planted PlantedAt(int at) {
  static constexpr std::array kPlanted = {Planted::kNoBirthDate, Planted::kNoInsurerNumber,
                                          Planted::kTwoFaults,   Planted::kSameRowId,
                                          Planted::kNobody,      Planted::kTwin};
  // The first rows are good ones, whose ids others repeat.
  const auto of_round = static_cast<size_t>(at % kPlantedEvery);
  constexpr size_t kFirst = 11;
  return of_round >= kFirst && of_round < kFirst + kPlanted.size() ? kPlanted[of_round - kFirst]
                                                                   : Planted::kGood;
}

// tests/run: 20,000 rows; tests/long: a million, as many as a list may have.
TEST_F(BulkBadRowsTest, InALargeListEveryBadRowIsAnErrorOfItsOwnAndTheOthersAreAnswered) {
  const bool whole = std::getenv("KAKUNIN_LONG") != nullptr;
  const int count = whole ? static_cast<int>(kMostBulkRows) : 20'000;
  const int persons = whole ? 20'000 : 1000;
  constexpr int kTwinNumber = 1;
  InsureWithTwins(persons, kTwinNumber);
  const auto who = [&](int at) { return 2 + at % (persons - 1); };
  const auto row_at = [&](int at) {
    v1::BulkInquiryRow row = Row(who(at));
    row.set_row_id(fmt::format("booking-{}", at));
    switch (PlantedAt(at)) {
      case Planted::kGood:
        break;
      case Planted::kNoBirthDate:
        row.clear_birth_date();
        break;
      case Planted::kNoInsurerNumber:
        row.set_insurer_number("0613999");
        break;
      case Planted::kTwoFaults:
        row.clear_number();
        row.mutable_birth_date()->set_month(13);
        break;
      case Planted::kSameRowId:
        row.set_row_id(fmt::format("booking-{}", at - 10));
        break;
      case Planted::kNobody:
        row.set_number(std::to_string(9'000'000 + at));  // persons are numbered from 1 to 20,000
        break;
      case Planted::kTwin:
        row.set_number(std::to_string(kTwinNumber));
        break;
    }
    return row;
  };
  worker_ = Worker();
  const grpc::Status sent = SendMade(count, row_at, kMostBulkChunkRows);
  ASSERT_TRUE(sent.ok()) << sent.error_message();
  EXPECT_EQ(submitted_.inquiry().row_count(), count);
  const v1::BulkInquiry done = Await(v1::BULK_STATE_DONE, std::chrono::seconds(whole ? 550 : 120));

  std::map<Planted, int64_t> planted;
  for (int at = 0; at < count; ++at) ++planted[PlantedAt(at)];
  const int64_t errors = planted[Planted::kNoBirthDate] + planted[Planted::kNoInsurerNumber] +
                         planted[Planted::kTwoFaults] + planted[Planted::kSameRowId];
  EXPECT_EQ(done.answered_rows(), count);
  EXPECT_EQ(done.error_rows(), errors);

  int at = 0;
  int wrong = 0;
  std::string last_audit_id;
  EachResult([&](const v1::BulkResult& result) {
    const auto expect = [&](bool right) {
      if (right) return;
      ++wrong;
      if (wrong <= 5) ADD_FAILURE() << at << ": " << result.ShortDebugString();
    };
    const auto fields = [&] {
      std::vector<std::string> named;
      for (const auto& violation : result.error().violations()) named.push_back(violation.field());
      return named;
    };
    using Fields = std::vector<std::string>;
    expect(result.row_number() == at + 1);
    expect(result.row_id() == row_at(at).row_id());
    switch (PlantedAt(at)) {
      case Planted::kGood:
        expect(result.answer().validity() == v1::VALIDITY_VALID);
        expect(result.answer().coverages_size() == 1 &&
               result.answer().coverages(0).number() == std::to_string(who(at)));
        break;
      case Planted::kNoBirthDate:
        expect(result.error().reason() == "INVALID_FIELDS" && fields() == Fields{"birth_date"});
        break;
      case Planted::kNoInsurerNumber:
        expect(result.error().reason() == "INVALID_FIELDS" && fields() == Fields{"insurer_number"});
        break;
      case Planted::kTwoFaults:
        expect(result.error().reason() == "INVALID_FIELDS" &&
               fields() == (Fields{"number", "birth_date"}));
        break;
      case Planted::kSameRowId:
        expect(result.error().reason() == "DUPLICATE_ROW_ID" && !result.error().message().empty());
        break;
      case Planted::kNobody:
        expect(result.answer().validity() == v1::VALIDITY_NOT_FOUND);
        break;
      case Planted::kTwin:
        expect(result.answer().validity() == v1::VALIDITY_SEVERAL_FOUND);
        break;
    }
    if (result.has_answer()) {
      expect(!result.answer().next_step().empty() && result.answer().audit_id() != last_audit_id);
      last_audit_id = result.answer().audit_id();
    }
    ++at;
  });
  EXPECT_TRUE(complete_);
  EXPECT_EQ(at, count);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), count);
  EXPECT_EQ(Count("audit_event WHERE operation = 90 AND code = 3"), errors);
  EXPECT_EQ(Count("confirmation"), planted[Planted::kGood]);
}

}  // namespace
}  // namespace kakunin
