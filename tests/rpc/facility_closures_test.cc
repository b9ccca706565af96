// Closures that operators set and clear, and who waits for whom meanwhile. Over TLS and PostgreSQL.
#include "tests/rpc/facility_applications_fixture.h"

namespace kakunin {
namespace {

using FacilityClosuresTest = FacilityApplicationsTest;

TEST_F(FacilityClosuresTest, AnOperatorSetsAClosureAndOpensWhatWasClosedByMistake) {
  const std::string token = Session();
  Join(token, Good());
  ASSERT_EQ(SetClosure(Today() + 2, /*validate_only=*/true), "");
  EXPECT_EQ(Facility("closure_last_day"), "");
  ASSERT_EQ(SetClosure(Today() + 2), "");
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() + 2));
  EXPECT_EQ(closed_.facility_name(), "見本診療所");
  EXPECT_FALSE(closed_.before().has_last_day());
  EXPECT_EQ(DayFromProto(closed_.closure().last_day()), Today() + 2);
  EXPECT_TRUE(closed_.active());
  EXPECT_EQ(NewsOf(account_), "1319999999の廃止が登録されました。最終日は" + Day(Today() + 2) +
                                  "です。理由: 承継元のコードの誤り");
  EXPECT_EQ(
      Text("SELECT text FROM kakunin.applicant_mail ORDER BY number DESC LIMIT 1").find("承継元"),
      std::string::npos)
      << "what an operator wrote goes into no mail";
  const std::string news = Text("SELECT count(*) FROM kakunin.applicant_news");
  ASSERT_EQ(SetClosure(Today() + 2), "") << "as it is";
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.applicant_news"), news);

  ASSERT_EQ(SetClosure({}), "");
  EXPECT_EQ(DayFromProto(closed_.before().last_day()), Today() + 2);
  EXPECT_FALSE(closed_.closure().has_last_day());
  EXPECT_EQ(Facility("closure_last_day"), "");
  EXPECT_EQ(Facility("home_visits_from"), "infinity") << "nothing else of its terms";
  EXPECT_EQ(ClosuresAudited("last_day_before=" + Day(Today() + 2) +
                            ";resume_day_before=none;last_day=none;resume_day=none"),
            "1");
  EXPECT_EQ(NewsOf(account_),
            "1319999999の廃止・休止の登録は取り消されました。端末はまた利用できます。"
            "理由: 承継元のコードの誤り");

  EXPECT_EQ(SetClosure(Today(), false, "1318888888"), "FACILITY_NOT_FOUND");
  v1::SetFacilityClosureRequest request;
  request.set_facility_code("131");
  *request.mutable_last_day() = DayToProto(Today());
  request.set_open_again(true);
  EXPECT_EQ(Operate(first_, &Operators::SetFacilityClosure, request, closed_), "INVALID_FIELDS");
  EXPECT_EQ(Faults(), (std::set<std::string>{"request_id", "facility_code", "last_day", "reason"}));
  request.set_request_id(TestUuid());
  request.set_facility_code(kFacility);
  request.set_open_again(false);
  request.set_reason("休止");
  *request.mutable_resume_day() = DayToProto(Today() + 1);
  EXPECT_EQ(Operate(first_, &Operators::SetFacilityClosure, request, closed_), "INVALID_FIELDS");
  EXPECT_EQ(Faults(), std::set<std::string>{"resume_day"});
}

TEST_F(FacilityClosuresTest, TheAuditOfAClosureHasThePauseThatWasThereBefore) {
  Join(Session(), Good());
  v1::SetFacilityClosureRequest request;
  request.set_request_id(TestUuid());
  request.set_facility_code(kFacility);
  *request.mutable_last_day() = DayToProto(Today() - 1);
  *request.mutable_resume_day() = DayToProto(Today() + 9);
  request.set_reason("改装");
  ASSERT_EQ(Operate(first_, &Operators::SetFacilityClosure, request, closed_), "");
  EXPECT_EQ(NewsOf(account_), "1319999999の休止が登録されました。最終日は" + Day(Today() - 1) +
                                  "、再開日は" + Day(Today() + 9) + "です。理由: 改装");
  ASSERT_EQ(SetClosure({}), "");
  EXPECT_EQ(ClosuresAudited("resume_day_before=" + Day(Today() + 9)), "1");
}

// What is told must be true of a facility that is not served for another reason.
TEST_F(FacilityClosuresTest, AnOpeningPromisesNoTerminalsToWhomTheyAreStillRefused) {
  const auto promised = [&] {
    EXPECT_EQ(SetClosure(Today()), "");
    EXPECT_EQ(SetClosure({}), "");
    return NewsOf(account_).find("端末はまた利用できます") != std::string::npos;
  };
  const auto set = [&](const std::string& what) {
    database_.Exec("UPDATE kakunin.facility SET " + what + " WHERE facility_code = '" + kFacility +
                   "'");
  };
  Join(Session(), Good());
  EXPECT_TRUE(promised());
  set("active = false");
  EXPECT_FALSE(promised());
  set("active = true, operation_test_began = '2026-10-01 00:00:00Z'");
  EXPECT_FALSE(promised());
  set("operation_test_began = NULL");
  EXPECT_TRUE(promised());
  // That of the restricted type depends on its ground besides.
  set("introduction_type = " + std::to_string(static_cast<int>(IntroductionType::kRestricted)));
  EXPECT_FALSE(promised());
}

