// A database that restarts while the lanes have nothing to do: every kind of lane notices by
// itself, so that no call is lost on a dead connection.
#include <fmt/format.h>

#include "tests/rpc/eligibility_fixture.h"

namespace kakunin {
namespace {

constexpr char kIdleLane[] = "idle lane";

class IdleLossTest : public EligibilityServiceTest {
 protected:
  int64_t Sessions() const {
    return Count(
        fmt::format("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{}'"
                    " AND datname = current_database()",
                    kIdleLane));
  }

  template <class Handler>
  static void IdleUntilConnected(Handler& handler) {
    const auto bound = Soon();
    do {
      handler.Idle();
    } while (!handler.Connected() && std::chrono::steady_clock::now() < bound);
    ASSERT_TRUE(handler.Connected());
  }

  template <class Handler>
  void ExpectNewSessionAfterLoss(Handler& handler) {
    IdleUntilConnected(handler);
    ASSERT_EQ(Sessions(), 1);
    database_.Exec(
        fmt::format("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                    " WHERE application_name = '{}' AND datname = current_database()",
                    kIdleLane));
    ASSERT_EQ(Sessions(), 0);
    IdleUntilConnected(handler);
    EXPECT_EQ(Sessions(), 1);
  }

  std::string ConnInfo() const { return database_.ConnInfo("kakunin_terminal"); }
};

TEST_F(IdleLossTest, AnEligibilityLaneConnectsAnewByItself) {
  const auto store = MakeConfirmationStore(ConnInfo(), "", kIdleLane);
  ConfirmEligibility usecase(*store, guard_, ConfirmationKeys{audit_key_, handle_key_}, rules_,
                             &BuildAnswerRow, auth::kSha256, &unlinked_);
  EligibilityHandler handler(
      usecase, [] { return CardTrust{}; }, health_, clock_,
      EligibilityHandler::Border{
          .contact = contact_, .lookup_key = look_up_key_, .audit_key = audit_key_});
  ExpectNewSessionAfterLoss(handler);
}

TEST_F(IdleLossTest, ARecordLaneConnectsAnewByItself) {
  const auto store = MakeRecordStore(ConnInfo(), "", kIdleLane);
  ReadRecords usecase(*store, guard_, ReadRecords::Keys{audit_key_, handle_key_}, record_rules_,
                      AnswersOfThisFormat(), auth::kSha256);
  RecordHandler handler(
      usecase, [this] { return Revocations(); }, clock_,
      RecordHandler::Border{.lookup_key = look_up_key_, .audit_key = audit_key_});
  ExpectNewSessionAfterLoss(handler);
}

TEST_F(IdleLossTest, AnAccessLogLaneConnectsAnewByItself) {
  const auto store = MakeAccessLogStore(ConnInfo(), "", kIdleLane);
  ListAccesses usecase(*store, audit_key_, rules_, auth::kSha256);
  AccessLogHandler handler(
      usecase, [] { return CardTrust{}; }, clock_,
      AccessLogHandler::Border{.audit_key = audit_key_, .handle_key = handle_key_});
  ExpectNewSessionAfterLoss(handler);
}

}  // namespace
}  // namespace kakunin
