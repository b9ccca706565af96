// The searches of abnormal times in the operation test (運用テスト): the published test persons are
// found, nobody real is, and no view of anybody real is opened.
#include "tests/rpc/abnormal_times_fixture.h"

namespace kakunin {
namespace {

class OperationTestSearches : public AbnormalTimesTest {
 protected:
  template <class Act>
  void Registered(const Act& act) {
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) { return act(tx); });
    ASSERT_TRUE(status.ok()) << status;
    AwaitRegistry();
  }
  void Test(bool begins) {
    Registered([&](Transaction& tx) {
      return registry_.SetOperationTest(tx, kTestFacility,
                                        begins ? std::optional(clock_.Now()) : std::nullopt);
    });
  }
  void Publish(bool published) {
    Registered([&](Transaction& tx) {
      return registry_.PutTestPerson(tx, {.person = Person(), .published = published});
    });
  }
  // What is kept of the patient's being found.
  int64_t Traces() const {
    return Count("SELECT count(*) FROM kakunin.record_access WHERE person_id = '" + person_ + "'") +
           Count("SELECT count(*) FROM kakunin.confirmation WHERE person_id = '" + person_ + "'");
  }
  std::string ReasonOfOpening(const std::string& handle) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("kakunin-role", "DOCTOR");
    context.AddMetadata("kakunin-user", "dr-1");
    v1::OpenEmergencyViewRequest request;
    request.set_patient_handle(handle);
    request.set_no_consent_reason(v1::NO_CONSENT_REASON_UNCONSCIOUS);
    v1::OpenEmergencyViewResponse response;
    const auto stub = v1::AbnormalTimesService::NewStub(times_port_->Channel(Caller::kTerminal));
    return DescribeError(stub->OpenEmergencyView(&context, request, &response)).reason;
  }
};

TEST_F(OperationTestSearches, FindNobodyReal) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_FALSE(found_.view_handle().empty());
  const std::string view = found_.view_handle();
  Test(true);
  const int64_t before = Traces();
  for (const auto& request : {ByFourItems(), ByKey()}) {
    EXPECT_EQ(ReasonOfSearch(request), "");
    EXPECT_TRUE(found_.view_handle().empty());
    EXPECT_EQ(found_.ShortDebugString().find(kName), std::string::npos);
  }
  // Nor does the view of before open anything, nor is its being refused kept of anybody.
  found_.set_view_handle(view);
  EXPECT_NE(ReasonOfLook(), "");
  EXPECT_NE(ReasonOfLook(v1::FORM_OF_CARE_HOME_VISIT), "");
  clock_.Advance(absl::Hours(2));
  found_.set_view_handle(view);
  EXPECT_NE(ReasonOfLook(), "");
  EXPECT_EQ(Traces(), before);

  Publish(true);
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_FALSE(found_.view_handle().empty());
  EXPECT_EQ(ReasonOfLook(), "");
  EXPECT_EQ(
      Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = " +
            std::to_string(static_cast<int>(Operation::kSearchPatient)) + " AND situation = 100"),
      3);
}

TEST_F(OperationTestSearches, OpenNoEmergencyViewOfAnybodyReal) {
  auto right = Disaster();
  v1::AbnormalTimesContent& content = *right.mutable_content();
  content.set_situation(v1::SITUATION_EMERGENCY);
  content.clear_municipality_codes();
  content.add_facility_codes(kTestFacility);
  content.clear_to_time();
  InForce(right);
  clock_.Advance(from_ - clock_.Now());
  // As a card act hands it out, of before the test.
  const std::string handle =
      handle_key_.Seal(EmergencyScope(kTestFacility),
                       {.person = Person().octets, .end = clock_.Now() + absl::Minutes(5)});
  ASSERT_EQ(ReasonOfOpening(handle), "");
  Test(true);
  const int64_t before = Traces();
  EXPECT_EQ(ReasonOfOpening(handle), "PATIENT_HANDLE_REFUSED");
  EXPECT_EQ(Traces(), before);
  Publish(true);
  EXPECT_EQ(ReasonOfOpening(handle), "");
}

}  // namespace
}  // namespace kakunin
