#include "storage/postgres/lane_connection.h"

#include <gtest/gtest.h>

#include <future>

#include "storage/postgres/binary_array.h"
#include "tests/support/frozen_server.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kBound(200);
constexpr milliseconds kSlack(100);

constexpr LaneStatement kStatements[] = {
    {"pid", "SELECT pg_backend_pid()", false},
    {"divide", "SELECT 1 / $1::int8", false},
    {"length", "SELECT octet_length($1::bytea)::int8", false},
    {"write", "INSERT INTO kakunin.probe (number) VALUES ($1::int8)", true},
    {"warn", "SELECT kakunin.warn()", true},
    {"all", "SELECT * FROM kakunin.probe", false},
};
enum Statement { kPid, kDivide, kLength, kWrite, kWarn, kAll };

class LaneConnectionTest : public testing::Test {
 protected:
  LaneConnectionTest() {
    database_.Exec(
        "CREATE TABLE kakunin.probe (number int8 PRIMARY KEY);"
        "GRANT SELECT, INSERT ON kakunin.probe TO kakunin_terminal;"
        "CREATE FUNCTION kakunin.warn() RETURNS int LANGUAGE plpgsql AS"
        " 'BEGIN RAISE WARNING ''cancelled''; RETURN 1; END'");
  }
  absl::StatusOr<LaneResult> Run(Statement statement, MonotonicTime deadline = Soon()) {
    return lane_.Run(kStatements[statement], {}, deadline);
  }
  absl::StatusOr<LaneResult> Run(Statement statement, int64_t number,
                                 MonotonicTime deadline = Soon()) {
    const BinaryScalar scalar(number);
    const std::string_view parameters[] = {scalar.octets()};
    return lane_.Run(kStatements[statement], parameters, deadline);
  }
  void Connect() {
    const absl::Status status = lane_.Reconnect(Soon());
    ASSERT_TRUE(status.ok()) << status;
  }
  int Pid() { return Int4From(Run(kPid)->Cell(0, 0)); }
  void Terminate(int pid) {
    database_.Exec("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 10000)");
  }
  int64_t Rows() {
    return database_.Exec("SELECT count(*) FROM kakunin.probe")[0][0].as<int64_t>();
  }

  const TestDatabase database_;
  LaneConnection lane_{
      ConnectionParametersFor(database_.ConnInfo("kakunin_terminal"), "kakunin_terminal", "lane"),
      kStatements};
};

TEST_F(LaneConnectionTest, IsUnavailableUntilItIsConnected) {
  EXPECT_EQ(StoreFailureOf(Run(kPid).status()), StoreFailure::kUnavailable);
  Connect();
  EXPECT_TRUE(lane_.Connected());
  EXPECT_GT(Pid(), 0);
}

TEST_F(LaneConnectionTest, ManyShortStepsConnectAsOneLongOne) {
  const auto bound = Soon();
  absl::Status status;
  do {
    status = lane_.Reconnect(steady_clock::now() + milliseconds(1));
  } while (StoreFailureOf(status) == StoreFailure::kTimedOut && steady_clock::now() < bound);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_GT(Pid(), 0);
}

TEST_F(LaneConnectionTest, ALossWhileIdleIsNoticedBeforeTheNextStatement) {
  Connect();
  const int pid = Pid();
  lane_.DropIfClosed();
  EXPECT_TRUE(lane_.Connected());
  EXPECT_EQ(Pid(), pid);
  Terminate(pid);
  lane_.DropIfClosed();
  EXPECT_FALSE(lane_.Connected());
  lane_.DropIfClosed();  // nothing to look at
  Connect();
  EXPECT_NE(Pid(), pid);
}

TEST_F(LaneConnectionTest, ARefusedStatementLeavesTheConnection) {
  Connect();
  const absl::Status status = Run(kDivide, 0).status();
  EXPECT_EQ(StoreFailureOf(status), StoreFailure::kBadData);
  EXPECT_EQ(SqlStateOf(status), "22012");
  EXPECT_TRUE(lane_.Connected());
  EXPECT_EQ(Int8From(Run(kDivide, 1)->Cell(0, 0)), 1);
}

TEST_F(LaneConnectionTest, TakesAParameterThatDoesNotFitTheSocket) {
  Connect();
  const std::string octets(20'000'000, 'x');
  const std::string_view parameters[] = {octets};
  const auto result = lane_.Run(kStatements[kLength], parameters, Soon());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Int8From(result->Cell(0, 0)), 20'000'000);
}

TEST_F(LaneConnectionTest, AFrozenServerIsLeftAtTheDeadlineAlsoWhenTheSocketIsFull) {
  Connect();
  const FrozenProcess frozen(Pid());
  const std::string octets(20'000'000, 'x');
  const std::string_view parameters[] = {octets};
  const auto begin = steady_clock::now();
  const auto result = lane_.Run(kStatements[kLength], parameters, begin + kBound);
  const auto took = steady_clock::now() - begin;
  EXPECT_EQ(StoreFailureOf(result.status()), StoreFailure::kTimedOut);
  EXPECT_GE(took, kBound);
  EXPECT_LT(took, kBound + kSlack);
  EXPECT_FALSE(lane_.Connected());
  Connect();
  EXPECT_GT(Pid(), 0);
}

