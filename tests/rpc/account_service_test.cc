// Accounts at a facility and their sessions: who logs in where, what locks, what ends a session,
// and how soon.
#include "server/rpc/account_service.h"

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "tests/rpc/account_fixture.h"

namespace kakunin {
namespace {

class AccountServiceTest : public AccountTest {};

TEST_F(AccountServiceTest, ASessionMakesUserAndRoleProvenAndTheAuditKeepsIt) {
  MakeAccount("ishi", Role::kDoctor);
  const std::string token = LogIn("ishi");
  ASSERT_EQ(status_.error_message(), "");
  EXPECT_EQ(logged_in_.account().user_name(), "ishi");
  EXPECT_EQ(logged_in_.account().kind(), v1::ACCOUNT_KIND_MEDICAL_INFORMATION_VIEWER);
  EXPECT_EQ(logged_in_.account().role(), v1::USER_ROLE_DOCTOR);
  EXPECT_FALSE(logged_in_.password_change_needed());
  EXPECT_EQ(logged_in_.idle_seconds(), 3600);
  EXPECT_EQ(logged_in_.end_time().seconds(), absl::ToUnixSeconds(clock_.Now() + absl::Hours(12)));
  EXPECT_EQ(Ask(token), "");
  EXPECT_EQ(
      Text("SELECT facility_user || ' ' || role || ' ' || role_evidence FROM kakunin.audit_event"
           " WHERE operation = 150"),
      "ishi 3 2");
  EXPECT_EQ(Text("SELECT facility_user || ' ' || role || ' ' || role_evidence || ' ' || details"
                 " FROM kakunin.audit_event WHERE operation = 140"),
            "ishi 3 2 try=1");
  // Without it all is as it was.
  const Outcome asserted =
      CallWithNothing(server_->port().Channel(Caller::kTerminal),
                      "/kakunin.v1.FacilitySettingsService/GetFacilitySettings",
                      {{"kakunin-user", "ishi"}, {"kakunin-role", "DOCTOR"}});
  EXPECT_TRUE(asserted.answered);
  EXPECT_EQ(Text("SELECT string_agg(role_evidence::text, '' ORDER BY role_evidence) FROM"
                 " kakunin.audit_event WHERE operation = 150"),
            "12");
}

TEST_F(AccountServiceTest, NeitherTokenNorPasswordIsStoredAnywhere) {
  const std::string token = LogIn("kanri");
  ASSERT_EQ(ChangePassword(token, kPassword, kNewPassword), "");
  const std::string secret = token.substr(0, 64);
  for (const char* table : {"facility_account", "account_session", "audit_event"}) {
    const std::string all =
        Text(fmt::format("SELECT string_agg(t::text, ' ') FROM kakunin.{} t", table));
    EXPECT_FALSE(all.empty()) << table;
    EXPECT_EQ(all.find(secret), std::string::npos) << table;
    EXPECT_EQ(all.find(kPassword), std::string::npos) << table;
    EXPECT_EQ(all.find(kNewPassword), std::string::npos) << table;
  }
  EXPECT_EQ(Text("SELECT password_hash FROM kakunin.facility_account").substr(0, 15),
            "$scrypt$15$8$1$");
}

TEST_F(AccountServiceTest, AnotherTerminalsTokenIsRefused) {
  const std::string token = LogIn("kanri");
  ASSERT_EQ(Ask(token), "");
  EXPECT_EQ(Ask(token, IdentityOf(Caller::kViewingTerminal)), "SESSION_OF_ANOTHER_TERMINAL");
  EXPECT_EQ(Ask(token, elsewhere_), "SESSION_OF_ANOTHER_TERMINAL");
  EXPECT_EQ(Ask(token), "");
}

TEST_F(AccountServiceTest, AnAccountIsItsFacilitysAlone) {
  EXPECT_EQ(LogIn("kanri", kPassword, elsewhere_), "?LOG_IN_REFUSED");
  MakeAccount("kanri", Role::kGeneral, kOtherFacility);
  EXPECT_NE(LogIn("kanri", kPassword, elsewhere_).front(), '?');
  EXPECT_EQ(logged_in_.account().kind(), v1::ACCOUNT_KIND_GENERAL);
  // Wrong tries there lock nobody here.
  for (int i = 0; i < 5; ++i) LogIn("kanri", "not the password", elsewhere_);
  EXPECT_EQ(LogIn("kanri", kPassword, elsewhere_), "?LOG_IN_REFUSED");
  EXPECT_NE(LogIn("kanri").front(), '?');
}

TEST_F(AccountServiceTest, UnknownWrongAndShutAreToldAlike) {
  MakeAccount("gone", Role::kGeneral);
  MakeAccount("shut", Role::kGeneral);
  MakeAccount("late", Role::kGeneral, kTestFacility, clock_.Now());
  const std::string token = LogIn("kanri");
  v1::DisableAccountResponse disabled;
  ASSERT_EQ(Administer<v1::DisableAccountRequest>(&Stub::DisableAccount, token, "gone", disabled),
            "");
  v1::LockAccountResponse locked;
  ASSERT_EQ(Administer<v1::LockAccountRequest>(&Stub::LockAccount, token, "shut", locked), "");
  EXPECT_EQ(locked.account().state(), v1::ACCOUNT_STATE_LOCKED);
  std::set<std::string> told;
  const auto tell = [&](const std::string& user, const std::string& password) {
    EXPECT_EQ(LogIn(user, password), "?LOG_IN_REFUSED") << user;
    told.insert(status_.error_details());
  };
  tell("nobody", kPassword);
  tell("kanri", "not the password");
  tell("kanri", "not the password either");
  tell("gone", kPassword);
  tell("shut", kPassword);
  tell("late", kPassword);
  EXPECT_EQ(told.size(), 1u);
  // The audit knows, and has no name that is nobody's.
  EXPECT_EQ(Text("SELECT string_agg(facility_user || ':' || details, ' ' ORDER BY facility_user,"
                 " details) FROM kakunin.audit_event WHERE operation = 140 AND code = 16"),
            ":account=unknown gone:compared=0 kanri:try=1"
            " kanri:try=2 late:compared=0 shut:compared=0");
}

TEST_F(AccountServiceTest, WhatIsNoNameOrNoPasswordIsNotTried) {
  EXPECT_EQ(LogIn("no name at all\n"), "?INVALID_FIELDS");
  EXPECT_EQ(LogIn(std::string("ka\0nri", 6)), "?INVALID_FIELDS");
  EXPECT_EQ(LogIn("kanri", std::string(100'000, 'x')), "?INVALID_FIELDS");
  EXPECT_EQ(LogIn("kanri", "a\nb"), "?INVALID_FIELDS");
  EXPECT_EQ(LogIn("", ""), "?INVALID_FIELDS");
  EXPECT_EQ(Text("SELECT wrong_tries FROM kakunin.facility_account"), "0");
}

TEST_F(AccountServiceTest, FiveWrongTriesLockUntilAnAdministratorOpensTheAccount) {
  MakeAccount("ippan", Role::kGeneral);
  const std::string open = LogIn("ippan");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(LogIn("ippan", "wrong"), "?LOG_IN_REFUSED");
  EXPECT_NE(LogIn("ippan").front(), '?');  // the fifth was right: all begin anew
  for (int i = 0; i < 5; ++i) EXPECT_EQ(LogIn("ippan", "wrong"), "?LOG_IN_REFUSED");
  EXPECT_EQ(LogIn("ippan"), "?LOG_IN_REFUSED");
  clock_.Advance(absl::Hours(24 * 30));  // no time opens it
  EXPECT_EQ(LogIn("ippan"), "?LOG_IN_REFUSED");

  const std::string token = LogIn("kanri");
  v1::ListAccountsResponse list;
  ASSERT_EQ(Call(&Stub::ListAccounts, v1::ListAccountsRequest(), list, token), "");
  ASSERT_EQ(list.accounts_size(), 2);
  EXPECT_EQ(list.accounts(0).user_name(), "ippan");
  EXPECT_EQ(list.accounts(0).state(), v1::ACCOUNT_STATE_LOCKED_BY_TRIES);
  v1::UnlockAccountResponse unlocked;
  ASSERT_EQ(Administer<v1::UnlockAccountRequest>(&Stub::UnlockAccount, token, "ippan", unlocked),
            "");
  EXPECT_EQ(unlocked.account().state(), v1::ACCOUNT_STATE_OPEN);
  EXPECT_NE(LogIn("ippan").front(), '?');
}

TEST_F(AccountServiceTest, WrongTriesDoNotThrowOutWhoHasLoggedIn) {
  MakeAccount("ippan", Role::kGeneral);
  const std::string token = LogIn("ippan");
  for (int i = 0; i < 6; ++i) LogIn("ippan", "wrong", IdentityOf(Caller::kViewingTerminal));
  EXPECT_EQ(Ask(token), "");
}

TEST_F(AccountServiceTest, OfTriesAtTheSameInstantNoMoreThanFiveAreCompared) {
  MakeAccount("ippan", Role::kGeneral);
  // Two servers of the installation, each with several digests at once.
  RpcServer other(database_, clock_, Port::kTerminal);
  const auto look_up = TestKey("look-up");
  const auto audit = TestKey("audit");
  const auto service = MakeAccountService(
      {other.dispatch(), other.database(), other.account_store(), other.accounts(), look_up, audit},
      {.threads = 4, .most_queued = 64});
  RpcServer third(database_, clock_, Port::kTerminal);
  const auto third_service = MakeAccountService(
      {third.dispatch(), third.database(), third.account_store(), third.accounts(), look_up, audit},
      {.threads = 4, .most_queued = 64});
  other.Start(*service);
  third.Start(*third_service);
  const auto guess = [&](RpcServer& server, int number) {
    v1::LogInRequest request;
    request.set_user_name("ippan");
    request.set_password(fmt::format("guess number {}", number));
    v1::LogInResponse response;
    grpc::ClientContext context;
    return v1::AccountService::NewStub(server.Channel(Caller::kTerminal))
        ->LogIn(&context, request, &response)
        .error_message();
  };
  std::vector<std::future<std::string>> guesses;
  for (int i = 0; i < 12; ++i) {
    guesses.push_back(
        std::async(std::launch::async, [&, i] { return guess(i % 2 == 0 ? other : third, i); }));
  }
  for (auto& one : guesses) EXPECT_EQ(one.get(), "LOG_IN_REFUSED");
  other.Stop();
  third.Stop();
  EXPECT_EQ(Text("SELECT string_agg(details, ' ' ORDER BY details) FROM kakunin.audit_event"
                 " WHERE operation = 140 AND details LIKE 'try=%'"),
            "try=1 try=2 try=3 try=4 try=5;locked=1");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.audit_event WHERE operation = 140 AND details ="
                 " 'compared=0'"),
            "7");
  EXPECT_EQ(LogIn("ippan"), "?LOG_IN_REFUSED");
}

TEST_F(AccountServiceTest, MoreThanTheServerDigestsIsAskedToComeBack) {
  RpcServer small(database_, clock_, Port::kTerminal);
  const auto look_up = TestKey("look-up");
  const auto audit = TestKey("audit");
  const auto service = MakeAccountService(
      {small.dispatch(), small.database(), small.account_store(), small.accounts(), look_up, audit},
      {.threads = 1, .most_queued = 1});
  small.Start(*service);
  const auto channel = small.Channel(Caller::kTerminal);
  std::vector<std::future<ErrorDescription>> calls;
  for (int i = 0; i < 12; ++i) {
    calls.push_back(std::async(std::launch::async, [&] {
      v1::LogInRequest request;
      request.set_user_name("nobody");
      request.set_password("whatever it is");
      v1::LogInResponse response;
      grpc::ClientContext context;
      return DescribeError(
          v1::AccountService::NewStub(channel)->LogIn(&context, request, &response));
    }));
  }
  int overloaded = 0;
  int refused = 0;
  for (auto& call : calls) {
    const ErrorDescription error = call.get();
    if (error.reason == "OVERLOADED") {
      ++overloaded;
      EXPECT_TRUE(error.retry_after);
    } else {
      EXPECT_EQ(error.reason, "LOG_IN_REFUSED");
      ++refused;
    }
  }
  small.Stop();
  EXPECT_GT(overloaded, 0);
  EXPECT_GT(refused, 0);
}

TEST_F(AccountServiceTest, LoggingOutEndsTheSession) {
  const std::string token = LogIn("kanri");
  v1::LogOutResponse response;
  ASSERT_EQ(Call(&Stub::LogOut, v1::LogOutRequest(), response, token), "");
  EXPECT_EQ(Ask(token), "SESSION_ENDED");
  EXPECT_EQ(Call(&Stub::LogOut, v1::LogOutRequest(), response, token), "SESSION_ENDED");
  EXPECT_EQ(Call(&Stub::LogOut, v1::LogOutRequest(), response), "ROLE_NOT_PROVEN");
}

TEST_F(AccountServiceTest, LoggingInAgainAtTheTerminalEndsTheSessionBefore) {
  const std::string first = LogIn("kanri");
  const std::string elsewhere = LogIn("kanri", kPassword, IdentityOf(Caller::kViewingTerminal));
  const std::string second = LogIn("kanri");
  EXPECT_EQ(Ask(first), "SESSION_ENDED");
  EXPECT_EQ(Ask(second), "");
  EXPECT_EQ(Ask(elsewhere, IdentityOf(Caller::kViewingTerminal)), "");
}

TEST_F(AccountServiceTest, ASessionEndsByItsTimeAndWhenNobodyUsesIt) {
  const std::string token = LogIn("kanri");
  clock_.Advance(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(Ask(token), "");  // and used it
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Ask(token), "SESSION_EXPIRED");
  const std::string long_one = LogIn("kanri");
  for (int i = 1; i < 24; ++i) {
    clock_.Advance(absl::Minutes(30));
    ASSERT_EQ(Ask(long_one), "") << i;
  }
  clock_.Advance(absl::Minutes(30) - absl::Microseconds(1));
  EXPECT_EQ(Ask(long_one), "");
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Ask(long_one), "SESSION_EXPIRED");
}

TEST_F(AccountServiceTest, ASessionThatContradictsWhatIsAssertedIsRefused) {
  MakeAccount("ishi", Role::kDoctor);
  const TestIdentity& desk = IdentityOf(Caller::kTerminal);
  const std::string token = LogIn("ishi");
  EXPECT_EQ(Ask(token, desk, {{"kakunin-user", "ishi"}, {"kakunin-role", "DOCTOR"}}), "");
  EXPECT_EQ(Ask(token, desk, {{"kakunin-user", "kanri"}}), "SESSION_CONTRADICTED");
  EXPECT_EQ(Ask(token, desk, {{"kakunin-role", "PHARMACIST"}}), "SESSION_CONTRADICTED");
  EXPECT_EQ(Ask(token, desk, {{"kakunin-role", "GENERAL"}}), "SESSION_CONTRADICTED");
}

TEST_F(AccountServiceTest, WhatIsNoSessionIsNeverTakenAsAsserted) {
  const std::string token = LogIn("kanri");
  const std::string other_secret = auth::SessionTokenKey::Secret();
  const TestIdentity& desk = IdentityOf(Caller::kTerminal);
  for (const std::string& bad : {std::string("x"), token.substr(1), token + "0x",
                                 other_secret + ".0", other_secret + ".999999999999"}) {
    EXPECT_EQ(Ask(bad, desk, {{"kakunin-user", "kanri"}, {"kakunin-role", "ADMINISTRATOR"}}),
              "SESSION_UNKNOWN")
        << bad;
  }
  // One that was made a moment ago by another server: ask again.
  const int64_t next = server_->port().accounts().Current()->generation() + 1;
  EXPECT_EQ(Ask(auth::SessionTokenKey::Text(other_secret, next)), "SESSION_NOT_YET_KNOWN");
}

TEST_F(AccountServiceTest, AnEndShowsWithinASecondAtTwoServers) {
  MakeAccount("ippan", Role::kGeneral);
  TerminalServer second(database_, clock_);
  const std::string administrator = LogIn("kanri");
  const auto lock = [&] {
    v1::LockAccountResponse response;
    EXPECT_EQ(
        Administer<v1::LockAccountRequest>(&Stub::LockAccount, administrator, "ippan", response),
        "");
    EXPECT_EQ(response.sessions_ended(), 1);
    v1::UnlockAccountResponse unlocked;
    EXPECT_EQ(Administer<v1::UnlockAccountRequest>(&Stub::UnlockAccount, administrator, "ippan",
                                                   unlocked),
              "");
  };
  const auto reset = [&] {
    v1::ResetPasswordResponse response;
    EXPECT_EQ(Administer<v1::ResetPasswordRequest>(&Stub::ResetPassword, administrator, "ippan",
                                                   response),
              "");
    database_.Exec("UPDATE kakunin.facility_account SET one_time_end = NULL, password_hash = '" +
                   auth::HashPassword(kPassword, {.log_n = 8}) + "' WHERE user_name = 'ippan'");
  };
  const auto disable = [&] {
    v1::DisableAccountResponse response;
    EXPECT_EQ(Administer<v1::DisableAccountRequest>(&Stub::DisableAccount, administrator, "ippan",
                                                    response),
              "");
    EXPECT_EQ(response.account().state(), v1::ACCOUNT_STATE_DISABLED);
  };
  for (const std::function<void()>& end :
       {std::function<void()>(lock), std::function<void()>(reset),
        std::function<void()>(disable)}) {
    const std::string token = LogIn("ippan");
    ASSERT_NE(token.front(), '?') << token;
    const auto ask_second = [&] {
      return CallWithNothing(second.port().Channel(Caller::kTerminal),
                             "/kakunin.v1.FacilitySettingsService/GetFacilitySettings",
                             {{"kakunin-session", token}})
          .reason();
    };
    second.port().accounts().CatchUp(Soon());
    ASSERT_EQ(ask_second(), "");
    end();
    const auto ended = std::chrono::steady_clock::now();
    // The server that did it knows at once.
    EXPECT_EQ(Ask(token), "SESSION_ENDED");
    std::string reason;
    do {
      reason = ask_second();
    } while (reason.empty() && std::chrono::steady_clock::now() - ended < std::chrono::seconds(5));
    EXPECT_LT(std::chrono::steady_clock::now() - ended, std::chrono::seconds(1));
    EXPECT_EQ(reason, "SESSION_ENDED");
  }
}

}  // namespace
}  // namespace kakunin
