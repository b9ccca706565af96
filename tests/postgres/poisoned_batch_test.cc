// One inquiry of a batch that only the database can tell is bad: the lane's usecase over the lane's
// own store, as a lane runs them.

#include <gtest/gtest.h>

#include <set>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "auth/hash_function.h"
#include "domain/civil_day.h"
#include "server/rpc/coverage_octets.h"
#include "server/usecases/confirm_eligibility.h"
#include "storage/postgres/confirmation_store.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

constexpr int kBatch = 64;

class OpenGuard final : public InquiryGuard {
 public:
  bool Allows(std::string_view, std::string_view, absl::Time) override { return true; }
  void NoMatch(std::string_view, std::string_view, absl::Time) override {}
  void Found(std::string_view, std::string_view, const PersonId&, absl::Time) override {}
};

class BatchOnPostgres : public testing::Test {
 protected:
  BatchOnPostgres() {
    std::vector<StagedCoverage> rows;
    for (int who = 0; who < kBatch; ++who) {
      rows.push_back(SampleRow(kInsurerA, "R" + std::to_string(who), who));
    }
    FeedDriver(database_, kInsurerA, &BuildAnswerRow).Deliver(1, rows);
    terminals_.resize(kBatch);
    for (int who = 0; who < kBatch; ++who) {
      terminals_[who].facility_code = "1312345678";
      terminals_[who].terminal_id = "T" + std::to_string(who);
      terminals_[who].user = "clerk";
    }
  }

  // Every patient of the batch is asked for by a terminal of their own, with consent.
  std::vector<Confirmed> Confirm() {
    std::vector<Inquiry> batch;
    for (int who = 0; who < kBatch; ++who) {
      batch.push_back({.terminal = &terminals_[who],
                       .actor_name = "1312345678/T",
                       .day = CivilDayAt(TestInstant()),
                       .question = KeyQuestion{.key = SampleKey(2 * who),
                                               .key_without_branch = SampleKey(2 * who),
                                               .limit_certificate = Decision::kAgreed}});
    }
    return usecase_.Confirm(batch, {}, TestInstant(), Soon());
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  int64_t Distinct(const std::string& what, const std::string& table) {
    return database_.Exec("SELECT count(DISTINCT " + what + ") FROM kakunin." + table)[0][0]
        .as<int64_t>();
  }

  const TestDatabase database_;
  std::vector<Terminal> terminals_;
  OpenGuard guard_;
  const auth::HmacKey audit_key_{"the installation's key", "audit"};
  const auth::PatientHandleKey handle_key_{auth::AsBytes("0123456789abcdef0123456789abcdef")};
  const ConfirmationRules rules_;
  const std::unique_ptr<ConfirmationStore> store_ =
      MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"), "kakunin_terminal", "lane");
  ConfirmEligibility usecase_{*store_, guard_,          {audit_key_, handle_key_},
                              rules_,  &BuildAnswerRow, auth::kSha256};
};

class PoisonedBatchTest : public BatchOnPostgres, public testing::WithParamInterface<int> {};

TEST_P(PoisonedBatchTest, SixtyThreeAreAnsweredAndWrittenOnceAndTheOtherIsInternal) {
  const int bad = GetParam();
  terminals_[bad].user = "clerk \xff";  // not UTF-8: nothing before the database looks

  const auto answers = Confirm();
  ASSERT_EQ(answers.size(), static_cast<size_t>(kBatch));
  std::set<int64_t> numbers;
  for (int who = 0; who < kBatch; ++who) {
    const Confirmed& answer = answers[who];
    numbers.insert(answer.audit_id.number);
    if (who == bad) {
      EXPECT_EQ(ReasonOf(answer.status), Reason::kInternal);
      EXPECT_TRUE(answer.failed_alone);
      EXPECT_TRUE(answer.coverages.empty());
      continue;
    }
    EXPECT_TRUE(answer.status.ok()) << who << " " << answer.status;
    EXPECT_EQ(answer.validity, Validity::kValid) << who;
    ASSERT_EQ(answer.coverages.size(), 1u) << who;
    EXPECT_EQ(Count("confirmation WHERE number = " + std::to_string(answer.audit_id.number)), 1);
  }
  EXPECT_EQ(numbers.size(), static_cast<size_t>(kBatch));
  EXPECT_EQ(*numbers.begin(), 1);
  EXPECT_EQ(*numbers.rbegin(), kBatch);

  EXPECT_EQ(Count("audit_event"), kBatch);
  EXPECT_EQ(Count("audit_event WHERE code = 0 AND facility_user = 'clerk'"), kBatch - 1);
  for (const char* table : {"confirmation", "consent_act"}) {
    EXPECT_EQ(Count(table), kBatch - 1) << table;
    EXPECT_EQ(Distinct("person_id", table), kBatch - 1) << table;
  }
  const auto failed = database_.Exec(
      "SELECT number, reason, code, facility_user, person IS NULL FROM kakunin.audit_event"
      " WHERE code <> 0");
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0][0].as<int64_t>(), answers[bad].audit_id.number);
  EXPECT_STREQ(failed[0][1].c_str(), "ROW_REFUSED");
  EXPECT_EQ(failed[0][2].as<int>(), static_cast<int>(absl::StatusCode::kInternal));
  EXPECT_STREQ(failed[0][3].c_str(), "");
  EXPECT_TRUE(failed[0][4].as<bool>());
}

INSTANTIATE_TEST_SUITE_P(Places, PoisonedBatchTest, testing::Values(0, 37, 63));

TEST_F(BatchOnPostgres, WithoutABadRowAllAreWrittenAtOnce) {
  for (const Confirmed& answer : Confirm()) EXPECT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(Count("audit_event"), kBatch);
  EXPECT_EQ(Distinct("xmin::text", "audit_event"), 1);
}

}  // namespace
}  // namespace kakunin
