// What approved applications do to facilities that have joined: the ground of the restricted type,
// closures, additions, successions, and what is bounded a facility. Over TLS and PostgreSQL.
#include <google/protobuf/repeated_ptr_field.h>

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
  absl::CivilDay Today() const { return CivilDayAt(clock_.Now()); }
  static std::string Day(absl::CivilDay day) { return absl::FormatCivilTime(day); }

  v1::ReportGroundEndResponse reported_;
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

}  // namespace
}  // namespace kakunin
