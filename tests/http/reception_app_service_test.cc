// Apps over mutual TLS and PostgreSQL: operators register them, facilities name them.
#include "server/rpc/reception_app_service.h"

#include <gtest/gtest.h>

#include <string>

#include "auth/encoding.h"
#include "auth/private_key.h"
#include "kakunin/v1/reception_app_service.grpc.pb.h"
#include "kakunin/v1/reception_link_service.grpc.pb.h"
#include "server/rpc/reception_link_service.h"
#include "server/rpc/status.h"
#include "storage/postgres/reception_app_store.h"
#include "storage/postgres/reception_link_store.h"
#include "storage/postgres/request_store.h"
#include "storage/store_error.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr char kApp[] = "clinic-online";

class ReceptionAppServiceTest : public testing::Test {
 protected:
  ReceptionAppServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    operators_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    apps_service_ = MakeReceptionAppService(
        {operators_->dispatch(), operators_->database(), apps_, requests_, audit_key_});
    operators_->Start(*apps_service_);
    terminals_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    links_service_ =
        MakeReceptionLinkService({terminals_->dispatch(), terminals_->database(), links_, apps_,
                                  audit_key_, audit_key_, "https://uketsuke.example.jp"});
    terminals_->Start(*links_service_);
  }
  ~ReceptionAppServiceTest() override {
    operators_->Stop();
    terminals_->Stop();
  }

  template <class Request, class Response>
  std::string Ask(grpc::Status (v1::ReceptionAppService::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                  const Request& request, Response& response) {
    response.Clear();
    grpc::ClientContext context;
    const auto stub = v1::ReceptionAppService::NewStub(operators_->Channel(Caller::kOperator));
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    return status.ok() ? "" : DescribeError(status).reason;
  }
  using Stub = v1::ReceptionAppService::Stub;

  static v1::RegisterReceptionAppRequest AppRequest(const auth::PrivateKey& key,
                                                    const std::string& app = kApp) {
    v1::RegisterReceptionAppRequest request;
    request.set_request_id(TestUuid());
    request.set_app_id(app);
    request.set_name("見本アプリ");
    request.set_public_key_pem(auth::PemEncode("PUBLIC KEY", key.PublicKeyDer()));
    return request;
  }
  std::string Register(const v1::RegisterReceptionAppRequest& request) {
    return Ask(&Stub::RegisterReceptionApp, request, registered_);
  }
  std::string Revoke(const std::string& app, bool validate_only = false) {
    v1::RevokeReceptionAppRequest request;
    request.set_request_id(TestUuid());
    request.set_app_id(app);
    request.set_validate_only(validate_only);
    return Ask(&Stub::RevokeReceptionApp, request, revoked_);
  }
  v1::ListReceptionAppsResponse List() {
    v1::ListReceptionAppsResponse response;
    EXPECT_EQ(Ask(&Stub::ListReceptionApps, v1::ListReceptionAppsRequest(), response), "");
    return response;
  }
  std::string Name(const std::string& app, bool drop = false,
                   const std::string& role = "ADMINISTRATOR", const std::string& facility = "") {
    v1::NameReceptionAppRequest request;
    request.set_app_id(app);
    request.set_drop(drop);
    request.set_facility_code(facility);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", role);
    const auto stub = v1::ReceptionLinkService::NewStub(terminals_->Channel(Caller::kTerminal));
    named_.Clear();
    const grpc::Status status = stub->NameReceptionApp(&context, request, &named_);
    return status.ok() ? "" : DescribeError(status).reason;
  }
  int64_t Count(const std::string& from) const {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  const TestDatabase database_;
  SettableClock clock_;
  const auth::HmacKey audit_key_ = TestKey("audit");
  const auth::PrivateKey key_ = auth::PrivateKey::GenerateP256();
  PostgresReceptionAppStore apps_;
  PostgresReceptionLinkStore links_;
  PostgresRequestStore requests_;
  std::unique_ptr<grpc::Service> apps_service_;
  std::unique_ptr<QueuedService> links_service_;
  std::unique_ptr<RpcServer> operators_;
  std::unique_ptr<RpcServer> terminals_;
  v1::RegisterReceptionAppResponse registered_;
  v1::RevokeReceptionAppResponse revoked_;
  v1::NameReceptionAppResponse named_;
};

TEST_F(ReceptionAppServiceTest, RegistersOnceAndAuditsWithoutTheKeyItself) {
  const auto request = AppRequest(key_);
  ASSERT_EQ(Register(request), "");
  EXPECT_TRUE(registered_.created());
  const std::string audit_id = registered_.audit_id();
  EXPECT_EQ(registered_.app().key_fingerprint(),
            std::string(auth::AsText(auth::Sha256(key_.PublicKeyDer()))));
  ASSERT_EQ(Register(request), "");  // the same once more
  EXPECT_EQ(registered_.audit_id(), audit_id);
  EXPECT_EQ(Count("reception_app"), 1);
  EXPECT_EQ(Count("audit_event WHERE operation = 110 AND actor = '" + std::string(kTestOperator) +
                  "' AND details LIKE 'app=clinic-online;key=%;created=1'"),
            1);
}

// Of two operators who both found the id free, the later one must not replace the first one's key.
TEST_F(ReceptionAppServiceTest, AnIdThatWasRegisteredMeanwhileIsNotOverwritten) {
  ASSERT_EQ(Register(AppRequest(key_)), "");
  const ReceptionApp late{.app_id = kApp,
                          .display_name = "別のアプリ",
                          .public_key = auth::PrivateKey::GenerateP256().PublicKeyDer(),
                          .registered = clock_.Now() + absl::Seconds(1)};
  const absl::Status put =
      operators_->database().Write(Soon(), [&](Transaction& tx) { return apps_.Put(tx, late); });
  EXPECT_EQ(StoreFailureOf(put), StoreFailure::kSerialisation);
  EXPECT_EQ(List().apps(0).name(), "見本アプリ");
}

TEST_F(ReceptionAppServiceTest, ADryRunChangesNothing) {
  auto request = AppRequest(key_);
  request.set_validate_only(true);
  ASSERT_EQ(Register(request), "");
  EXPECT_TRUE(registered_.created());
  EXPECT_EQ(Count("reception_app"), 0);
  ASSERT_EQ(Register(AppRequest(key_)), "");
  EXPECT_EQ(Revoke(kApp, /*validate_only=*/true), "");
  EXPECT_FALSE(List().apps(0).has_revoke_time());
}

TEST_F(ReceptionAppServiceTest, SaysWhatIsWrongWithARequest) {
  const auto reason = [&](auto change) {
    auto request = AppRequest(key_);
    change(request);
    return Register(request);
  };
  using Request = v1::RegisterReceptionAppRequest;
  for (const char* id : {"", "Clinic", "a b", "a;b", "a.b", "あ"}) {
    EXPECT_EQ(reason([&](Request& r) { r.set_app_id(id); }), "INVALID_FIELDS") << id;
  }
  EXPECT_EQ(reason([](Request& r) { r.set_app_id(std::string(33, 'a')); }), "INVALID_FIELDS");
  EXPECT_EQ(reason([](Request& r) { r.clear_name(); }), "INVALID_FIELDS");
  EXPECT_EQ(reason([](Request& r) { r.clear_public_key_pem(); }), "INVALID_FIELDS");
  EXPECT_EQ(reason([](Request& r) { r.set_public_key_pem("none"); }), "INVALID_FIELDS");
  EXPECT_EQ(reason([](Request& r) { r.clear_request_id(); }), "INVALID_FIELDS");
  EXPECT_EQ(Count("reception_app"), 0);
  EXPECT_EQ(reason([](Request& r) { r.set_app_id(std::string(32, 'a')); }), "");
  EXPECT_EQ(Revoke("unknown"), "RECEPTION_APP_NOT_FOUND");
}

TEST_F(ReceptionAppServiceTest, RevokesForEverAndMayRepeatIt) {
  ASSERT_EQ(Register(AppRequest(key_)), "");
  EXPECT_EQ(Revoke(kApp), "");
  const auto first = revoked_.app().revoke_time().seconds();
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Revoke(kApp), "");
  EXPECT_EQ(revoked_.app().revoke_time().seconds(), first);
  EXPECT_EQ(Register(AppRequest(auth::PrivateKey::GenerateP256())), "INVALID_FIELDS");
  EXPECT_EQ(Register(AppRequest(key_, "another")), "INVALID_FIELDS");
}

