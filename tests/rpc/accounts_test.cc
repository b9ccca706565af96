// What an administrator does with the facility's accounts, and everybody with the own password.
#include "server/usecases/accounts.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/rpc/account_fixture.h"

namespace kakunin {
namespace {

class AccountsTest : public AccountTest {};

TEST_F(AccountsTest, AnAdministratorMakesAccountsWhosePasswordIsChangedFirst) {
  const std::string administrator = LogIn("kanri");
  v1::CreateAccountResponse made;
  ASSERT_EQ(
      Call(&Stub::CreateAccount,
           Wanted("yakuzai", v1::ACCOUNT_KIND_MEDICAL_INFORMATION_VIEWER, v1::USER_ROLE_PHARMACIST),
           made, administrator),
      "");
  EXPECT_EQ(made.account().role(), v1::USER_ROLE_PHARMACIST);
  EXPECT_TRUE(made.account().password_change_needed());
  const std::string one_time = made.one_time_password();
  const std::string token = LogIn("yakuzai", one_time, IdentityOf(Caller::kTerminal));
  EXPECT_TRUE(logged_in_.password_change_needed());
  EXPECT_EQ(Ask(token), "PASSWORD_CHANGE_NEEDED");
  EXPECT_EQ(ChangePassword(token, one_time, one_time), "INVALID_FIELDS");
  EXPECT_EQ(ChangePassword(token, one_time, kNewPassword), "");
  EXPECT_EQ(Ask(token), "");
  EXPECT_EQ(LogIn("yakuzai", one_time), "?LOG_IN_REFUSED");
  EXPECT_NE(LogIn("yakuzai", kNewPassword).front(), '?');
  EXPECT_FALSE(logged_in_.password_change_needed());

  EXPECT_EQ(
      Call(&Stub::CreateAccount, Wanted("yakuzai", v1::ACCOUNT_KIND_GENERAL), made, administrator),
      "ACCOUNT_EXISTS");
}

TEST_F(AccountsTest, AOneTimePasswordWorksForSevenDays) {
  const std::string administrator = LogIn("kanri");
  v1::CreateAccountResponse made;
  ASSERT_EQ(
      Call(&Stub::CreateAccount, Wanted("ippan", v1::ACCOUNT_KIND_GENERAL), made, administrator),
      "");
  clock_.Advance(absl::Hours(24 * 7) - absl::Microseconds(1));
  EXPECT_NE(LogIn("ippan", made.one_time_password()).front(), '?');
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(LogIn("ippan", made.one_time_password()), "?LOG_IN_REFUSED");
}

TEST_F(AccountsTest, ApplicationsThatContradictThemselvesAreToldEverythingAtOnce) {
  const std::string administrator = LogIn("kanri");
  v1::CreateAccountResponse made;
  v1::CreateAccountRequest request;
  request.set_user_name("Tanaka");
  EXPECT_EQ(Call(&Stub::CreateAccount, request, made, administrator), "INVALID_FIELDS");
  EXPECT_EQ(Violations(), (std::set<std::string>{"user_name", "display_name", "kind"}));
  for (const auto& wrong :
       {Wanted("tanaka", v1::ACCOUNT_KIND_MEDICAL_INFORMATION_VIEWER),
        Wanted("tanaka", v1::ACCOUNT_KIND_MEDICAL_INFORMATION_VIEWER, v1::USER_ROLE_ADMINISTRATOR),
        Wanted("tanaka", v1::ACCOUNT_KIND_GENERAL, v1::USER_ROLE_DOCTOR),
        Wanted("tanaka", v1::ACCOUNT_KIND_ADMINISTRATOR, v1::USER_ROLE_ADMINISTRATOR)}) {
    EXPECT_EQ(Call(&Stub::CreateAccount, wrong, made, administrator), "INVALID_FIELDS");
    EXPECT_EQ(Violations(), std::set<std::string>{"qualification"});
  }
}

TEST_F(AccountsTest, OnlyAnAdministratorWhoHasLoggedInAdministers) {
  MakeAccount("ishi", Role::kDoctor);
  MakeAccount("ippan", Role::kGeneral);
  const std::string doctor = LogIn("ishi");
  const std::string general = LogIn("ippan");
  const std::string administrator = LogIn("kanri");
  const auto list = [&](const Metadata& metadata) {
    const Outcome outcome = CallWithNothing(server_->port().Channel(Caller::kTerminal),
                                            "/kakunin.v1.AccountService/ListAccounts", metadata);
    return outcome.answered ? std::string("answered") : outcome.reason();
  };
  EXPECT_EQ(list({{"kakunin-user", "kanri"}, {"kakunin-role", "ADMINISTRATOR"}}),
            "ROLE_NOT_PROVEN");
  EXPECT_EQ(list({{"kakunin-role", "DOCTOR"}}), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(list({{"kakunin-session", doctor}}), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(list({{"kakunin-session", administrator}}), "answered");
  const auto all_refused = [&](const std::string& token, const std::string& expected) {
    v1::CreateAccountResponse created;
    v1::ResetPasswordResponse reset;
    v1::LockAccountResponse locked;
    v1::UnlockAccountResponse unlocked;
    v1::DisableAccountResponse disabled;
    EXPECT_EQ(Call(&Stub::CreateAccount, Wanted("new", v1::ACCOUNT_KIND_GENERAL), created, token),
              expected);
    EXPECT_EQ(Administer<v1::ResetPasswordRequest>(&Stub::ResetPassword, token, "kanri", reset),
              expected);
    EXPECT_EQ(Administer<v1::LockAccountRequest>(&Stub::LockAccount, token, "kanri", locked),
              expected);
    EXPECT_EQ(Administer<v1::UnlockAccountRequest>(&Stub::UnlockAccount, token, "kanri", unlocked),
              expected);
    EXPECT_EQ(
        Administer<v1::DisableAccountRequest>(&Stub::DisableAccount, token, "kanri", disabled),
        expected);
  };
  all_refused("", "ROLE_NOT_ALLOWED");  // nothing asserted is GENERAL
  all_refused(doctor, "ROLE_NOT_ALLOWED");
  all_refused(general, "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Ask(administrator), "");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.facility_account"), "3");
}

TEST_F(AccountsTest, NobodyAdministersTheOwnAccountOrOneThatIsNotThere) {
  const std::string administrator = LogIn("kanri");
  v1::LockAccountResponse locked;
  v1::DisableAccountResponse disabled;
  v1::ResetPasswordResponse reset;
  EXPECT_EQ(Administer<v1::LockAccountRequest>(&Stub::LockAccount, administrator, "kanri", locked),
            "ACCOUNT_IS_OWN");
  EXPECT_EQ(Administer<v1::DisableAccountRequest>(&Stub::DisableAccount, administrator, "kanri",
                                                  disabled),
            "ACCOUNT_IS_OWN");
  EXPECT_EQ(
      Administer<v1::ResetPasswordRequest>(&Stub::ResetPassword, administrator, "kanri", reset),
      "ACCOUNT_IS_OWN");
  EXPECT_EQ(Administer<v1::LockAccountRequest>(&Stub::LockAccount, administrator, "nobody", locked),
            "ACCOUNT_NOT_FOUND");
  MakeAccount("tonari", Role::kGeneral, kOtherFacility);
  EXPECT_EQ(Administer<v1::LockAccountRequest>(&Stub::LockAccount, administrator, "tonari", locked),
            "ACCOUNT_NOT_FOUND");
  MakeAccount("ippan", Role::kGeneral);
  ASSERT_EQ(Administer<v1::DisableAccountRequest>(&Stub::DisableAccount, administrator, "ippan",
                                                  disabled),
            "");
  EXPECT_EQ(
      Administer<v1::ResetPasswordRequest>(&Stub::ResetPassword, administrator, "ippan", reset),
      "ACCOUNT_DISABLED");
  v1::UnlockAccountResponse unlocked;
  EXPECT_EQ(
      Administer<v1::UnlockAccountRequest>(&Stub::UnlockAccount, administrator, "ippan", unlocked),
      "ACCOUNT_DISABLED");
  EXPECT_EQ(LogIn("ippan"), "?LOG_IN_REFUSED");
}

TEST_F(AccountsTest, WhoActsIsJudgedAgainInTheTransactionThatWrites) {
  MakeAccount("ippan", Role::kGeneral);
  for (const std::string what :
       {"disabled_at = '2026-01-01'", "locked_at = '2026-01-01'", "role = 1"}) {
    const std::string administrator = LogIn("kanri");
    ASSERT_NE(administrator.front(), '?');
    // As another server has just written it: this one's snapshot still knows the session.
    database_.Exec("UPDATE kakunin.facility_account SET " + what + " WHERE user_name = 'kanri'");
    v1::LockAccountResponse locked;
    EXPECT_EQ(
        Administer<v1::LockAccountRequest>(&Stub::LockAccount, administrator, "ippan", locked),
        "SESSION_ENDED")
        << what;
    v1::CreateAccountResponse made;
    EXPECT_EQ(Call(&Stub::CreateAccount, Wanted("atarashii", v1::ACCOUNT_KIND_GENERAL), made,
                   administrator),
              "SESSION_ENDED");
    database_.Exec(
        "UPDATE kakunin.facility_account SET disabled_at = NULL, locked_at = NULL, role = 2"
        " WHERE user_name = 'kanri'");
  }
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.facility_account WHERE locked_at IS NOT NULL OR"
                 " user_name = 'atarashii'"),
            "0");
}

TEST_F(AccountsTest, AccountsAreListedPageByPage) {
  const std::string administrator = LogIn("kanri");
  for (int i = 0; i < 5; ++i) MakeAccount("user-" + std::to_string(i), Role::kGeneral);
  std::vector<std::string> names;
  v1::ListAccountsRequest request;
  request.set_page_size(2);
  v1::ListAccountsResponse page;
  int pages = 0;
  do {
    ASSERT_EQ(Call(&Stub::ListAccounts, request, page, administrator), "");
    EXPECT_LE(page.accounts_size(), 2);
    for (const v1::Account& account : page.accounts()) names.push_back(account.user_name());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!page.next_page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names,
            (std::vector<std::string>{"kanri", "user-0", "user-1", "user-2", "user-3", "user-4"}));
  request.set_page_size(501);
  EXPECT_EQ(Call(&Stub::ListAccounts, request, page, administrator), "INVALID_FIELDS");
}

TEST_F(AccountsTest, AChangedPasswordEndsTheOtherSessions) {
  const std::string here = LogIn("kanri");
  const std::string there = LogIn("kanri", kPassword, IdentityOf(Caller::kViewingTerminal));
  EXPECT_EQ(ChangePassword(here, "not the one", kNewPassword), "PASSWORD_WRONG");
  EXPECT_EQ(Ask(there, IdentityOf(Caller::kViewingTerminal)), "");
  EXPECT_EQ(ChangePassword(here, kPassword, kNewPassword), "");
  EXPECT_EQ(changed_.sessions_ended(), 1);
  EXPECT_EQ(Ask(here), "");
  EXPECT_EQ(Ask(there, IdentityOf(Caller::kViewingTerminal)), "SESSION_ENDED");
  EXPECT_EQ(LogIn("kanri"), "?LOG_IN_REFUSED");
  EXPECT_NE(LogIn("kanri", kNewPassword).front(), '?');
}

TEST_F(AccountsTest, WrongTriesOfTheCurrentPasswordCountToo) {
  const std::string token = LogIn("kanri");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ChangePassword(token, "wrong", kNewPassword), "PASSWORD_WRONG");
  }
  EXPECT_EQ(ChangePassword(token, kPassword, kNewPassword), "PASSWORD_WRONG");
  EXPECT_EQ(LogIn("kanri", kPassword, IdentityOf(Caller::kViewingTerminal)), "?LOG_IN_REFUSED");
}

TEST_F(AccountsTest, ABadNewPasswordIsToldInFullAndCountsNoTry) {
  const std::string token = LogIn("kanri");
  EXPECT_EQ(ChangePassword(token, "", "kanri"), "INVALID_FIELDS");
  EXPECT_EQ(Violations(), (std::set<std::string>{"current_password", "new_password"}));
  EXPECT_GT(DescribeError(status_).violations.size(), 2u);
  for (const char* bad :
       {"kanri-1312345678", "123456789012", "Password1234!", "a\nb", "aaaaaaaaaaaaaaaa"}) {
    EXPECT_EQ(ChangePassword(token, kPassword, bad), "INVALID_FIELDS") << bad;
  }
  EXPECT_EQ(ChangePassword(token, kPassword, kPassword), "INVALID_FIELDS");
  EXPECT_EQ(Text("SELECT wrong_tries FROM kakunin.facility_account"), "0");
}

TEST_F(AccountsTest, APasswordIsTheSameInFullWidth) {
  EXPECT_NE(LogIn("kanri", "ｓａｋｕｒａ－ｎｏ－ｋｉ－ｎｏ－ｓｈｉｔａ").front(), '?');
}

}  // namespace
}  // namespace kakunin
