// What approved applications do to facilities that have joined: the ground of the restricted type,
// closures, additions, successions, and what is bounded a facility. Over TLS and PostgreSQL.
#include <google/protobuf/repeated_ptr_field.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "server/rpc/convert_date.h"
#include "tests/rpc/onboarding_fixture.h"

namespace kakunin {
namespace {

constexpr char kSuccessor[] = "1319999998";

class FacilityApplicationsTest : public OnboardingServiceTest {
 protected:
  std::string Facility(const std::string& what, const std::string& code = kFacility) const {
    return Text("SELECT " + what + " FROM kakunin.facility WHERE facility_code = '" + code + "'");
  }
  Fields Restricted() const {
    Fields fields = Good();
    fields["introduction_type"] = "restricted";
    fields["ground"] = "measure-6";
    fields.erase("line_kind");
    return fields;
  }
  void TickAllOf(const std::string& code) {
    for (int item = 1; item <= kOperationTestItems; ++item) {
      const absl::Status status =
          database_.Open("kakunin_terminal", 1)->Write(Soon(), [&](Transaction& tx) {
            return applications_.Tick(tx, code, static_cast<OperationTestItem>(item), clock_.Now());
          });
      ASSERT_TRUE(status.ok()) << status;
    }
  }
  // A facility that joined by this form; the id of its application.
  std::string Join(const std::string& token, const Fields& form) {
    EXPECT_EQ(Submit(token, Application({form})), "");
    const std::string id = submitted_.rows(0).application().application_id();
    EXPECT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
    TickAllOf(form.at("facility_code"));
    EXPECT_EQ(StartUse(id), "");
    return id;
  }
  // A successor of kFacility that has done its operation test; the id of its application.
  std::string TestedSuccessor(const std::string& token) {
    Fields form = Good(kSuccessor);
    form["predecessor_code"] = kFacility;
    EXPECT_EQ(Submit(token, Application({form})), "");
    const std::string id = submitted_.rows(0).application().application_id();
    EXPECT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
    TickAllOf(kSuccessor);
    return id;
  }
  std::string Approve(const std::string& token, const Fields& form, v1::ApplicationKind kind) {
    EXPECT_EQ(Submit(token, Application({form}, kind)), "");
    return Decide(second_, submitted_.rows(0).application().application_id(),
                  v1::APPLICATION_EVENT_APPROVE);
  }
  std::string Report(const std::string& token, absl::CivilDay day, bool validate_only = false) {
    v1::ReportGroundEndRequest request;
    request.set_request_id(TestUuid());
    request.set_validate_only(validate_only);
    request.set_facility_code(kFacility);
    *request.mutable_ending_day() = DayToProto(day);
    return Apply(&Applicants::ReportGroundEnd, request, reported_, token);
  }
  std::string Record(absl::CivilDay day, const std::string& code = kFacility) {
    v1::RecordGroundEndRequest request;
    request.set_request_id(TestUuid());
    request.set_facility_code(code);
    *request.mutable_ending_day() = DayToProto(day);
    v1::RecordGroundEndResponse response;
    return Operate(first_, &Operators::RecordGroundEnd, request, response);
  }
  std::string SetClosure(std::optional<absl::CivilDay> last, bool validate_only = false,
                         const std::string& code = kFacility) {
    v1::SetFacilityClosureRequest request;
    request.set_request_id(TestUuid());
    request.set_validate_only(validate_only);
    request.set_facility_code(code);
    if (last) *request.mutable_last_day() = DayToProto(*last);
    request.set_open_again(!last);
    request.set_reason("承継元のコードの誤り");
    return Operate(first_, &Operators::SetFacilityClosure, request, closed_);
  }
  std::string NewsOf(const std::string& account) const {
    return Text("SELECT text FROM kakunin.applicant_news WHERE account = '" + account +
                "' ORDER BY number DESC LIMIT 1");
  }
  // Waits until some statement waits for a lock, or `done`; false: it never did.
  bool SomebodyWaits(const std::atomic<bool>& done) const {
    while (!done) {
      if (Text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
               " AND wait_event_type = 'Lock'") != "0") {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  // Hands `act` in while another transaction has the facility's lock and does `meanwhile` before it
  // commits.
  void Meanwhile(const std::function<void()>& act,
                 const std::function<absl::Status(Transaction&)>& meanwhile) {
    Meanwhile([&](Transaction& tx) { return applications_.HoldUses(tx, kFacility); }, act,
              meanwhile);
  }
  // The same, where the other transaction has what `hold` locks.
  void Meanwhile(const std::function<absl::Status(Transaction&)>& hold,
                 const std::function<void()>& act,
                 const std::function<absl::Status(Transaction&)>& meanwhile) {
    std::atomic<bool> done = false;
    std::thread acting;
    const absl::Status status =
        database_.Open("kakunin_operator", 1)->Write(Soon(), [&](Transaction& tx) -> absl::Status {
          RETURN_IF_ERROR(hold(tx));
          acting = std::thread([&] {
            act();
            done = true;
          });
          EXPECT_TRUE(SomebodyWaits(done)) << "it did not wait for the other";
          return meanwhile(tx);
        });
    acting.join();
    EXPECT_TRUE(status.ok()) << status;
  }
  std::function<absl::Status(Transaction&)> HoldAccount(const std::string& account) {
    return [this, account](Transaction& tx) { return applicants_.Hold(tx, account).status(); };
  }
  // Whether nobody has the row for which all that writes to the registry waits.
  bool RegistryIsFree() const {
    return Text(
               "SELECT count(*) FROM (SELECT FROM kakunin.registry_generation"
               " FOR UPDATE SKIP LOCKED) g") == "1";
  }
  // How many facilities somebody has locked.
  std::string FacilitiesHeld() const {
    return Text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 17"
        " AND granted AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())");
  }
  absl::CivilDay Today() const { return CivilDayAt(clock_.Now()); }
  static std::string Day(absl::CivilDay day) { return absl::FormatCivilTime(day); }

  v1::ReportGroundEndResponse reported_;
  v1::SetFacilityClosureResponse closed_;
};

TEST_F(FacilityApplicationsTest, AGroundsEndIsReportedByTheFacilityAndPutOffByOperatorsAlone) {
  const std::string token = Session();
  EXPECT_EQ(Report(token, Today() + 40), "GROUND_NOT_HELD") << "nobody's facility";
  Join(token, Restricted());
  EXPECT_EQ(Facility("introduction_type || ' ' || ground"), "2 6");
  const absl::CivilDay last = Today() + 40;
  ASSERT_EQ(Report(token, last, /*validate_only=*/true), "");
  EXPECT_EQ(Facility("ground_ending_day"), "");
  ASSERT_EQ(Report(token, last), "");
  EXPECT_EQ(DayFromProto(reported_.last_day()), last);
  EXPECT_GE(reported_.reminder_days_size(), 4);
  EXPECT_EQ(Facility("ground_ending_day"), Day(last));
  EXPECT_EQ(Report(token, last + 1), "GROUND_END_LATER");
  EXPECT_EQ(Report(token, last - 1), "");
  EXPECT_EQ(Record(last + 10), "");
  EXPECT_EQ(Facility("ground_ending_day"), Day(last + 10));
  EXPECT_EQ(Record(last, "1318888888"), "FACILITY_NOT_FOUND");
  // Another account learns nothing of it, and changes nothing.
  const std::string other = Session("1318888881");
  EXPECT_EQ(Report(other, Today()), "GROUND_NOT_HELD");
  EXPECT_EQ(Facility("ground_ending_day"), Day(last + 10));
}

TEST_F(FacilityApplicationsTest, TheFullTypeIsAppliedForBesideTheRestrictedOne) {
  const std::string token = Session();
  const std::string restricted = Join(token, Restricted());
  EXPECT_EQ(Record(Today() - 1), "") << "it is over";
  EXPECT_EQ(Submit(token, Application({Restricted()})), "INVALID_FIELDS") << "it has that already";
  ASSERT_EQ(Submit(token, Application({Good()})), "");
  ASSERT_EQ(Decide(second_, submitted_.rows(0).application().application_id(),
                   v1::APPLICATION_EVENT_APPROVE),
            "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_IN_USE);
  EXPECT_EQ(Facility("introduction_type::text || coalesce(ground::text, '-')"), "1-");
  EXPECT_EQ(Facility("active"), "t");
  EXPECT_EQ(Shown(token, restricted).state(), v1::APPLICATION_STATE_ENDED);
  EXPECT_EQ(Report(token, Today()), "GROUND_NOT_HELD");
}

TEST_F(FacilityApplicationsTest, AnApprovedAdditionAndClosureTakeEffectOnTheirDays) {
  const std::string token = Session();
  Join(token, Good());
  EXPECT_EQ(Facility("home_visits_from || ' ' || online_care_from"), "infinity infinity");
  ASSERT_EQ(Approve(token,
                    {{"facility_code", kFacility},
                     {"form_of_care", "home-visit"},
                     {"start_day", Day(Today() + 3)}},
                    v1::APPLICATION_KIND_SERVICE_ADDITION),
            "");
  EXPECT_EQ(Facility("home_visits_from || ' ' || online_care_from"),
            Day(Today() + 3) + " infinity");
  ASSERT_EQ(Approve(token, {{"facility_code", kFacility}, {"last_day", Day(Today() + 1)}},
                    v1::APPLICATION_KIND_CLOSURE),
            "");
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() + 1));
  // Closed, it may apply anew, and begins with a test and without what it had added.
  EXPECT_EQ(Submit(token, Application({Good()})), "INVALID_FIELDS");
  clock_.Advance(absl::Hours(48));
  const std::string session = LogIn(account_, kPassword);
  ASSERT_EQ(Submit(session, Application({Good()})), "");
  ASSERT_EQ(Decide(second_, submitted_.rows(0).application().application_id(),
                   v1::APPLICATION_EVENT_APPROVE),
            "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_OPERATION_TEST);
  EXPECT_EQ(Facility("coalesce(closure_last_day::text, '-') || home_visits_from"), "-infinity");
}

TEST_F(FacilityApplicationsTest, ADryRunOfAnApprovalChangesNoTerms) {
  const std::string token = Session();
  Join(token, Good());
  ASSERT_EQ(Submit(token, Application({{{"facility_code", kFacility}, {"last_day", Day(Today())}}},
                                      v1::APPLICATION_KIND_CLOSURE)),
            "");
  ASSERT_EQ(Decide(second_, submitted_.rows(0).application().application_id(),
                   v1::APPLICATION_EVENT_APPROVE, 1, "", /*validate_only=*/true),
            "");
  EXPECT_EQ(Facility("closure_last_day"), "");
}

TEST_F(FacilityApplicationsTest, AFacilityFromBeforeAdditionsHasThemAll) {
  const std::string token = Session(kTestFacility);
  const std::string id = Submitted(token, kTestFacility);
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
  EXPECT_EQ(Facility("home_visits_from IS NULL AND online_care_from IS NULL", kTestFacility), "t");
  EXPECT_EQ(Submit(token, Application({{{"facility_code", kTestFacility},
                                        {"form_of_care", "home-visit"},
                                        {"start_day", Day(Today() + 3)}}},
                                      v1::APPLICATION_KIND_SERVICE_ADDITION)),
            "INVALID_FIELDS");
  EXPECT_EQ(Faults(), std::set<std::string>{"forms[0].form_of_care"});
}

TEST_F(FacilityApplicationsTest, ASuccessorsStartEndsItsPredecessor) {
  const std::string before = Session();
  const std::string predecessors = Join(before, Good());
  const std::string predecessor_account = account_;
  const std::string token = Session(kSuccessor);
  Fields form = Good(kSuccessor);
  form["predecessor_code"] = kSuccessor;
  EXPECT_EQ(Submit(token, Application({form})), "INVALID_FIELDS");
  EXPECT_EQ(Faults(), std::set<std::string>{"forms[0].predecessor_code"});
  form["predecessor_code"] = "1318888888";  // nobody's
  EXPECT_EQ(Submit(token, Application({form})), "INVALID_FIELDS");
  form["predecessor_code"] = kFacility;
  ASSERT_EQ(Submit(token, Application({form})), "");
  const std::string id = submitted_.rows(0).application().application_id();
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
  EXPECT_EQ(Facility("closure_last_day"), "") << "not before its successor starts";
  TickAllOf(kSuccessor);
  ASSERT_EQ(StartUse(id), "");
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() - 1));
  EXPECT_EQ(Facility("closure_last_day", kSuccessor), "");
  EXPECT_EQ(Shown(before, predecessors).state(), v1::APPLICATION_STATE_ENDED);
  EXPECT_NE(Text("SELECT text FROM kakunin.applicant_news WHERE account = '" + predecessor_account +
                 "' ORDER BY number DESC LIMIT 1")
                .find(kSuccessor),
            std::string::npos);
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.terminal WHERE facility_code = '1319999998'"), "0")
      << "no certificate passes";
}

TEST_F(FacilityApplicationsTest, FreeReadersAreBoundedAFacilityHoweverManyApplicationsAsk) {
  const std::string token = Session();
  Fields hospital = Good();
  hospital["facility_type"] = "hospital";
  hospital["card_reader_order.maker"] = "almex";
  hospital["card_reader_order.units"] = "1";
  const std::string id = Join(token, hospital);
  const auto order = [&](const std::string& units) {
    return Submit(token, Application({{{"facility_code", kFacility},
                                       {"card_reader_order.maker", "almex"},
                                       {"card_reader_order.units", units}}},
                                     v1::APPLICATION_KIND_CARD_READERS));
  };
  EXPECT_EQ(order("3"), "INVALID_FIELDS");
  EXPECT_EQ(Faults(), std::set<std::string>{"forms[0].card_reader_order.units"});
  ASSERT_EQ(order("2"), "");
  const std::string second = submitted_.rows(0).application().application_id();
  EXPECT_EQ(order("1"), "INVALID_FIELDS");
  // What was taken back counts no more, and what is corrected not twice.
  v1::SubmitApplicationRequest corrected = Application({{{"facility_code", kFacility},
                                                         {"card_reader_order.maker", "almex"},
                                                         {"card_reader_order.units", "1"}}},
                                                       v1::APPLICATION_KIND_CARD_READERS);
  corrected.set_application_id(second);
  EXPECT_EQ(Submit(token, corrected), "");
  EXPECT_EQ(Withdraw(token, second), "");
  EXPECT_EQ(order("2"), "");
}

TEST_F(FacilityApplicationsTest, ASubsidyIsAppliedForOnceAFacility) {
  const std::string token = Session();
  Join(token, Good());
  const Fields subsidy = {{"facility_code", kFacility},
                          {"measure", "system"},
                          {"readers", "1"},
                          {"reader_applied", "2021-04-01"},
                          {"cost_yen", "429000"},
                          {"documents", "receipt,receipt-details,completion-report"}};
  ASSERT_EQ(Submit(token, Application({subsidy}, v1::APPLICATION_KIND_SUBSIDY)), "");
  EXPECT_EQ(Submit(token, Application({subsidy}, v1::APPLICATION_KIND_SUBSIDY)), "INVALID_FIELDS");
  EXPECT_EQ(Faults(), std::set<std::string>{"forms[0].measure"});
}

TEST_F(FacilityApplicationsTest, WhoApprovesASuccessorIsToldWhomItEndsBeforeItActs) {
  const std::string before = Session();
  Join(before, Good());
  const std::string token = Session(kSuccessor);
  Fields form = Good(kSuccessor);
  form["predecessor_code"] = kFacility;
  ASSERT_EQ(Submit(token, Application({form})), "");
  const std::string id = submitted_.rows(0).application().application_id();
  for (const bool validate_only : {true, false}) {
    ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE, 1, "", validate_only), "");
    EXPECT_EQ(decided_.predecessor().facility_code(), kFacility);
    EXPECT_EQ(decided_.predecessor().facility_name(), "見本診療所");
    EXPECT_TRUE(decided_.predecessor().in_use());
    EXPECT_FALSE(decided_.predecessor().has_last_day()) << "not before it starts";
  }
  TickAllOf(kSuccessor);
  v1::StartUseRequest request;
  request.set_request_id(TestUuid());
  request.set_application_id(id);
  request.set_validate_only(true);
  v1::StartUseResponse started;
  ASSERT_EQ(Operate(second_, &Operators::StartUse, request, started), "");
  EXPECT_EQ(DayFromProto(started.predecessor().last_day()), Today() - 1);
  EXPECT_EQ(Facility("closure_last_day"), "") << "only checked";
  // Months may lie between: it is looked at again.
  ASSERT_EQ(SetClosure(Today() - 3), "");
  EXPECT_EQ(Operate(second_, &Operators::StartUse, request, started), "FACILITY_NOT_FOUND");
  EXPECT_EQ(StartUse(id), "FACILITY_NOT_FOUND");
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() - 3));
}

