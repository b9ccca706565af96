// A facility's links, over real TLS and PostgreSQL: who may make them, what kills an address.
#include "server/rpc/reception_link_service.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "domain/civil_day.h"
#include "kakunin/v1/reception_link_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/usecases/reception_links.h"
#include "storage/postgres/reception_app_store.h"
#include "storage/postgres/reception_link_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr char kUrl[] = "https://uketsuke.example.jp";
constexpr char kOtherFacility[] = "1318000002";

class ReceptionLinkServiceTest : public testing::Test {
 protected:
  ReceptionLinkServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    RegisterElsewhere();
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    service_ = Make(kUrl);
    port_->Start(*service_);
  }
  ~ReceptionLinkServiceTest() override { port_->Stop(); }

  std::unique_ptr<QueuedService> Make(const std::string& url) {
    return MakeReceptionLinkService(
        {port_->dispatch(), port_->database(), store_, apps_, look_up_key_, audit_key_, url});
  }

  void RegisterElsewhere() {
    PostgresRegistryStore store;
    const TerminalRow row{.facility_code = kOtherFacility,
                          .terminal_id = "desk-1",
                          .kind = TerminalKind::kDesk,
                          .fingerprint = elsewhere_.fingerprint,
                          .not_before = clock_.Now() - absl::Hours(1),
                          .not_after = clock_.Now() + absl::Hours(24 * 1000)};
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) -> absl::Status {
          RETURN_IF_ERROR(
              store.PutFacility(tx, {.facility_code = kOtherFacility, .name = "別の診療所"}));
          return store.PutTerminal(tx, row);
        });
    EXPECT_TRUE(status.ok()) << status;
  }

  // Ask calls a method as a user with `role` of the test facility, or of another terminal's.
  template <class Request, class Response>
  std::string Ask(grpc::Status (v1::ReceptionLinkService::Stub::*method)(grpc::ClientContext*,
                                                                         const Request&, Response*),
                  const Request& request, Response& response,
                  const std::string& role = "ADMINISTRATOR",
                  const TestIdentity& who = IdentityOf(Caller::kTerminal)) {
    response.Clear();
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", role);
    context.AddMetadata("kakunin-user", "u1");
    const auto stub = v1::ReceptionLinkService::NewStub(port_->Channel(who));
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    return status.ok() ? "" : DescribeError(status).reason;
  }
  using Stub = v1::ReceptionLinkService::Stub;

  v1::CreateReceptionLinkResponse Create(std::optional<absl::CivilDay> day = {}) {
    v1::CreateReceptionLinkRequest request;
    request.set_form_of_care(day ? v1::FORM_OF_CARE_ONLINE_CARE : v1::FORM_OF_CARE_HOME_VISIT);
    if (day) {
      *request.mutable_appointment_date() = DayToProto(*day);
      request.set_booking_name("A-17");
    }
    v1::CreateReceptionLinkResponse response;
    EXPECT_EQ(Ask(&Stub::CreateReceptionLink, request, response), "");
    return response;
  }

  // What an address leads to, as the patients' door looks it up.
  std::optional<FoundLink> Open(const std::string& url) {
    const auto pool = database_.Open("kakunin_terminal");
    std::optional<FoundLink> found;
    const absl::Status status = pool->Read(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(
          found, store_.Open(tx, HashOfLinkToken(look_up_key_, url.substr(url.find('#') + 1)), ""));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }

  int64_t Count(const std::string& from) const {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  const TestDatabase database_;
  SettableClock clock_;
  const TestIdentity elsewhere_ = IssueTestIdentity({TerminalUri(kOtherFacility, "desk-1")});
  const auth::HmacKey audit_key_ = TestKey("audit");
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  PostgresReceptionLinkStore store_;
  PostgresReceptionAppStore apps_;
  std::unique_ptr<QueuedService> service_;
  std::unique_ptr<RpcServer> port_;
};

TEST_F(ReceptionLinkServiceTest, MakesAnAddressThatHoldsNothingButRandomDigits) {
  const auto made = Create();
  const std::string& url = made.address().url();
  ASSERT_EQ(url.size(), std::string(kUrl).size() + 2 + 32) << url;
  EXPECT_TRUE(url.starts_with(std::string(kUrl) + "/#"));
  EXPECT_NE(Create().address().url(), url);
  EXPECT_TRUE(made.address().qr_png().starts_with("\x89PNG\r\n"));
  EXPECT_TRUE(made.address().qr_svg().starts_with("<svg "));
  EXPECT_EQ(made.link().form_of_care(), v1::FORM_OF_CARE_HOME_VISIT);
  EXPECT_EQ(TimeFromProto(made.link().expire_time()),
            StartOfDay(CivilDayAt(clock_.Now()) + kReceptionLinkDays));
  const auto found = Open(url);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->link.facility_code, kTestFacility);
  EXPECT_TRUE(IsOpen(found->link, clock_.Now()));
  // The token itself is nowhere.
  EXPECT_EQ(Count("reception_token t WHERE replace(t::text, '-', '') LIKE '%" +
                  url.substr(url.find('#') + 1) + "%'"),
            0);
}