TEST_F(ReceptionAppServiceTest, AFacilitysAdministratorNamesDropsAndSeesApps) {
  EXPECT_EQ(Name(kApp), "RECEPTION_APP_NOT_FOUND");
  ASSERT_EQ(Register(AppRequest(key_)), "");
  EXPECT_EQ(Name(kApp), "");
  EXPECT_EQ(Name(kApp), "");
  ASSERT_EQ(named_.apps_size(), 1);
  EXPECT_EQ(named_.apps(0).name(), "見本アプリ");
  EXPECT_EQ(List().apps(0).named_by(), 1);
  EXPECT_EQ(Revoke(kApp), "");
  EXPECT_EQ(Name(kApp), "RECEPTION_APP_NOT_FOUND");
  v1::ListNamedReceptionAppsResponse listed;
  grpc::ClientContext context;
  context.AddMetadata("kakunin-role", "ADMINISTRATOR");
  const auto stub = v1::ReceptionLinkService::NewStub(terminals_->Channel(Caller::kTerminal));
  ASSERT_TRUE(stub->ListNamedReceptionApps(&context, {}, &listed).ok());
  ASSERT_EQ(listed.apps_size(), 1);
  EXPECT_TRUE(listed.apps(0).revoked());
  EXPECT_EQ(Name(kApp, /*drop=*/true), "");
  EXPECT_EQ(named_.apps_size(), 0);
  EXPECT_EQ(Count("audit_event WHERE operation = 113 AND code = 0"), 3);
  EXPECT_EQ(Count("audit_event WHERE operation = 113 AND reason = 'RECEPTION_APP_NOT_FOUND'"), 2);
}

TEST_F(ReceptionAppServiceTest, NobodyElseOfAFacilityNamesAnApp) {
  ASSERT_EQ(Register(AppRequest(key_)), "");
  for (const char* role : {"GENERAL", "DOCTOR", "PHARMACIST"}) {
    EXPECT_EQ(Name(kApp, false, role), "ROLE_NOT_ALLOWED") << role;
  }
  EXPECT_EQ(Name(kApp, false, "ADMINISTRATOR", "1399999999"), "FACILITY_CODE_DIFFERS");
  EXPECT_EQ(Count("reception_app_naming"), 0);
  EXPECT_EQ(Count("audit_event WHERE operation = 113 AND code <> 0"), 4);
}

}  // namespace
}  // namespace kakunin