TEST_F(FacilityApplicationsTest, ASuccessorInUseEndsItsPredecessorWithItsApproval) {
  const std::string before = Session();
  const std::string predecessors = Join(before, Good());
  const std::string token = Session(kTestFacility);  // registered by operators, in use
  Fields form = Good(kTestFacility);
  form["predecessor_code"] = kFacility;
  ASSERT_EQ(Submit(token, Application({form})), "");
  const std::string id = submitted_.rows(0).application().application_id();
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE, 1, "", /*validate_only=*/true), "");
  EXPECT_EQ(DayFromProto(decided_.predecessor().last_day()), Today() - 1);
  EXPECT_EQ(Facility("closure_last_day"), "");
  ASSERT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_APPROVE), "");
  EXPECT_EQ(decided_.application().state(), v1::APPLICATION_STATE_IN_USE);
  EXPECT_EQ(Facility("closure_last_day"), Day(Today() - 1));
  EXPECT_EQ(Facility("closure_last_day", kTestFacility), "");
  EXPECT_EQ(Shown(before, predecessors).state(), v1::APPLICATION_STATE_ENDED);
}

TEST_F(FacilityApplicationsTest, AnOperatorSetsAClosureAndOpensWhatWasClosedByMistake) {
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
  EXPECT_NE(Text("SELECT details FROM kakunin.audit_event WHERE operation = 217"
                 " ORDER BY at DESC, number DESC LIMIT 1")
                .find("last_day_before=" + Day(Today() + 2) +
                      ";resume_day_before=none;last_day=none;resume_day=none"),
            std::string::npos);
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

TEST_F(FacilityApplicationsTest, TheAuditOfAClosureHasThePauseThatWasThereBefore) {
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
  EXPECT_NE(Text("SELECT details FROM kakunin.audit_event WHERE operation = 217"
                 " ORDER BY at DESC, number DESC LIMIT 1")
                .find("resume_day_before=" + Day(Today() + 9)),
            std::string::npos);
}

// What is told must be true of a facility that is not served for another reason.
TEST_F(FacilityApplicationsTest, AnOpeningPromisesNoTerminalsToWhomTheyAreStillRefused) {
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

TEST_F(FacilityApplicationsTest, AClosureThatWaitsForAnAccountKeepsNobodyElseWaiting) {
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
TEST_F(FacilityApplicationsTest, AStartThatWaitsForThePredecessorKeepsNobodyElseWaiting) {
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

TEST_F(FacilityApplicationsTest, AStartThatWaitsForThePredecessorsAccountHasNoFacilityLocked) {
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

// The way out that docs/joining.md tells.
TEST_F(FacilityApplicationsTest, ASuccessorWhosePredecessorIsGoneBeginsAnewFromTheTest) {
  Join(Session(), Good());
  const std::string token = Session(kSuccessor);
  const std::string id = TestedSuccessor(token);
  ASSERT_EQ(SetClosure(Today() - 1), "");
  EXPECT_EQ(StartUse(id), "FACILITY_NOT_FOUND");
  EXPECT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_RETURN, 1, "承継元"),
            "APPLICATION_NOT_IN_THIS_STATE");
  ASSERT_EQ(Withdraw(token, id), "");
  ASSERT_EQ(Submit(token, Application({Good(kSuccessor)})), "");
  const std::string anew = submitted_.rows(0).application().application_id();
  EXPECT_EQ(Decide(second_, anew, v1::APPLICATION_EVENT_APPROVE), "APPLICATION_NOT_IN_THIS_STATE")
      << "the test of before is the facility's still";
  const absl::Status inactive =
      database_.Open("kakunin_operator", 1)->Write(Soon(), [&](Transaction& tx) {
        return PostgresRegistryStore().PutFacility(tx, {.facility_code = kSuccessor,
                                                        .type = FacilityType::kClinic,
                                                        .name = "見本診療所",
                                                        .active = false});
      });
  ASSERT_TRUE(inactive.ok()) << inactive;
  ASSERT_EQ(Decide(second_, anew, v1::APPLICATION_EVENT_APPROVE), "");
  TickAllOf(kSuccessor);
  EXPECT_EQ(StartUse(anew), "");
}

TEST_F(FacilityApplicationsTest, AFacilityThatIsOpenedAgainAppliesAnewWithoutAnotherTest) {
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
TEST_F(FacilityApplicationsTest, AnApprovalDuringAPauseStaysInUse) {
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

// Two transactions: a decision that has read the facility's terms, and a report beside it.
TEST_F(FacilityApplicationsTest, AReportedEndIsNotLostToADecisionAtTheSameMoment) {
  const std::string token = Session();
  Join(token, Restricted());
  const absl::CivilDay last = Today() + 40;
  std::string reported;
  PostgresRegistryStore registry;
  Meanwhile([&] { reported = Report(token, last); },
            [&](Transaction& tx) -> absl::Status {
              ASSIGN_OR_RETURN(const auto known, registry.FindFacility(tx, kFacility));
              FacilityTerms terms = known->terms;
              terms.home_visits_from = Today() + 3;
              return registry.SetTerms(tx, kFacility, terms);
            });
  EXPECT_EQ(reported, "");
  EXPECT_EQ(Facility("ground_ending_day"), Day(last));
  EXPECT_EQ(Facility("home_visits_from"), Day(Today() + 3));
}

TEST_F(FacilityApplicationsTest, OrdersOfOneFacilityAreJudgedOneAfterTheOther) {
  const std::string token = Session();
  Join(token, Good());
  const Fields order = {{"facility_code", kFacility},
                        {"card_reader_order.maker", "almex"},
                        {"card_reader_order.units", "1"}};
  std::string answer;
  // Whoever decides about the facility, an operator of another account's order, say, is waited for.
  Meanwhile(
      [&] { answer = Submit(token, Application({order}, v1::APPLICATION_KIND_CARD_READERS)); },
      [&](Transaction&) { return absl::OkStatus(); });
  EXPECT_EQ(answer, "");
}

TEST_F(FacilityApplicationsTest, WhatTwoAccountsAskForIsBoundedWhenItIsApproved) {
  const std::string first = Session();
  Fields form = Good();
  form["card_reader_order.maker"] = "almex";
  form["card_reader_order.units"] = "1";
  const std::string second = Session();  // another account of the same facility
  ASSERT_EQ(Submit(first, Application({form})), "");
  const std::string one = submitted_.rows(0).application().application_id();
  // A stranger's undecided form takes nothing away.
  ASSERT_EQ(Submit(second, Application({form})), "");
  const std::string other = submitted_.rows(0).application().application_id();
  ASSERT_EQ(Decide(second_, one, v1::APPLICATION_EVENT_APPROVE), "");
  EXPECT_EQ(Decide(second_, other, v1::APPLICATION_EVENT_APPROVE), "INVALID_FIELDS");
  EXPECT_EQ(Faults(), std::set<std::string>{"card_reader_order.units"});
}

TEST_F(FacilityApplicationsTest, TwoSubsidiesWhosePapersWereCheckedDoNotBlockEachOther) {
  const Fields subsidy = {{"facility_code", kFacility},
                          {"measure", "system"},
                          {"readers", "1"},
                          {"reader_applied", "2021-04-01"},
                          {"cost_yen", "429000"},
                          {"documents", "receipt,receipt-details,completion-report"}};
  const auto checked = [&] {
    const std::string token = Session();
    Join(token, Good());
    EXPECT_EQ(Submit(token, Application({subsidy}, v1::APPLICATION_KIND_SUBSIDY)), "");
    const std::string id = submitted_.rows(0).application().application_id();
    EXPECT_EQ(Decide(second_, id, v1::APPLICATION_EVENT_CHECK_DOCUMENTS), "");
    return id;
  };
  const std::string one = checked();
  const std::string other = checked();
  ASSERT_EQ(Decide(second_, other, v1::APPLICATION_EVENT_APPROVE), "");
  EXPECT_EQ(Decide(second_, one, v1::APPLICATION_EVENT_APPROVE), "INVALID_FIELDS");
  EXPECT_EQ(Faults(), std::set<std::string>{"measure"});
  ASSERT_EQ(Decide(second_, other, v1::APPLICATION_EVENT_PAY), "");
  EXPECT_EQ(Decide(second_, one, v1::APPLICATION_EVENT_APPROVE), "INVALID_FIELDS");
}

}  // namespace
}  // namespace kakunin