TEST_F(ReceptionLinkServiceTest, ABookingsLinkLastsUntilTheEndOfItsDay) {
  const absl::CivilDay day = CivilDayAt(clock_.Now()) + 3;
  const auto made = Create(day);
  EXPECT_EQ(made.link().booking_name(), "A-17");
  EXPECT_EQ(TimeFromProto(made.link().expire_time()), EndOfDay(day));
  const auto found = Open(made.address().url());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->link.appointment_day, day);
  EXPECT_TRUE(IsOpen(found->link, EndOfDay(day) - absl::Seconds(1)));
  EXPECT_FALSE(IsOpen(found->link, EndOfDay(day)));
  EXPECT_FALSE(IsOpen(found->link, EndOfDay(day) + absl::Seconds(1)));
}

TEST_F(ReceptionLinkServiceTest, RenewingKillsTheOldAddressAtOnce) {
  const auto made = Create();
  v1::RenewReceptionLinkRequest request;
  request.set_link_id(made.link().link_id());
  v1::RenewReceptionLinkResponse renewed;
  clock_.Advance(absl::Hours(24 * 30));
  ASSERT_EQ(Ask(&Stub::RenewReceptionLink, request, renewed), "");
  EXPECT_FALSE(Open(made.address().url()));
  ASSERT_TRUE(Open(renewed.address().url()));
  EXPECT_EQ(renewed.link().link_id(), made.link().link_id());
  EXPECT_TRUE(renewed.link().has_renew_time());
  EXPECT_EQ(TimeFromProto(renewed.link().expire_time()),
            StartOfDay(CivilDayAt(clock_.Now()) + kReceptionLinkDays));
  EXPECT_EQ(Count("reception_token"), 1);
}

TEST_F(ReceptionLinkServiceTest, ARevokedLinkOpensNothingAndCannotBeRenewed) {
  const auto made = Create();
  v1::RevokeReceptionLinkRequest request;
  request.set_link_id(made.link().link_id());
  v1::RevokeReceptionLinkResponse revoked;
  ASSERT_EQ(Ask(&Stub::RevokeReceptionLink, request, revoked), "");
  EXPECT_FALSE(Open(made.address().url()));
  const auto first = revoked.link().revoke_time();
  clock_.Advance(absl::Seconds(5));
  ASSERT_EQ(Ask(&Stub::RevokeReceptionLink, request, revoked), "");
  EXPECT_EQ(revoked.link().revoke_time().SerializeAsString(), first.SerializeAsString());
  v1::RenewReceptionLinkRequest renew;
  renew.set_link_id(made.link().link_id());
  v1::RenewReceptionLinkResponse renewed;
  EXPECT_EQ(Ask(&Stub::RenewReceptionLink, renew, renewed), "RECEPTION_LINK_NOT_FOUND");
}

TEST_F(ReceptionLinkServiceTest, ABookingWhoseDayIsOverIsNotRenewed) {
  const auto made = Create(CivilDayAt(clock_.Now()));
  clock_.Advance(absl::Hours(24));
  v1::RenewReceptionLinkRequest renew;
  renew.set_link_id(made.link().link_id());
  v1::RenewReceptionLinkResponse renewed;
  EXPECT_EQ(Ask(&Stub::RenewReceptionLink, renew, renewed), "RECEPTION_LINK_NOT_FOUND");
}

TEST_F(ReceptionLinkServiceTest, OnlyAnAdministratorMayAndOnlyOfTheOwnFacility) {
  const auto made = Create();
  v1::CreateReceptionLinkRequest create;
  create.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
  v1::CreateReceptionLinkResponse created;
  for (const char* role : {"GENERAL", "DOCTOR", "PHARMACIST"}) {
    EXPECT_EQ(Ask(&Stub::CreateReceptionLink, create, created, role), "ROLE_NOT_ALLOWED") << role;
  }
  EXPECT_EQ(Count("audit_event WHERE reason = 'ROLE_NOT_ALLOWED' AND operation = 85"), 3);
  create.set_facility_code(kOtherFacility);
  EXPECT_EQ(Ask(&Stub::CreateReceptionLink, create, created), "FACILITY_CODE_DIFFERS");

  v1::RenewReceptionLinkRequest renew;
  renew.set_link_id(made.link().link_id());
  v1::RenewReceptionLinkResponse renewed;
  EXPECT_EQ(Ask(&Stub::RenewReceptionLink, renew, renewed, "ADMINISTRATOR", elsewhere_),
            "RECEPTION_LINK_NOT_FOUND");
  v1::RevokeReceptionLinkRequest revoke;
  revoke.set_link_id(made.link().link_id());
  v1::RevokeReceptionLinkResponse revoked;
  EXPECT_EQ(Ask(&Stub::RevokeReceptionLink, revoke, revoked, "ADMINISTRATOR", elsewhere_),
            "RECEPTION_LINK_NOT_FOUND");
  v1::ListReceptionLinksResponse list;
  EXPECT_EQ(Ask(&Stub::ListReceptionLinks, v1::ListReceptionLinksRequest(), list, "ADMINISTRATOR",
                elsewhere_),
            "");
  EXPECT_TRUE(list.links().empty());
  EXPECT_TRUE(Open(made.address().url()));
}

