// Lists of which every round fails: the lists of others run nevertheless.
#include <atomic>

#include "domain/error.h"
#include "tests/rpc/bulk_service_fixture.h"

namespace kakunin {
namespace {

// More of them, and longer waiting, than a worker looks at.
TEST_F(BulkServiceTest, ListsThatAlwaysFailKeepNoOtherFromRunning) {
  Insure(1);
  const absl::CivilDay fails = CivilDayAt(clock_.Now()) + 2;
  std::atomic<int> failures{0};
  worker_ = std::make_unique<BulkWorker>(
      MakeBulkLaneStore(database_.ConnInfo("kakunin_terminal"), "", "bulk lane"),
      BulkWorker::Backend{
          .keys = {audit_key_, handle_key_},
          .rules = rules_,
          .build = &BuildAnswerRow,
          .hash = auth::kSha256,
          .codec = BulkCodecFor(),
          .terminal = [&](const BulkHeader& header, absl::Time at) -> absl::StatusOr<Terminal> {
            if (header.day != fails) {
              return RegisteredTerminal(port_->registry(), header, at);
            }
            ++failures;
            return MakeError(Reason::kRegistryStale);
          },
          .cards = [this] { return Cards(); }},
      clock_, [] { return false; });
  constexpr int kFailing = 20;
  for (int i = 0; i < kFailing; ++i) {
    header_ = Header();
    *header_.mutable_day() = DayToProto(fails);
    ASSERT_TRUE(Send(Rows(1), 10).ok()) << i;
    // One facility has not as many at a time.
    database_.Exec("UPDATE kakunin.bulk_inquiry SET facility_code = '1399999999'");
    clock_.Advance(absl::Seconds(1));
  }
  const auto bound = Soon() + std::chrono::seconds(50);
  while (failures < kFailing && std::chrono::steady_clock::now() < bound) {
  }
  EXPECT_GE(failures, kFailing) << "each of them had its turn";
  header_ = Header();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  Await(v1::BULK_STATE_DONE);
  EXPECT_EQ(Count("bulk_inquiry WHERE state = 2"), kFailing) << "they are not given up";
  worker_.reset();
}

}  // namespace
}  // namespace kakunin