TEST_F(FacilityClosuresTest, AClosureThatWaitsForAnAccountKeepsNobodyElseWaiting) {
  Join(Session(), Good());
  std::string answer;
  Meanwhile(
      HoldAccount(account_), [&] { answer = SetClosure(Today() + 2); },
      [&](Transaction& tx) {
        EXPECT_TRUE(RegistryIsFree());
        EXPECT_EQ(FacilitiesHeld(), "0") << "who has the account locks the facility next";
        return applications_.HoldUses(tx, kFacility);
      });
  EXPECT_EQ(answer, "");
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() + 2));
}

// Both accounts, the two facilities, and only then what everybody waits for.
TEST_F(FacilityClosuresTest, AStartThatWaitsForThePredecessorKeepsNobodyElseWaiting) {
  Join(Session(), Good());
  const std::string token = Session(kSuccessor);
  const std::string id = TestedSuccessor(token);
  std::string answer;
  Meanwhile([&] { answer = StartUse(id); },
            [&](Transaction&) {
              EXPECT_TRUE(RegistryIsFree());
              return absl::OkStatus();
            });
  EXPECT_EQ(answer, "");
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() - 1));
}

TEST_F(FacilityClosuresTest, AStartThatWaitsForThePredecessorsAccountHasNoFacilityLocked) {
  Join(Session(), Good());
  const std::string predecessor = account_;
  const std::string token = Session(kSuccessor);
  const std::string id = TestedSuccessor(token);
  std::string answer;
  Meanwhile(
      HoldAccount(predecessor), [&] { answer = StartUse(id); },
      [&](Transaction& tx) {
        EXPECT_TRUE(RegistryIsFree());
        EXPECT_EQ(FacilitiesHeld(), "0");
        return applications_.HoldUses(tx, kFacility);
      });
  EXPECT_EQ(answer, "");
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() - 1));
}

// A clinic joined by itself, and its chain named it once more.
TEST_F(FacilityClosuresTest, AFacilityGoesOnUntilTheLastOfItsUsesHasEnded) {
  const std::string own = Join(Session(), Good());
  ASSERT_EQ(Submit(Session(), Application({Good()})), "");
  const std::string chains = submitted_.rows(0).application().application_id();
  ASSERT_EQ(Decide(second_, chains, v1::APPLICATION_EVENT_APPROVE), "");
  ASSERT_EQ(decided_.application().state(), v1::APPLICATION_STATE_IN_USE);
  ASSERT_EQ(Decide(second_, own, v1::APPLICATION_EVENT_END), "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_ENDED);
  EXPECT_EQ(Facility("active"), "t") << "the chain's use goes on";
  ASSERT_EQ(Decide(second_, own, v1::APPLICATION_EVENT_END), "");
  EXPECT_EQ(Facility("active"), "t");
  ASSERT_EQ(Decide(second_, chains, v1::APPLICATION_EVENT_END), "");
  EXPECT_EQ(Facility("active"), "f");
}

// Closed for good, it may be another account's that begins anew with a test.
TEST_F(FacilityClosuresTest, AUseThatIsEndedLateLeavesTheTestOfAnotherAlone) {
  const std::string before = Join(Session(), Good());
  ASSERT_EQ(SetClosure(Today() - 1), "");
  ASSERT_EQ(Submit(Session(), Application({Good()})), "");
  const std::string anew = submitted_.rows(0).application().application_id();
  ASSERT_EQ(Decide(second_, anew, v1::APPLICATION_EVENT_APPROVE), "");
  ASSERT_EQ(decided_.application().state(), v1::APPLICATION_STATE_OPERATION_TEST);
  ASSERT_EQ(Decide(second_, before, v1::APPLICATION_EVENT_END), "");
  EXPECT_EQ(Facility("active AND operation_test_began IS NOT NULL"), "t");
}

// A facility that closed for good was joined anew: what still says "in use" is of before.
TEST_F(FacilityClosuresTest, AUseOfBeforeTheClosureKeepsNobodysTerminals) {
  const std::string before = Join(Session(), Good());
  ASSERT_EQ(SetClosure(Today() - 1), "");
  const std::string token = Session();
  const std::string anew = Join(token, Good());
  EXPECT_EQ(Facility("active AND operation_test_began IS NULL"), "t");
  ASSERT_EQ(Decide(second_, anew, v1::APPLICATION_EVENT_END), "");
  EXPECT_EQ(Facility("active"), "f");
}

// The way out that docs/joining.md tells.
TEST_F(FacilityClosuresTest, ASuccessorWhosePredecessorIsGoneIsReturnedFromItsTest) {
  Join(Session(), Good());
  const std::string token = Session(kSuccessor);
  const std::string id = TestedSuccessor(token);
  ASSERT_EQ(RequestStart(token, id), "");
  ASSERT_EQ(SetClosure(Today() - 1), "");
  EXPECT_EQ(StartUse(id), "FACILITY_NOT_FOUND");
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_RETURN, 1, "承継元"), "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_RETURNED);
  EXPECT_EQ(Facility("active AND operation_test_began IS NOT NULL", kSuccessor), "t")
      << "nobody real is shown by a return";
  EXPECT_EQ(StartUse(id), "APPLICATION_NOT_IN_THIS_STATE");
  EXPECT_EQ(RequestStart(token, id), "APPLICATION_NOT_IN_THIS_STATE");
  v1::SubmitApplicationRequest corrected = Application({Good(kSuccessor)});
  corrected.set_application_id(id);
  ASSERT_EQ(Submit(token, corrected), "");
  EXPECT_FALSE(Shown(token, id).has_start_request_time()) << "that was of the test before";
  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE, 2), "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_OPERATION_TEST);
  EXPECT_EQ(StartUse(id), "OPERATION_TEST_INCOMPLETE") << "what was ticked before counts no more";
  TickAllOf(kSuccessor);
  EXPECT_EQ(StartUse(id), "");
  EXPECT_EQ(Facility("active AND operation_test_began IS NULL", kSuccessor), "t");
}

