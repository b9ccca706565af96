// Calls that are too many, over a real connection.
#include <gtest/gtest.h>

#include "tests/rpc/raw_call.h"
#include "tests/rpc/terminal_server.h"

namespace kakunin {
namespace {

class AdmissionCallTest : public testing::Test {
 protected:
  void Serve(const AdmissionLimits& limits) {
    RegisterTestCallers(database_, clock_.Now());
    admission_.emplace(limits);
    server_ = std::make_unique<TerminalServer>(database_, clock_, PeerSource{}, &*admission_);
  }

  // Calls until one is refused; how many were answered. More than 200 are no limit.
  int AnsweredUntilRefused(Caller caller, const std::string& method, Outcome& refusal) {
    const auto channel = server_->port().Channel(caller);
    for (int answered = 0; answered < 200; ++answered) {
      refusal = CallWithNothing(channel, method);
      if (!refusal.answered) return answered;
    }
    return 200;
  }

  const TestDatabase database_;
  SettableClock clock_;
  std::optional<Admission> admission_;
  std::unique_ptr<TerminalServer> server_;
};

TEST_F(AdmissionCallTest, OneTerminalThatAsksTooOftenIsToldWhenToComeAgain) {
  Serve({.calls_per_certificate = 1});
  Outcome refusal;
  EXPECT_GE(AnsweredUntilRefused(Caller::kTerminal, kByNumberMethod, refusal), 16);
  EXPECT_EQ(refusal.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refusal.reason(), "CALL_LIMIT");
  EXPECT_TRUE(DescribeError(refusal.status).retry_after);
  ASSERT_TRUE(refusal.trailing.contains("grpc-retry-pushback-ms"));
  EXPECT_GE(std::stoi(refusal.trailing["grpc-retry-pushback-ms"]), 500);
  EXPECT_GE(admission_->RefusedByCertificate(), 1);
  // The others are served, and it is itself for what must not wait.
  EXPECT_TRUE(
      CallWithNothing(server_->port().Channel(Caller::kViewingTerminal), kByNumberMethod).answered);
  const auto channel = server_->port().Channel(Caller::kTerminal);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(CallWithNothing(channel, kHealthCheckMethod).answered);
  }
}

TEST_F(AdmissionCallTest, RecordsAreRefusedBeforeDesks) {
  Serve({.calls_per_second = 1});  // 16 at once, of which records leave a quarter
  Outcome refusal;
  EXPECT_GE(
      AnsweredUntilRefused(Caller::kTerminal, "/kakunin.v1.RecordService/GetDrugHistory", refusal),
      12);
  EXPECT_EQ(refusal.reason(), "OVERLOADED");
  EXPECT_GE(AnsweredUntilRefused(Caller::kTerminal, kByNumberMethod, refusal), 3);
  EXPECT_EQ(refusal.reason(), "OVERLOADED");
  // The end of a consent waits for nobody.
  EXPECT_EQ(
      AnsweredUntilRefused(Caller::kTerminal, "/kakunin.v1.ConsentService/RevokeConsent", refusal),
      200);
}

}  // namespace
}  // namespace kakunin