TEST_F(LaneConnectionTest, AServerThatNeverAnswersIsLeftAtTheDeadline) {
  const FrozenServer server;
  LaneConnection lane(ConnectionParametersFor(server.ConnInfo(), "kakunin_terminal", "lane"),
                      kStatements);
  const auto begin = steady_clock::now();
  EXPECT_EQ(StoreFailureOf(lane.Reconnect(begin + kBound)), StoreFailure::kTimedOut);
  EXPECT_LT(steady_clock::now() - begin, kBound + kSlack);
  EXPECT_FALSE(lane.Connected());
}

TEST_F(LaneConnectionTest, NoServerIsUnavailableAtOnce) {
  LaneConnection lane(ConnectionParametersFor("host=/nonexistent", "kakunin_terminal", "lane"),
                      kStatements);
  EXPECT_EQ(StoreFailureOf(lane.Reconnect(Soon())), StoreFailure::kUnavailable);
}

TEST_F(LaneConnectionTest, AServerThatEndedIsUnavailableForAReaderAndUnknownForAWriter) {
  Connect();
  Terminate(Pid());
  EXPECT_EQ(StoreFailureOf(Run(kPid).status()), StoreFailure::kUnavailable);
  Connect();
  Terminate(Pid());
  EXPECT_EQ(StoreFailureOf(Run(kWrite, 1).status()), StoreFailure::kUnknownOutcome);
  EXPECT_FALSE(lane_.Connected());
  Connect();
  EXPECT_TRUE(Run(kWrite, 1).ok());
  EXPECT_EQ(Rows(), 1);
}

TEST_F(LaneConnectionTest, AWarningAtACommitIsNoAcknowledgement) {
  Connect();
  EXPECT_EQ(StoreFailureOf(Run(kWarn).status()), StoreFailure::kUnknownOutcome);
  // The stream may hold the rows: the connection goes, so that nothing takes their numbers again.
  EXPECT_EQ(StoreFailureOf(Run(kWrite, 1).status()), StoreFailure::kUnavailable);
  Connect();
  EXPECT_TRUE(Run(kWrite, 1).ok());
}

TEST_F(LaneConnectionTest, AMigrationUnderAPreparedStatementNeedsANewSession) {
  Connect();
  EXPECT_TRUE(Run(kAll).ok());
  database_.Exec("ALTER TABLE kakunin.probe ADD COLUMN more int");
  EXPECT_EQ(StoreFailureOf(Run(kAll).status()), StoreFailure::kUnavailable);
  EXPECT_FALSE(lane_.Connected());
  Connect();
  EXPECT_TRUE(Run(kAll).ok());
}

TEST_F(LaneConnectionTest, ABackendThatMayStillCommitIsNamedUntilItIsGone) {
  Connect();
  {
    const FrozenProcess frozen(Pid());
    EXPECT_EQ(StoreFailureOf(Run(kWrite, 1, steady_clock::now() + kBound).status()),
              StoreFailure::kTimedOut);
    Connect();
    const auto runs = lane_.LostBackendsRun(Soon());
    ASSERT_TRUE(runs.ok());
    EXPECT_TRUE(*runs);
  }
  const auto bound = Soon();
  while (*lane_.LostBackendsRun(Soon())) ASSERT_LT(steady_clock::now(), bound);
  EXPECT_EQ(Rows(), 0);  // it was told to end before it read the statement
}

TEST_F(LaneConnectionTest, BackendsThatAreGoneAreForgottenWithTheNextConnection) {
  for (int64_t i = 1; i <= 3; ++i) {
    Connect();
    EXPECT_EQ(lane_.LostBackends(), 0u);
    Terminate(Pid());
    EXPECT_EQ(StoreFailureOf(Run(kWrite, i).status()), StoreFailure::kUnknownOutcome);
    EXPECT_EQ(lane_.LostBackends(), 1u);
  }
  Connect();
  const FrozenProcess frozen(Pid());
  EXPECT_EQ(StoreFailureOf(Run(kWrite, 4, steady_clock::now() + kBound).status()),
            StoreFailure::kTimedOut);
  // One that still runs is told to end and stays named, however often the lane connects.
  for (int i = 0; i < 2; ++i) {
    Connect();
    EXPECT_EQ(lane_.LostBackends(), 1u);
    const auto runs = lane_.LostBackendsRun(Soon());
    ASSERT_TRUE(runs.ok());
    EXPECT_TRUE(*runs);
    lane_.Drop();
  }
}

}  // namespace
}  // namespace kakunin
