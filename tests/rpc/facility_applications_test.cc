// What approved applications do to facilities that have joined: the ground of the restricted type,
// additions, successions, and what is bounded a facility. Over TLS and PostgreSQL.
#include "tests/rpc/facility_applications_fixture.h"

namespace kakunin {
namespace {

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

// Online care that nobody added, or that begins next month, is not introduced.
TEST_F(FacilityApplicationsTest, ASubsidyForAnAdditionWaitsForItsFirstDay) {
  const std::string token = Session();
  Join(token, Good());
  const auto submit = [&](const std::string& session) {
    return Submit(session, Application({{{"facility_code", kFacility},
                                         {"measure", "online-care"},
                                         {"cost_yen", "429000"},
                                         {"documents", "receipt"}}},
                                       v1::APPLICATION_KIND_SUBSIDY));
  };
  EXPECT_EQ(submit(token), "INTRODUCTION_INCOMPLETE") << "never added";
  ASSERT_EQ(Approve(token,
                    {{"facility_code", kFacility},
                     {"form_of_care", "online-care"},
                     {"start_day", Day(Today() + 2)}},
                    v1::APPLICATION_KIND_SERVICE_ADDITION),
            "");
  EXPECT_EQ(submit(token), "INTRODUCTION_INCOMPLETE");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(submit(LogIn(account_, kPassword)), "INTRODUCTION_INCOMPLETE") << "the day before";
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(submit(LogIn(account_, kPassword)), "");
}

TEST_F(FacilityApplicationsTest, TheWorkingOfASubsidyTellsTheReviewerWhatWasNotOrderedSo) {
  const std::string token = Session();
  Fields form = Good();
  form["card_reader_order.maker"] = "almex";
  form["card_reader_order.units"] = "1";
  Join(token, form);
  const auto warned = [&](const std::string& measure, const std::string& day,
                          const std::string& documents) {
    EXPECT_EQ(Submit(token, Application({{{"facility_code", kFacility},
                                          {"measure", measure},
                                          {"readers", "1"},
                                          {"reader_applied", day},
                                          {"cost_yen", "429000"},
                                          {"documents", documents}}},
                                        v1::APPLICATION_KIND_SUBSIDY)),
              "");
    v1::GetSubmittedApplicationRequest request;
    request.set_application_id(submitted_.rows(0).application().application_id());
    v1::GetSubmittedApplicationResponse shown;
    EXPECT_EQ(Operate(second_, &Operators::GetSubmittedApplication, request, shown), "");
    const auto& working = shown.application().working();
    return std::ranges::any_of(working,
                               [](const std::string& line) { return line.starts_with("要確認"); });
  };
  constexpr char kPapers[] = "receipt,receipt-details,completion-report";
  EXPECT_TRUE(warned("system", "2021-03-31", kPapers)) << "it would bring the full cost";
  ASSERT_EQ(Decide(second_, submitted_.rows(0).application().application_id(),
                   v1::APPLICATION_EVENT_RETURN, 1, "申込日"),
            "");
  v1::SubmitApplicationRequest corrected = Application({{{"facility_code", kFacility},
                                                         {"measure", "system"},
                                                         {"readers", "1"},
                                                         {"reader_applied", Day(Today())},
                                                         {"cost_yen", "429000"},
                                                         {"documents", kPapers}}},
                                                       v1::APPLICATION_KIND_SUBSIDY);
  corrected.set_application_id(submitted_.rows(0).application().application_id());
  ASSERT_EQ(Submit(token, corrected), "");
  for (const std::string& line : submitted_.rows(0).working()) {
    EXPECT_FALSE(line.starts_with("要確認")) << line;
  }
}

}  // namespace
}  // namespace kakunin