TEST_F(ReceptionLinkServiceTest, ListsPageByPageTheLatestFirst) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.insert(ids.begin(), Create().link().link_id());
    clock_.Advance(absl::Seconds(1));
  }
  v1::RevokeReceptionLinkRequest revoke;
  revoke.set_link_id(ids[1]);
  v1::RevokeReceptionLinkResponse revoked;
  ASSERT_EQ(Ask(&Stub::RevokeReceptionLink, revoke, revoked), "");
  const auto list = [&](bool ended) {
    v1::ListReceptionLinksRequest request;
    request.set_page_size(2);
    request.set_include_ended(ended);
    std::vector<std::string> seen;
    v1::ListReceptionLinksResponse page;
    do {
      EXPECT_EQ(Ask(&Stub::ListReceptionLinks, request, page), "");
      for (const auto& link : page.links()) seen.push_back(link.link_id());
      request.set_page_token(page.next_page_token());
    } while (!page.next_page_token().empty());
    return seen;
  };
  EXPECT_EQ(list(true), ids);
  ids.erase(ids.begin() + 1);
  EXPECT_EQ(list(false), ids);
}

TEST_F(ReceptionLinkServiceTest, SaysWhatIsWrongWithARequest) {
  const absl::CivilDay today = CivilDayAt(clock_.Now());
  const auto reason = [&](v1::FormOfCare form, std::optional<absl::CivilDay> day,
                          const std::string& booking) {
    v1::CreateReceptionLinkRequest request;
    request.set_form_of_care(form);
    if (day) *request.mutable_appointment_date() = DayToProto(*day);
    request.set_booking_name(booking);
    v1::CreateReceptionLinkResponse response;
    return Ask(&Stub::CreateReceptionLink, request, response);
  };
  EXPECT_EQ(reason(v1::FORM_OF_CARE_OUTPATIENT, {}, ""), "INVALID_FIELDS");
  EXPECT_EQ(reason(v1::FORM_OF_CARE_ONLINE_CARE, {}, ""), "INVALID_FIELDS");
  EXPECT_EQ(reason(v1::FORM_OF_CARE_ONLINE_CARE, today - 1, ""), "INVALID_FIELDS");
  EXPECT_EQ(reason(v1::FORM_OF_CARE_ONLINE_CARE, today, ""), "");
  EXPECT_EQ(reason(v1::FORM_OF_CARE_ONLINE_CARE, today + kBookedAheadDays, ""), "");
  EXPECT_EQ(reason(v1::FORM_OF_CARE_ONLINE_CARE, today + kBookedAheadDays + 1, ""),
            "INVALID_FIELDS");
  EXPECT_EQ(reason(v1::FORM_OF_CARE_HOME_VISIT, today, ""), "INVALID_FIELDS");
  EXPECT_EQ(reason(v1::FORM_OF_CARE_HOME_VISIT, {}, "A-17"), "INVALID_FIELDS");
  EXPECT_EQ(reason(v1::FORM_OF_CARE_ONLINE_CARE, today, std::string(51, 'a')), "INVALID_FIELDS");
  v1::ListReceptionLinksRequest list;
  v1::ListReceptionLinksResponse page;
  for (const char* token : {"x", "-", "1-", "1-00", "x-00000000000000000000000000000000"}) {
    list.set_page_token(token);
    EXPECT_EQ(Ask(&Stub::ListReceptionLinks, list, page), "INVALID_FIELDS") << token;
  }
  v1::RevokeReceptionLinkRequest revoke;
  v1::RevokeReceptionLinkResponse revoked;
  EXPECT_EQ(Ask(&Stub::RevokeReceptionLink, revoke, revoked), "INVALID_FIELDS");
}

TEST_F(ReceptionLinkServiceTest, WithoutAWebPageThereAreNoLinks) {
  RpcServer port(database_, clock_, Port::kTerminal);
  const auto service = MakeReceptionLinkService(
      {port.dispatch(), port.database(), store_, apps_, look_up_key_, audit_key_, ""});
  port.Start(*service);
  v1::CreateReceptionLinkRequest request;
  request.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
  v1::CreateReceptionLinkResponse response;
  grpc::ClientContext context;
  context.AddMetadata("kakunin-role", "ADMINISTRATOR");
  const auto stub = v1::ReceptionLinkService::NewStub(port.Channel(Caller::kTerminal));
  EXPECT_EQ(DescribeError(stub->CreateReceptionLink(&context, request, &response)).reason,
            "NOT_IN_SERVICE");
  port.Stop();
  EXPECT_EQ(Count("reception_link"), 0);
}

}  // namespace
}  // namespace kakunin
