#include "server/observe/call_log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>

#include "server/observe/json_formatter.h"
#include "storage/store_error.h"
#include "storage/told_failure.h"

namespace kakunin {
namespace {

constexpr char kMethod[] = "/kakunin.v1.EligibilityService/ConfirmByCard";

class CallLogTest : public testing::Test {
 protected:
  CallLogTest() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    sink->set_formatter(std::make_unique<JsonFormatter>());
    logger_ = std::make_shared<spdlog::logger>(kFieldsLogger, std::move(sink));
  }

  long Lines() const {
    const std::string text = text_.str();
    return std::count(text.begin(), text.end(), '\n');
  }

  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> logger_;
  Metrics metrics_;
};

TEST_F(CallLogTest, WritesMethodActorCodeReasonAndTime) {
  CallLog log(logger_, metrics_, 1);
  log.Ended(kMethod, "1312345678/T\"1", MakeError(Reason::kCardRevoked),
            std::chrono::microseconds(1234));
  const std::string line = text_.str();
  EXPECT_EQ(line.substr(line.find("\"method\"")),
            "\"method\":\"/kakunin.v1.EligibilityService/ConfirmByCard\","
            "\"actor\":\"1312345678/T\\\"1\",\"code\":9,\"reason\":\"CARD_REVOKED\","
            "\"ms\":1.234}\n");
  EXPECT_NE(line.find("\"level\":\"info\""), std::string::npos);
}

TEST_F(CallLogTest, SamplesOkCallsOnlyAndCountsAll) {
  CallLog log(logger_, metrics_, 10);
  for (int i = 0; i < 100; ++i) log.Ended(kMethod, "a", absl::OkStatus(), {});
  EXPECT_EQ(Lines(), 10);
  for (int i = 0; i < 100; ++i) log.Ended(kMethod, "a", MakeError(Reason::kCardRefused), {});
  EXPECT_EQ(Lines(), 110);
  const std::string counted = metrics_.Text();
  const std::string series = "kakunin_calls_total{method=\"" + std::string(kMethod) + "\",reason=";
  EXPECT_NE(counted.find(series + "\"OK\"} 100"), std::string::npos) << counted;
  EXPECT_NE(counted.find(series + "\"CARD_REFUSED\"} 100"), std::string::npos);
}

TEST_F(CallLogTest, NeverRepeatsTheTextOfAForeignError) {
  CallLog log(logger_, metrics_, 1);
  log.Ended(kMethod, "a", absl::InternalError("Key (name)=(厚労太郎) already exists"), {});
  EXPECT_EQ(text_.str().find("厚労"), std::string::npos);
  EXPECT_NE(text_.str().find("\"level\":\"error\""), std::string::npos);
}

// An outage of the database is no fault of ours, at every call of every desk.
TEST_F(CallLogTest, NamesAFailureOfTheStoreAsTheCallerIsToldItAndItsSqlState) {
  CallLog log(logger_, metrics_, 1);
  log.Ended(kMethod, "a", StoreError(StoreFailure::kUnavailable, "57P03"), {});
  EXPECT_NE(text_.str().find("\"level\":\"info\""), std::string::npos);
  EXPECT_NE(
      text_.str().find("\"code\":14,\"reason\":\"DATABASE_UNAVAILABLE\",\"sqlstate\":\"57P03\""),
      std::string::npos)
      << text_.str();
}

// However many calls fail; one that brings an SQLSTATE, and with it the cause, is told of besides.
TEST_F(CallLogTest, TellsTheOperatorWhatToDoOnceAMinute) {
  CallLog log(logger_, metrics_, 1);
  const auto told = [&](std::string_view what) {
    const std::string text = text_.str();
    int times = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
      ++times;
    }
    return times;
  };
  for (int i = 0; i < 3; ++i) {
    log.Ended(kMethod, "a", MakeError(Reason::kDatabaseUnavailable), {});
    log.Ended(kMethod, "a", MakeError(Reason::kCardRefused), {});
  }
  EXPECT_EQ(told("database_fails_calls"), 1) << text_.str();
  EXPECT_EQ(told("see that PostgreSQL runs there"), 1) << text_.str();
  EXPECT_EQ(told("\"level\":\"warning\""), 1) << text_.str();
  // Slowness at first does not keep back that it is gone, nor the other way about.
  const absl::Status slow =
      WithFailureOf(StoreError(StoreFailure::kTimedOut), MakeError(Reason::kDatabaseUnavailable));
  for (int i = 0; i < 3; ++i) log.Ended(kMethod, "a", slow, {});
  EXPECT_EQ(told("look at its load"), 1) << text_.str();
  EXPECT_EQ(told("database_fails_calls"), 2) << text_.str();
  // As a lane answers: under a reason of ours, with the store's failure behind it.
  const absl::Status full = WithFailureOf(StoreError(StoreFailure::kUnavailable, "53100"),
                                          MakeError(Reason::kDatabaseUnavailable));
  EXPECT_EQ(ToldReason(full), Reason::kDatabaseUnavailable);
  for (int i = 0; i < 3; ++i) log.Ended(kMethod, "a", full, {});
  EXPECT_EQ(told("database_fails_calls"), 3) << text_.str();
  EXPECT_EQ(told("make room there"), 1) << text_.str();
  EXPECT_EQ(told("\"sqlstate\":\"53100\""), 3) << text_.str();
}

TEST_F(CallLogTest, TellsABrokenStoreFromOneThatCannotBeReached) {
  CallLog log(logger_, metrics_, 1);
  log.Ended(kMethod, "a", StoreError(StoreFailure::kBroken, "42P01"), {});
  EXPECT_NE(text_.str().find("\"level\":\"error\""), std::string::npos);
  EXPECT_NE(text_.str().find("\"code\":13,\"reason\":\"INTERNAL\",\"sqlstate\":\"42P01\""),
            std::string::npos)
      << text_.str();
}

}  // namespace
}  // namespace kakunin
