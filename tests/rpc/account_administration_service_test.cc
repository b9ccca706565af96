// What operators do for facilities' accounts: the first administrator, and a way back.
#include "server/rpc/account_administration_service.h"

#include <gtest/gtest.h>

#include "kakunin/v1/account_administration_service.grpc.pb.h"
#include "storage/postgres/request_store.h"
#include "tests/rpc/account_fixture.h"

namespace kakunin {
namespace {

class AccountAdministrationServiceTest : public AccountTest {
 protected:
  using OperatorStub = v1::AccountAdministrationService::Stub;

  AccountAdministrationServiceTest() {
    operators_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    service_ = MakeAccountAdministrationService({operators_->dispatch(), operators_->database(),
                                                 operators_->registry_store(), accounts_, requests_,
                                                 audit_key_});
    operators_->Start(*service_);
  }
  ~AccountAdministrationServiceTest() override { operators_->Stop(); }

  template <class Request, class Response>
  std::string Operate(grpc::Status (OperatorStub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                      const Request& request, Response& response,
                      Caller caller = Caller::kOperator) {
    response.Clear();
    grpc::ClientContext context;
    const auto stub = v1::AccountAdministrationService::NewStub(operators_->Channel(caller));
    status_ = (stub.get()->*method)(&context, request, &response);
    return status_.ok() ? "" : DescribeError(status_).reason;
  }
  static v1::CreateAdministratorRequest First(const std::string& facility = kTestFacility) {
    v1::CreateAdministratorRequest request;
    request.set_request_id(TestUuid());
    request.set_facility_code(facility);
    request.set_user_name("incho");
    request.set_display_name("院長");
    return request;
  }
  std::string Create(const v1::CreateAdministratorRequest& request) {
    return Operate(&OperatorStub::CreateAdministrator, request, created_);
  }
  std::string Reset(const std::string& user) {
    v1::ResetAdministratorPasswordRequest request;
    request.set_request_id(TestUuid());
    request.set_facility_code(kTestFacility);
    request.set_user_name(user);
    return Operate(&OperatorStub::ResetAdministratorPassword, request, reset_);
  }

  const auth::HmacKey audit_key_ = TestKey("audit");
  PostgresRequestStore requests_;
  std::unique_ptr<RpcServer> operators_;
  std::unique_ptr<grpc::Service> service_;
  v1::CreateAdministratorResponse created_;
  v1::ResetAdministratorPasswordResponse reset_;
};

TEST_F(AccountAdministrationServiceTest, MakesAnAdministratorWhoseFirstActIsANewPassword) {
  ASSERT_EQ(Create(First()), "");
  EXPECT_EQ(created_.account().kind(), v1::ACCOUNT_KIND_ADMINISTRATOR);
  const std::string token = LogIn("incho", created_.one_time_password());
  ASSERT_NE(token.front(), '?');
  EXPECT_EQ(Ask(token), "PASSWORD_CHANGE_NEEDED");
  v1::ChangePasswordRequest change;
  change.set_current_password(created_.one_time_password());
  change.set_new_password(kNewPassword);
  v1::ChangePasswordResponse changed;
  EXPECT_EQ(Call(&Stub::ChangePassword, change, changed, token), "");
  v1::ListAccountsResponse list;
  EXPECT_EQ(Call(&Stub::ListAccounts, v1::ListAccountsRequest(), list, token), "");
  EXPECT_EQ(list.accounts_size(), 2);
}

TEST_F(AccountAdministrationServiceTest, ThePasswordIsToldOnceAndKeptNowhere) {
  const v1::CreateAdministratorRequest request = First();
  ASSERT_EQ(Create(request), "");
  const v1::CreateAdministratorResponse first = created_;
  ASSERT_EQ(Create(request), "");  // the repetition of the same write
  EXPECT_EQ(created_.audit_id(), first.audit_id());
  EXPECT_EQ(created_.account().user_name(), "incho");
  EXPECT_EQ(created_.one_time_password(), "");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.request_outcome WHERE position('" +
                 first.one_time_password() + "'::bytea IN response) > 0"),
            "0");
  EXPECT_NE(LogIn("incho", first.one_time_password()).front(), '?');
}

TEST_F(AccountAdministrationServiceTest, ACheckDoesNothing) {
  v1::CreateAdministratorRequest request = First();
  request.set_validate_only(true);
  ASSERT_EQ(Create(request), "");
  EXPECT_EQ(created_.one_time_password(), "");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.facility_account"), "1");
}

TEST_F(AccountAdministrationServiceTest, RefusesWhatCannotBe) {
  EXPECT_EQ(Create(First("1399999999")), "FACILITY_NOT_FOUND");
  v1::CreateAdministratorRequest taken = First();
  taken.set_user_name("kanri");
  EXPECT_EQ(Create(taken), "ACCOUNT_EXISTS");
  EXPECT_EQ(Create({}), "INVALID_FIELDS");
  EXPECT_EQ(DescribeError(status_).violations.size(), 4u);
  MakeAccount("ippan", Role::kGeneral);
  EXPECT_EQ(Reset("ippan"), "ACCOUNT_NOT_FOUND");
  EXPECT_EQ(Reset("nobody"), "ACCOUNT_NOT_FOUND");
  database_.Exec(
      "UPDATE kakunin.facility_account SET disabled_at = '2026-01-01'"
      " WHERE user_name = 'kanri'");
  EXPECT_EQ(Reset("kanri"), "ACCOUNT_DISABLED");
}

TEST_F(AccountAdministrationServiceTest, ResettingOpensTheAccountAndEndsItsSessions) {
  const std::string token = LogIn("kanri");
  for (int i = 0; i < 5; ++i) LogIn("kanri", "wrong");
  database_.Exec("UPDATE kakunin.facility_account SET locked_at = '2026-01-01'");
  EXPECT_EQ(LogIn("kanri"), "?LOG_IN_REFUSED");
  ASSERT_EQ(Reset("kanri"), "");
  server_->port().accounts().CatchUp(Soon());
  EXPECT_EQ(Ask(token), "SESSION_ENDED");
  EXPECT_EQ(LogIn("kanri"), "?LOG_IN_REFUSED");
  EXPECT_NE(LogIn("kanri", reset_.one_time_password()).front(), '?');
  EXPECT_TRUE(logged_in_.password_change_needed());
}

TEST_F(AccountAdministrationServiceTest, ListsAdministratorsAndNobodyElse) {
  MakeAccount("ippan", Role::kGeneral);
  v1::ListAdministratorsRequest request;
  request.set_facility_code(kTestFacility);
  v1::ListAdministratorsResponse list;
  ASSERT_EQ(Operate(&OperatorStub::ListAdministrators, request, list), "");
  ASSERT_EQ(list.accounts_size(), 1);
  EXPECT_EQ(list.accounts(0).user_name(), "kanri");
}

}  // namespace
}  // namespace kakunin
