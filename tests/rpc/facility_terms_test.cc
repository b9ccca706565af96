// On what terms a facility uses the service, as its terminals meet them: real TLS, every method,
// the registry's snapshot and the injected clock.
#include "domain/facility_terms.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "domain/access_policy.h"
#include "domain/civil_day.h"
#include "kakunin/v1/reception_link_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "tests/rpc/raw_call.h"
#include "tests/rpc/terminal_server.h"

namespace kakunin {
namespace {

constexpr absl::CivilDay kLast(2026, 12, 10);

class FacilityTermsTest : public testing::Test {
 protected:
  FacilityTermsTest() { RegisterTestCallers(database_, clock_.Now()); }

  void Registry(const std::function<absl::Status(Transaction&, PostgresRegistryStore&)>& act) {
    PostgresRegistryStore store;
    const absl::Status status =
        database_.Open("kakunin_operator", 1)->Write(Soon(), [&](Transaction& tx) {
          return act(tx, store);
        });
    ASSERT_TRUE(status.ok()) << status;
    if (server_ == nullptr) return;
    const int64_t now =
        database_.Exec("SELECT generation FROM kakunin.registry_generation")[0][0].as<int64_t>();
    while (server_->port().registry().Current()->generation() < now) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  void SetTerms(const FacilityTerms& terms) {
    Registry([&](Transaction& tx, PostgresRegistryStore& store) {
      return store.SetTerms(tx, kTestFacility, terms);
    });
  }
  void BecomeRestricted() {
    Registry([&](Transaction& tx, PostgresRegistryStore& store) -> absl::Status {
      ASSIGN_OR_RETURN(auto row, store.FindTerminal(tx, kTestFacility, kTestTerminal));
      row->kind = TerminalKind::kRestricted;
      return store.PutTerminal(tx, *row);
    });
  }
  void Serve() { server_ = std::make_unique<TerminalServer>(database_, clock_); }
  Outcome Call(const std::string& method) {
    return CallWith(server_->port().Channel(Caller::kTerminal), method, "");
  }
  void SetClock(absl::Time at) { clock_.Advance(at - clock_.Now()); }
  std::string Confirm() {
    return Call("/kakunin.v1.EligibilityService/ConfirmByInsuredNumber").reason();
  }

  const TestDatabase database_;
  SettableClock clock_;
  std::unique_ptr<TerminalServer> server_;
};

TEST_F(FacilityTermsTest, RestrictedTerminalsAreRefusedOnEveryCallFromTheDayAfterTheLast) {
  BecomeRestricted();
  Serve();
  SetTerms({.introduction_type = IntroductionType::kRestricted,
            .ground = RestrictedGround::kHardship,
            .ground_ending_day = kLast});
  const absl::Time end = EndOfDay(kLast);
  SetClock(end - absl::Seconds(1));
  EXPECT_EQ(Confirm(), "");
  for (const absl::Time at : {end, end + absl::Seconds(1)}) {
    SetClock(at);
    int methods = 0;
    for (const MethodPolicy& policy : AllMethodPolicies()) {
      if (policy.port != Port::kTerminal) continue;
      ++methods;
      const Outcome outcome = Call(std::string(policy.method));
      EXPECT_EQ(outcome.reason(), "RESTRICTED_TYPE_ENDED") << policy.method;
      EXPECT_NE(DescribeError(outcome.status).sentence.find("外来型"), std::string::npos);
    }
    EXPECT_GT(methods, 40);
  }
  // The full type rests on no ground: within a second the terminal is served again.
  SetTerms({.introduction_type = IntroductionType::kFull});
  EXPECT_EQ(Confirm(), "");
}

TEST_F(FacilityTermsTest, AReportTakesEffectOnOpenConnections) {
  BecomeRestricted();
  Serve();
  SetTerms({.introduction_type = IntroductionType::kRestricted,
            .ground = RestrictedGround::kRebuilding});
  SetClock(EndOfDay(kLast));
  EXPECT_EQ(Confirm(), "");
  Registry([](Transaction& tx, PostgresRegistryStore& store) {
    return store.SetGroundEnd(tx, kTestFacility, kLast, false).status();
  });
  EXPECT_EQ(Confirm(), "RESTRICTED_TYPE_ENDED");
}

TEST_F(FacilityTermsTest, AnApplicantBringsADayForwardAndPutsNoneOff) {
  SetTerms({.introduction_type = IntroductionType::kRestricted,
            .ground = RestrictedGround::kRebuilding,
            .ground_ending_day = kLast});
  PostgresRegistryStore store;
  const auto report = [&](absl::CivilDay day) {
    bool written = false;
    const absl::Status status =
        database_.Open("kakunin_onboarding", 1)->Write(Soon(), [&](Transaction& tx) {
          const auto done = store.SetGroundEnd(tx, kTestFacility, day, /*only_earlier=*/true);
          written = done.ok() && *done;
          return done.status();
        });
    EXPECT_TRUE(status.ok()) << status;
    return written;
  };
  EXPECT_FALSE(report(kLast + 1));
  EXPECT_TRUE(report(kLast));
  EXPECT_TRUE(report(kLast - 1));
  EXPECT_FALSE(report(kLast));
  EXPECT_EQ(std::string(database_
                            .Exec("SELECT ground_ending_day FROM kakunin.facility"
                                  " WHERE ground IS NOT NULL")[0][0]
                            .c_str()),
            "2026-12-09");
}

TEST_F(FacilityTermsTest, AClosedFacilityIsRefusedAndAPauseEnds) {
  Serve();
  const absl::CivilDay resumes(2027, 2, 1);
  SetTerms({.closure = {.last_day = kLast, .resume_day = resumes}});
  const std::pair<absl::Time, std::string> expected[] = {
      {EndOfDay(kLast) - absl::Seconds(1), ""},
      {EndOfDay(kLast), "FACILITY_CLOSED"},
      {EndOfDay(kLast) + absl::Seconds(1), "FACILITY_CLOSED"},
      {StartOfDay(resumes) - absl::Seconds(1), "FACILITY_CLOSED"},
      {StartOfDay(resumes), ""},
      {StartOfDay(resumes) + absl::Seconds(1), ""}};
  for (const auto& [at, reason] : expected) {
    SetClock(at);
    EXPECT_EQ(Confirm(), reason) << at;
  }
}

TEST_F(FacilityTermsTest, HomeCaresLinksAreMadeFromTheStartOfTheAddition) {
  Serve();
  SetTerms({.introduction_type = IntroductionType::kFull,
            .home_visits_from = kLast,
            .online_care_from = kNotAdded});
  const auto create = [&](v1::FormOfCare form) {
    v1::CreateReceptionLinkRequest request;
    request.set_form_of_care(form);
    if (form == v1::FORM_OF_CARE_ONLINE_CARE) {
      *request.mutable_appointment_date() = DayToProto(CivilDayAt(clock_.Now()) + 1);
    }
    return CallWith(server_->port().Channel(Caller::kTerminal),
                    "/kakunin.v1.ReceptionLinkService/CreateReceptionLink",
                    request.SerializeAsString(), {{"kakunin-role", "ADMINISTRATOR"}})
        .reason();
  };
  SetClock(StartOfDay(kLast) - absl::Seconds(1));
  EXPECT_EQ(create(v1::FORM_OF_CARE_HOME_VISIT), "SERVICE_NOT_ADDED");
  for (const absl::Duration after : {absl::ZeroDuration(), absl::Seconds(1)}) {
    SetClock(StartOfDay(kLast) + after);
    EXPECT_EQ(create(v1::FORM_OF_CARE_HOME_VISIT), "");
    EXPECT_EQ(create(v1::FORM_OF_CARE_ONLINE_CARE), "SERVICE_NOT_ADDED");
  }
  // In the operation test every form may be tried.
  Registry([&](Transaction& tx, PostgresRegistryStore& store) {
    return store.SetOperationTest(tx, kTestFacility, clock_.Now());
  });
  EXPECT_EQ(create(v1::FORM_OF_CARE_ONLINE_CARE), "");
  // Facilities from before additions were kept go on.
  Registry([&](Transaction& tx, PostgresRegistryStore& store) {
    return store.SetOperationTest(tx, kTestFacility, {});
  });
  SetTerms({});
  EXPECT_EQ(create(v1::FORM_OF_CARE_ONLINE_CARE), "");
}

}  // namespace
}  // namespace kakunin
