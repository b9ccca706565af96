// How a facility uses the service: who may set it, what stays of it, and what records obey.
#include "server/rpc/facility_settings_service.h"

#include <gtest/gtest.h>

#include "kakunin/v1/facility_settings_service.grpc.pb.h"
#include "storage/postgres/facility_settings_store.h"
#include "tests/rpc/raw_call.h"
#include "tests/rpc/record_service_fixture.h"

namespace kakunin {
namespace {

using Stub = v1::FacilitySettingsService::Stub;

class FacilitySettingsServiceTest : public RecordServiceTest {
 protected:
  FacilitySettingsServiceTest() {
    desk_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    service_ = MakeFacilitySettingsService(
        {desk_->dispatch(), desk_->database(), store_, accounts_, desk_->accounts(), audit_key_});
    desk_->Start(*service_);
    const absl::Status made =
        database_.Open("kakunin_terminal")->Write(Soon(), [&](Transaction& tx) {
          return accounts_
              .Insert(tx, {.facility_code = kTestFacility,
                           .user_name = "kanri",
                           .display_name = "管理者",
                           .role = Role::kAdministrator,
                           .password_hash = "none",
                           .created = clock_.Now()})
              .status();
        });
    EXPECT_TRUE(made.ok()) << made;
    administrator_ = Session("kanri", Role::kAdministrator);
    doctor_ = Session("ishi", Role::kDoctor);
  }
  ~FacilitySettingsServiceTest() override { desk_->Stop(); }