// The applicant's own way: whoever withdrew from the test is not in the way of what follows.
TEST_F(FacilityClosuresTest, WhoWithdrewFromTheTestAppliesAnewAndIsTestedAgain) {
  const std::string token = Session(kSuccessor);
  ASSERT_EQ(Submit(token, Application({Good(kSuccessor)})), "");
  const std::string id = submitted_.rows(0).application().application_id();
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
  TickAllOf(kSuccessor);
  ASSERT_EQ(Withdraw(token, id), "");
  ASSERT_EQ(Submit(token, Application({Good(kSuccessor)})), "");
  const std::string anew = submitted_.rows(0).application().application_id();
  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(Decide(second_, anew, v1::APPLICATION_EVENT_APPROVE), "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_OPERATION_TEST);
  EXPECT_EQ(StartUse(anew), "OPERATION_TEST_INCOMPLETE");
  // Another account's waits until the one in the test is over.
  const std::string other = Session(kSuccessor);
  ASSERT_EQ(Submit(other, Application({Good(kSuccessor)})), "");
  const std::string theirs = submitted_.rows(0).application().application_id();
  EXPECT_EQ(Decide(second_, theirs, v1::APPLICATION_EVENT_APPROVE),
            "APPLICATION_NOT_IN_THIS_STATE");
  ASSERT_EQ(Decide(second_, anew, v1::APPLICATION_EVENT_RETURN, 1, "取り違え"), "");
  ASSERT_EQ(Decide(second_, theirs, v1::APPLICATION_EVENT_APPROVE), "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_OPERATION_TEST);
}

TEST_F(FacilityClosuresTest, AFacilityThatIsOpenedAgainAppliesAnewWithoutAnotherTest) {
  const std::string before = Session();
  Join(before, Good());
  const std::string token = Session(kSuccessor);
  Fields form = Good(kSuccessor);
  form["predecessor_code"] = kFacility;  // a wrong one
  Join(token, form);
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() - 1));
  ASSERT_EQ(SetClosure({}), "");
  EXPECT_EQ(Facility("closure_last_day"), "");
  EXPECT_EQ(Facility("operation_test_began"), "");
  ASSERT_EQ(Submit(before, Application({Good()})), "");
  ASSERT_EQ(Decide(second_, submitted_.rows(0).application().application_id(),
                   v1::APPLICATION_EVENT_APPROVE),
            "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_IN_USE);
}

// A pause ends by itself: it takes no test and nothing that the facility had.
TEST_F(FacilityClosuresTest, AnApprovalDuringAPauseStaysInUse) {
  const std::string token = Session();
  const std::string id = Join(token, Restricted());
  ASSERT_EQ(Approve(token,
                    {{"facility_code", kFacility},
                     {"last_day", Day(Today() - 1)},
                     {"resume_day", Day(Today() + 30)}},
                    v1::APPLICATION_KIND_CLOSURE),
            "");
  ASSERT_EQ(Submit(token, Application({Good()})), "");
  ASSERT_EQ(Decide(second_, submitted_.rows(0).application().application_id(),
                   v1::APPLICATION_EVENT_APPROVE),
            "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_IN_USE);
  EXPECT_EQ(Facility("operation_test_began"), "");
  EXPECT_EQ(Facility("closure_last_day || ' ' || closure_resume_day"),
            Day(Today() - 1) + " " + Day(Today() + 30));
}

}  // namespace
}  // namespace kakunin
