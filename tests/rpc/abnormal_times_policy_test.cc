// What puts abnormal times into force, and what does not.
#include <set>

#include "tests/rpc/abnormal_times_fixture.h"

namespace kakunin {
namespace {

constexpr char kNextGeneration[] =
    "WITH g AS (UPDATE kakunin.registry_generation SET generation = generation + 1"
    " RETURNING generation) ";

TEST_F(AbnormalTimesTest, TwoOperatorsOfTwoBodiesPutItIntoForce) {
  const std::string id = Propose(Disaster());
  EXPECT_EQ(ReasonOfApproval(id, IdentityOf(Caller::kOperator)), "POLICY_SAME_OPERATOR");
  EXPECT_EQ(ReasonOfApproval(id, colleague_), "POLICY_SAME_BODY");
  EXPECT_EQ(ReasonOfApproval(TestUuid(), second_), "POLICY_NOT_FOUND");
  clock_.Advance(from_ - clock_.Now());
  AwaitRegistry();
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");
  EXPECT_EQ(ReasonOfApproval(id, second_), "");
  EXPECT_EQ(ReasonOfApproval(id, second_), "POLICY_DECIDED");
  AwaitRegistry();
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "");
}

TEST_F(AbnormalTimesTest, AnOperatorWithoutABodyProposesNothing) {
  const TestIdentity nobodys = OperatorIdentity("operator-4");
  ASSERT_TRUE(
      database_.Open("kakunin_operator")
          ->Write(Soon(),
                  [&](Transaction& tx) { return PutOperator(tx, "operator-4", "", nobodys); })
          .ok());
  AwaitRegistry();
  v1::ProposeAbnormalTimesResponse response;
  EXPECT_EQ(DescribeError(Operate(nobodys, Disaster(), response,
                                  &v1::AbnormalTimesPolicyService::Stub::ProposeAbnormalTimes))
                .reason,
            "POLICY_BODY_MISSING");
}

TEST_F(AbnormalTimesTest, ARowThatWasWrittenPastTheServiceIsNotInForce) {
  const std::string id = InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  const auto rewrite = [&](const std::string& change) {
    // In one statement: a server that reads in between would never read the row.
    database_.Exec(std::string(kNextGeneration) + "UPDATE kakunin.abnormal_times_policy SET " +
                   change + ", generation = g.generation FROM g");
    AwaitRegistry();
  };
  EXPECT_EQ(port_->registry().PoliciesForged(), 0);
  rewrite("to_at = to_at + interval '1 day'");
  EXPECT_EQ(ReasonOfLook(), "ABNORMAL_TIMES_NOT_IN_FORCE");
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");
  EXPECT_EQ(port_->registry().PoliciesForged(), 1);
  v1::ListAbnormalTimesPoliciesResponse listed;
  ASSERT_TRUE(Operate(second_, v1::ListAbnormalTimesPoliciesRequest(), listed,
                      &v1::AbnormalTimesPolicyService::Stub::ListAbnormalTimesPolicies)
                  .ok());
  EXPECT_EQ(listed.policies(0).state(), v1::ABNORMAL_TIMES_STATE_FORGED);
  rewrite("to_at = to_at - interval '1 day'");
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(port_->registry().PoliciesForged(), 0);
}

TEST_F(AbnormalTimesTest, ARowThatTheOwnerForgesWholeIsNotInForceAndCannotBeApproved) {
  database_.Exec(fmt::format(
      "{}INSERT INTO kakunin.abnormal_times_policy SELECT gen_random_uuid(), 1, 'x', NULL, '{{}}',"
      " '{{{}}}', '2020-01-01', '2099-01-01', 15, false, NULL, '', 'a', 'A', '2020-01-01', 'b',"
      " 'B', '2020-01-01', NULL, NULL, decode(repeat('00', 32), 'hex'), generation FROM g",
      kNextGeneration, kTestFacility));
  AwaitRegistry();
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");
  EXPECT_EQ(times_port_->registry().PoliciesForged(), 1);
  const std::string id =
      database_.Exec("SELECT policy_id::text FROM kakunin.abnormal_times_policy")[0][0].c_str();
  EXPECT_EQ(ReasonOfApproval(id, second_), "POLICY_SIGNATURE_WRONG");
}

TEST_F(AbnormalTimesTest, ExtendedInPartForFacilitiesOfTheFirstOnly) {
  const std::string first = InForce(Disaster());
  v1::ProposeAbnormalTimesRequest more = Disaster();
  v1::AbnormalTimesContent& content = *more.mutable_content();
  content.set_extends_policy_id(first);
  *content.mutable_from_time() = Disaster().content().to_time();
  *content.mutable_to_time() = TimeToProto(from_ + absl::Hours(24 * 9));
  v1::ProposeAbnormalTimesResponse response;
  const auto violations = [&](const v1::ProposeAbnormalTimesRequest& request) {
    return FieldsOf(Operate(IdentityOf(Caller::kOperator), request, response,
                            &v1::AbnormalTimesPolicyService::Stub::ProposeAbnormalTimes));
  };
  v1::ProposeAbnormalTimesRequest wider = more;
  wider.mutable_content()->add_municipality_codes("17205");
  EXPECT_EQ(violations(wider), (std::vector<std::string>{"content.extends_policy_id"}));
  v1::ProposeAbnormalTimesRequest other = more;
  other.mutable_content()->add_kinds(v1::CONSENT_KIND_TREATMENT);
  EXPECT_EQ(violations(other), (std::vector<std::string>{"content.extends_policy_id"}));
  content.clear_municipality_codes();
  content.add_facility_codes(kTestFacility);
  InForce(more);
  clock_.Advance(from_ + absl::Hours(24 * 7) - clock_.Now());
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "");
  clock_.Advance(absl::Hours(48));
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");
}

