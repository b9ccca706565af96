// Every method of the terminals' port, called with every session that must not count.
#include "server/rpc/session_door.h"

#include <gtest/gtest.h>

#include <map>

#include "domain/access_policy.h"
#include "server/rpc/health.h"
#include "tests/rpc/account_fixture.h"

namespace kakunin {
namespace {

class SessionDoorTest : public AccountTest {};

TEST_F(SessionDoorTest, EveryMethodRefusesEverySessionThatDoesNotCount) {
  const TestIdentity& desk = IdentityOf(Caller::kTerminal);
  const TestIdentity& viewing = IdentityOf(Caller::kViewingTerminal);
  MakeAccount("first", Role::kGeneral, kTestFacility, clock_.Now() + absl::Hours(100));
  const std::string expired = LogIn("kanri");
  clock_.Advance(absl::Hours(2));
  const std::string ended = LogIn("kanri");
  const std::string good = LogIn("kanri");  // and the one before is over
  const std::string of_another = LogIn("kanri", kPassword, viewing);
  const std::string needs_change = LogIn("first");
  struct Wrong {
    std::string name;
    std::string reason;
    Metadata metadata;
  };
  const Wrong wrongs[] = {
      {"garbage", "SESSION_UNKNOWN", {{"kakunin-session", "garbage"}}},
      {"nothing", "SESSION_UNKNOWN", {{"kakunin-session", ""}}},
      {"nobody's",
       "SESSION_UNKNOWN",
       {{"kakunin-session", auth::SessionTokenKey::Text(auth::SessionTokenKey::Secret(), 0)}}},
      {"expired", "SESSION_ENDED", {{"kakunin-session", expired}}},  // the log-in after ended it
      {"ended", "SESSION_ENDED", {{"kakunin-session", ended}}},
      {"of another terminal", "SESSION_OF_ANOTHER_TERMINAL", {{"kakunin-session", of_another}}},
      {"of another user",
       "SESSION_CONTRADICTED",
       {{"kakunin-session", good}, {"kakunin-user", "somebody"}}},
      {"of another role",
       "SESSION_CONTRADICTED",
       {{"kakunin-session", good}, {"kakunin-role", "DOCTOR"}}},
      {"whose password is to be changed",
       "PASSWORD_CHANGE_NEEDED",
       {{"kakunin-session", needs_change}}}};
  std::map<std::pair<int, std::string>, int> denied;
  int methods = 0;
  for (const MethodPolicy& policy : AllMethodPolicies()) {
    if (policy.port != Port::kTerminal) continue;
    ++methods;
    for (const Wrong& wrong : wrongs) {
      if (wrong.reason == "PASSWORD_CHANGE_NEEDED" &&
          (policy.operation == Operation::kChangePassword ||
           policy.operation == Operation::kLogOut)) {
        continue;
      }
      const Outcome outcome = CallWithNothing(server_->port().Channel(desk),
                                              std::string(policy.method), wrong.metadata);
      EXPECT_FALSE(outcome.answered) << policy.method << " with a session " << wrong.name;
      EXPECT_EQ(outcome.reason(), wrong.reason) << policy.method << ' ' << wrong.name;
      ++denied[{static_cast<int>(policy.operation), wrong.reason}];
    }
  }
  EXPECT_GT(methods, 40);
  EXPECT_EQ(Ask(good), "");
  // Every refusal is audited, whoever made it.
  server_.reset();
  std::map<std::pair<int, std::string>, int> audited;
  for (const auto& row : database_.Exec(
           "SELECT operation, reason, count(*) FROM kakunin.audit_event WHERE reason LIKE"
           " 'SESSION%' OR reason = 'PASSWORD_CHANGE_NEEDED' GROUP BY 1, 2")) {
    audited[{row[0].as<int>(), row[1].as<std::string>()}] = row[2].as<int>();
  }
  EXPECT_EQ(audited, denied);
}

TEST_F(SessionDoorTest, AnInsurersSessionHeaderMeansNothing) {
  // Sessions are terminals': the header of anybody else proves nothing, and is not looked at.
  RpcServer insurers(database_, clock_, Port::kInsurer);
  const PortHealth health(Port::kInsurer, [] { return true; });
  const auto service = MakeSyncHealthService(health, insurers.dispatch());
  insurers.Start(*service);
  EXPECT_TRUE(CallWithNothing(insurers.Channel(Caller::kInsurer), "/grpc.health.v1.Health/Check",
                              {{"kakunin-session", "garbage"}})
                  .answered);
  insurers.Stop();
}

TEST_F(SessionDoorTest, AWatchKeepsNoSessionInUse) {
  const std::string token = LogIn("kanri");
  clock_.Advance(absl::Minutes(59));
  // The stream ends by its life; what it asked the door for was no use.
  CallWithNothing(server_->port().Channel(Caller::kTerminal),
                  "/kakunin.v1.NoticeService/WatchNotices", {{"kakunin-session", token}});
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Ask(token), "SESSION_EXPIRED");
}

}  // namespace
}  // namespace kakunin