  std::string Session(const std::string& user, Role role) {
    const auth::SessionTokenKey key(TestKey("look-up"));
    const std::string secret = auth::SessionTokenKey::Secret();
    int64_t generation = 0;
    const absl::Status status =
        database_.Open("kakunin_terminal")->Write(Soon(), [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(
              generation,
              accounts_.BeginSession(tx, {.token_hash = key.HashOf(secret),
                                          .facility_code = kTestFacility,
                                          .user_name = user,
                                          .terminal_id = kTestTerminal,
                                          .certificate = IdentityOf(Caller::kTerminal).fingerprint,
                                          .role = role,
                                          .began = clock_.Now(),
                                          .end = clock_.Now() + kSessionLife,
                                          .last_used = clock_.Now()}));
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    CatchUp();
    return auth::SessionTokenKey::Text(secret, generation);
  }
  void CatchUp() {
    desk_->accounts().CatchUp(Soon());
    port_->accounts().CatchUp(Soon());
  }

  template <class Request, class Response>
  std::string Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response& response, const Metadata& metadata) {
    response.Clear();
    grpc::ClientContext context;
    for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
    const auto stub = v1::FacilitySettingsService::NewStub(desk_->Channel(Caller::kTerminal));
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    violations_ = DescribeError(status).violations;
    return status.ok() ? "" : DescribeError(status).reason;
  }
  v1::GetFacilitySettingsResponse Get() {
    v1::GetFacilitySettingsResponse response;
    EXPECT_EQ(Call(&Stub::GetFacilitySettings, v1::GetFacilitySettingsRequest(), response, {}), "");
    return response;
  }
  std::string Update(const v1::FacilitySettings& settings, int64_t seen, const Metadata& metadata) {
    v1::UpdateFacilitySettingsRequest request;
    *request.mutable_settings() = settings;
    request.set_change_number(seen);
    const std::string reason = Call(&Stub::UpdateFacilitySettings, request, updated_, metadata);
    CatchUp();
    return reason;
  }
  Metadata AsAdministrator() const { return {{"kakunin-session", administrator_}}; }
  std::string DrugsBy(const Metadata& metadata, bool with_prescriptions = false) {
    v1::GetDrugHistoryRequest request = ByHandle();
    request.set_with_prescriptions(with_prescriptions);
    grpc::ClientContext context;
    for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
    return DescribeError(v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
                             ->GetDrugHistory(&context, request, &drugs_))
        .reason;
  }

  PostgresFacilitySettingsStore store_;
  PostgresAccountStore accounts_;
  std::unique_ptr<RpcServer> desk_;
  std::unique_ptr<QueuedService> service_;
  std::string administrator_;
  std::string doctor_;
  v1::UpdateFacilitySettingsResponse updated_;
  std::vector<FieldViolation> violations_;
};

TEST_F(FacilitySettingsServiceTest, WhoNeverSetAnythingUsesEverything) {
  const auto now = Get();
  EXPECT_EQ(now.settings().record_kinds_size(), 6);
  EXPECT_TRUE(now.settings().uses_e_prescription());
  EXPECT_TRUE(now.settings().shows_treatment_at_first());
  EXPECT_TRUE(now.settings().shows_surgery_at_first());
  EXPECT_FALSE(now.settings().records_need_proven_role());
  EXPECT_EQ(now.change_number(), 0);
}

TEST_F(FacilitySettingsServiceTest, OnlyAnAdministratorWhoHasLoggedInChangesThem) {
  const v1::FacilitySettings settings = Get().settings();
  EXPECT_EQ(Update(settings, 0, {}), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Update(settings, 0, {{"kakunin-role", "ADMINISTRATOR"}}), "ROLE_NOT_PROVEN");
  EXPECT_EQ(Update(settings, 0, {{"kakunin-session", doctor_}}), "ROLE_NOT_ALLOWED");
  v1::ListFacilitySettingsChangesResponse changes;
  const v1::ListFacilitySettingsChangesRequest list;
  EXPECT_EQ(
      Call(&Stub::ListFacilitySettingsChanges, list, changes, {{"kakunin-role", "ADMINISTRATOR"}}),
      "ROLE_NOT_PROVEN");
  EXPECT_EQ(Call(&Stub::ListFacilitySettingsChanges, list, changes, {{"kakunin-session", doctor_}}),
            "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Get().change_number(), 0);
}

TEST_F(FacilitySettingsServiceTest, EveryChangeTellsWhoMadeItAndWhen) {
  v1::FacilitySettings settings = Get().settings();
  ASSERT_EQ(Update(settings, 0, AsAdministrator()), "");
  EXPECT_EQ(updated_.change_number(), 0);  // as it was
  settings.set_shows_surgery_at_first(false);
  ASSERT_EQ(Update(settings, 0, AsAdministrator()), "");
  EXPECT_EQ(updated_.change_number(), 1);
  const absl::Time first = clock_.Now();
  clock_.Advance(absl::Minutes(1));
  settings.clear_record_kinds();
  EXPECT_EQ(Update(settings, 0, AsAdministrator()), "SETTINGS_CHANGED_MEANWHILE");
  ASSERT_EQ(Update(settings, 1, AsAdministrator()), "");
  EXPECT_EQ(Get().settings().record_kinds_size(), 0);
  EXPECT_EQ(Get().change_number(), 2);
  v1::ListFacilitySettingsChangesResponse list;
  v1::ListFacilitySettingsChangesRequest request;
  ASSERT_EQ(Call(&Stub::ListFacilitySettingsChanges, request, list, AsAdministrator()), "");
  ASSERT_EQ(list.changes_size(), 2);
  EXPECT_EQ(list.changes(0).change_number(), 2);
  EXPECT_EQ(list.changes(1).change_number(), 1);
  EXPECT_EQ(list.changes(1).user_name(), "kanri");
  EXPECT_EQ(list.changes(1).terminal_id(), kTestTerminal);
  EXPECT_EQ(TimeFromProto(list.changes(1).change_time()), first);
  EXPECT_FALSE(list.changes(1).settings().shows_surgery_at_first());
  EXPECT_EQ(list.changes(1).settings().record_kinds_size(), 6);
  request.set_before_change_number(2);
  ASSERT_EQ(Call(&Stub::ListFacilitySettingsChanges, request, list, AsAdministrator()), "");
  EXPECT_EQ(list.changes_size(), 1);
}

// The door judges by a snapshot; whoever writes is judged again.
TEST_F(FacilitySettingsServiceTest, AnAdministratorWhoWasShutOutAMomentAgoChangesNothing) {
  v1::FacilitySettings settings = Get().settings();
  settings.set_shows_surgery_at_first(false);
  for (const char* shut :
       {"locked_at = '2026-01-01Z'", "disabled_at = '2026-01-01Z'", "role = 3"}) {
    database_.Exec(std::string("UPDATE kakunin.facility_account SET ") + shut);
    EXPECT_EQ(Update(settings, 0, AsAdministrator()), "SESSION_ENDED") << shut;
    database_.Exec(
        "UPDATE kakunin.facility_account SET locked_at = NULL, disabled_at = NULL, role = 2");
  }
  EXPECT_EQ(Get().change_number(), 0);
  EXPECT_EQ(Update(settings, 0, AsAdministrator()), "");
}

TEST_F(FacilitySettingsServiceTest, ContradictionsAreToldAllAtOnce) {
  v1::UpdateFacilitySettingsRequest request;
  request.set_change_number(-1);
  EXPECT_EQ(Call(&Stub::UpdateFacilitySettings, request, updated_, AsAdministrator()),
            "INVALID_FIELDS");
  EXPECT_EQ(violations_.size(), 2u);
  v1::FacilitySettings settings;
  settings.add_record_kinds(v1::CONSENT_KIND_DRUG);
  settings.add_record_kinds(v1::CONSENT_KIND_DRUG);
  settings.add_record_kinds(static_cast<v1::ConsentKind>(99));
  settings.add_record_kinds(v1::CONSENT_KIND_UNSPECIFIED);
  EXPECT_EQ(Update(settings, 0, AsAdministrator()), "INVALID_FIELDS");
  ASSERT_EQ(violations_.size(), 3u);
  EXPECT_EQ(violations_[0].field, "settings.record_kinds[1]");
}

TEST_F(FacilitySettingsServiceTest, AKindThatIsOffIsRefusedAtOnceAndComesBack) {
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(DrugsBy({{"kakunin-role", "DOCTOR"}}), "");
  v1::FacilitySettings settings = Get().settings();
  const v1::FacilitySettings all = settings;
  settings.clear_record_kinds();
  settings.add_record_kinds(v1::CONSENT_KIND_TREATMENT);
  ASSERT_EQ(Update(settings, 0, AsAdministrator()), "");
  EXPECT_EQ(DrugsBy({{"kakunin-role", "DOCTOR"}}), "RECORD_KIND_NOT_USED");
  EXPECT_EQ(DrugsBy({{"kakunin-session", doctor_}}), "RECORD_KIND_NOT_USED");
  ASSERT_EQ(Update(all, 1, AsAdministrator()), "");
  EXPECT_EQ(DrugsBy({{"kakunin-role", "DOCTOR"}}), "");
}

TEST_F(FacilitySettingsServiceTest, PrescriptionsAreForWhoUsesThem) {
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(DrugsBy({{"kakunin-role", "DOCTOR"}}, true), "");
  v1::FacilitySettings settings = Get().settings();
  settings.set_uses_e_prescription(false);
  ASSERT_EQ(Update(settings, 0, AsAdministrator()), "");
  EXPECT_EQ(DrugsBy({{"kakunin-role", "DOCTOR"}}, true), "E_PRESCRIPTION_NOT_USED");
  EXPECT_EQ(DrugsBy({{"kakunin-role", "DOCTOR"}}, false), "");
}

TEST_F(FacilitySettingsServiceTest, AFacilityMayShowRecordsToWhoHasLoggedInOnly) {
  Consent({ConsentKind::kDrug});
  v1::FacilitySettings settings = Get().settings();
  settings.set_records_need_proven_role(true);
  ASSERT_EQ(Update(settings, 0, AsAdministrator()), "");
  EXPECT_EQ(DrugsBy({{"kakunin-user", "ishi"}, {"kakunin-role", "DOCTOR"}}), "ROLE_NOT_PROVEN");
  EXPECT_EQ(DrugsBy({{"kakunin-session", doctor_}}), "");
  EXPECT_EQ(DrugsBy({{"kakunin-session", administrator_}}), "ROLE_NOT_ALLOWED");
  // The record's own audit row knows who looked, and how that is known.
  EXPECT_EQ(database_
                .Exec("SELECT facility_user || ' ' || role || ' ' || role_evidence FROM"
                      " kakunin.audit_event WHERE operation = 50 AND code = 0")[0][0]
                .as<std::string>(),
            "ishi 3 2");
}

}  // namespace
}  // namespace kakunin