TEST_F(AbnormalTimesTest, AnExtensionBeginsBehindNoGapAndRevivesNothingThatHasEnded) {
  const std::string first = InForce(Disaster());
  v1::ProposeAbnormalTimesRequest more = Disaster();
  v1::AbnormalTimesContent& content = *more.mutable_content();
  content.set_extends_policy_id(first);
  const absl::Time to = TimeFromProto(Disaster().content().to_time());
  *content.mutable_to_time() = TimeToProto(to + absl::Hours(24));
  v1::ProposeAbnormalTimesResponse response;
  const auto violations = [&](const v1::ProposeAbnormalTimesRequest& request) {
    return FieldsOf(Operate(IdentityOf(Caller::kOperator), request, response,
                            &v1::AbnormalTimesPolicyService::Stub::ProposeAbnormalTimes));
  };
  *content.mutable_from_time() = TimeToProto(to + absl::Seconds(1));
  EXPECT_EQ(violations(more), std::vector<std::string>{"content.from_time"});
  *content.mutable_from_time() = TimeToProto(to);
  *content.mutable_to_time() = TimeToProto(to + absl::Seconds(1));
  const std::string extension = Propose(more);
  more.set_request_id(TestUuid());
  v1::ProposeAbnormalTimesRequest shorter = more;
  *shorter.mutable_content()->mutable_from_time() = TimeToProto(to - absl::Hours(1));
  *shorter.mutable_content()->mutable_to_time() = TimeToProto(to);
  EXPECT_EQ(violations(shorter), std::vector<std::string>{"content.to_time"});
  End(first);
  EXPECT_EQ(violations(more), std::vector<std::string>{"content.extends_policy_id"});
}

TEST_F(AbnormalTimesTest, PoliciesAreListedPageByPageNewestFirst) {
  std::vector<std::string> proposed;
  for (int i = 0; i < 12; ++i) {
    if (i != 2) clock_.Advance(absl::Seconds(1));  // two of one instant
    proposed.push_back(Propose(Disaster()));
  }
  const auto page = [&](const std::string& token, int size) {
    v1::ListAbnormalTimesPoliciesRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    v1::ListAbnormalTimesPoliciesResponse response;
    const grpc::Status status =
        Operate(second_, request, response,
                &v1::AbnormalTimesPolicyService::Stub::ListAbnormalTimesPolicies);
    return std::pair(FieldsOf(status), response);
  };
  std::vector<std::string> listed;
  std::string token;
  int pages = 0;
  do {
    const auto [faults, response] = page(token, 2);
    ASSERT_TRUE(faults.empty());
    for (const auto& policy : response.policies()) listed.push_back(policy.policy_id());
    token = response.next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 6);
  ASSERT_EQ(listed.size(), proposed.size());
  EXPECT_EQ(listed.front(), proposed.back());
  EXPECT_EQ(listed.back(), proposed.front());
  EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()),
            std::set<std::string>(proposed.begin(), proposed.end()));
  const auto all = page("", 0).second;
  EXPECT_EQ(all.policies_size(), 12) << "who knows of no pages sees the largest";
  EXPECT_EQ(page(page("", 1).second.next_page_token(), 0).second.policies_size(), 10);
  EXPECT_EQ(page("x", 51).first, (std::vector<std::string>{"page_size", "page_token"}));
}

TEST_F(AbnormalTimesTest, ADryRunTellsHowManyItReachesAndChangesNothing) {
  v1::ProposeAbnormalTimesRequest request = Disaster();
  request.set_validate_only(true);
  v1::ProposeAbnormalTimesResponse response;
  ASSERT_TRUE(Operate(IdentityOf(Caller::kOperator), request, response,
                      &v1::AbnormalTimesPolicyService::Stub::ProposeAbnormalTimes)
                  .ok());
  EXPECT_EQ(response.policy().facilities_reached(), 1);
  EXPECT_TRUE(response.policy().policy_id().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.abnormal_times_policy"), 0);
  request = Disaster();
  v1::AbnormalTimesContent& content = *request.mutable_content();
  content.clear_order_date();
  content.clear_kinds();
  content.add_kinds(v1::CONSENT_KIND_LIMIT_CERTIFICATE);
  content.add_municipality_codes("1720");
  *content.mutable_to_time() = content.from_time();
  EXPECT_EQ(FieldsOf(Operate(IdentityOf(Caller::kOperator), request, response,
                             &v1::AbnormalTimesPolicyService::Stub::ProposeAbnormalTimes)),
            (std::vector<std::string>{"content.order_date", "content.municipality_codes[1]",
                                      "content.to_time", "content.kinds[0]"}));
}

}  // namespace
}  // namespace kakunin
