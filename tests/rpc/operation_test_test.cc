// The operation test (運用テスト): a facility in it may call, and no sequence of its calls shows a
// real person. Real TLS, lanes and PostgreSQL.
#include "domain/operation_test.h"

#include <set>

#include "kakunin/v1/consent_service.grpc.pb.h"
#include "storage/postgres/reception_link_store.h"
#include "tests/rpc/operation_test_fixture.h"

namespace kakunin {
namespace {

TEST_F(OperationTestTest, NoSequenceOfCallsShowsARealPerson) {
  // In use all of this shows them: what is refused below is refused by the test alone.
  EXPECT_EQ(Answer(kRealNumber).validity(), v1::VALIDITY_VALID);
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(response_.card_verdict(), v1::CARD_VERDICT_ACCEPTED);
  const std::string handle = response_.patient_handle();
  EXPECT_EQ(ReasonOfDrugs(ByHandle()), "");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
  EXPECT_EQ(ListNumbers(Key(kRealNumber)), "");

  BeginTest();
  const int64_t before = Traces();
  // By number, with the branch and without.
  for (const char* branch : {"01", ""}) {
    const auto answer = Answer(kRealNumber, branch);
    EXPECT_EQ(answer.validity(), v1::VALIDITY_NOT_FOUND) << branch;
    EXPECT_TRUE(answer.coverages().empty());
    EXPECT_TRUE(answer.patient_handle().empty());
    EXPECT_TRUE(Warns(answer));
  }
  // By card, whatever is agreed to.
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(Use(Act(v1::DECISION_AGREED)).ok());
  EXPECT_EQ(response_.card_verdict(), v1::CARD_VERDICT_NOT_REGISTERED);
  EXPECT_TRUE(response_.coverages().empty());
  EXPECT_TRUE(response_.patient_handle().empty());
  EXPECT_TRUE(Warns(response_));
  // Records by number, and by the handle of an answer from before. As of somebody who is not there.
  v1::GetDrugHistoryRequest absent = ByNumber();
  absent.mutable_patient()->mutable_insured()->set_number("9999999");
  const std::string as_of_nobody = ReasonOfDrugs(absent);
  EXPECT_NE(as_of_nobody, "");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), as_of_nobody);
  v1::GetDrugHistoryRequest by_handle = ByNumber();
  by_handle.mutable_patient()->set_patient_handle(handle);
  EXPECT_NE(ReasonOfDrugs(by_handle), "");
  EXPECT_TRUE(drugs_.months().empty());
  // Consents of the patient.
  v1::ListConsentsRequest consents;
  consents.mutable_patient()->set_patient_handle(handle);
  v1::ListConsentsResponse listed;
  Reason<v1::ConsentService>(&v1::ConsentService::Stub::ListConsents, consents, listed, *port_);
  EXPECT_TRUE(listed.consents().empty());
  // Reference numbers.
  EXPECT_EQ(SetNumber(Key(kRealNumber)), "PATIENT_NOT_FOUND");
  v1::PatientKey by_old_handle;
  by_old_handle.set_patient_handle(handle);
  EXPECT_EQ(SetNumber(by_old_handle), "PATIENT_NOT_FOUND");
  EXPECT_EQ(ListNumbers(Key(kRealNumber)), "PATIENT_NOT_FOUND");
  EXPECT_EQ(Traces(), before);

  StartUse();
  EXPECT_EQ(Answer(kRealNumber).validity(), v1::VALIDITY_VALID);
  EXPECT_FALSE(Warns(Answer(kRealNumber)));
}

TEST_F(OperationTestTest, ATestPersonIsShownAndEverythingSaysThatItIsATest) {
  BeginTest();
  const auto answer = Answer(kTestNumber);
  EXPECT_EQ(answer.validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(answer.coverages_size(), 1);
  EXPECT_TRUE(Warns(answer));
  EXPECT_EQ(SetNumber(Key(kTestNumber)), "");
  const auto id = AuditIdFromText(answer.audit_id());
  ASSERT_TRUE(id);
  EXPECT_EQ(Count("SELECT situation FROM kakunin.audit_event WHERE number = " +
                  std::to_string(id->number) + " AND stream = '" + answer.audit_id().substr(0, 32) +
                  "'::uuid"),
            kOperationTestSituation);
  // Not one row of the facility's since the test began is unmarked.
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE situation <> 100"
                  " AND actor LIKE '1312345678/%'"),
            0);
  // Whoever is taken back is nobody.
  Publish(2, false);
  EXPECT_EQ(Answer(kTestNumber).validity(), v1::VALIDITY_NOT_FOUND);
}

TEST_F(OperationTestTest, WhereNobodyIsPublishedNobodyIsThere) {
  Publish(2, false);
  BeginTest();
  EXPECT_EQ(Answer(kTestNumber).validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_EQ(Answer(kRealNumber).validity(), v1::VALIDITY_NOT_FOUND);
}

TEST_F(OperationTestTest, ARealTwinOfATestPersonDoesNotExist) {
  Insure(3, kTestNumber, "02");  // the same number but for the branch
  EXPECT_EQ(Answer(kTestNumber, "").validity(), v1::VALIDITY_SEVERAL_FOUND);
  BeginTest();
  EXPECT_EQ(Answer(kTestNumber, "").validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(Answer(kTestNumber, "02").validity(), v1::VALIDITY_NOT_FOUND);
}

TEST_F(OperationTestTest, ACardOfNobodysIsNotLinkedOnItsFirstUse) {
  struct : UnlinkedCards {
    void Seen(std::string_view, std::string_view) override { ++seen; }
    std::atomic<int> seen = 0;
  } cards;
  unlinked_.receiver = &cards;
  certificate_ = CertificateOf(4711);
  ASSERT_TRUE(Use(Act()).ok());
  EXPECT_EQ(cards.seen, 1);
  BeginTest();
  ASSERT_TRUE(Use(Act()).ok());
  EXPECT_EQ(response_.card_verdict(), v1::CARD_VERDICT_NOT_REGISTERED);
  EXPECT_EQ(cards.seen, 1);
  unlinked_.receiver = nullptr;
}

TEST_F(OperationTestTest, TheChecklistTicksItselfFromWhatWasAnswered) {
  const auto ticked = [&](int64_t wanted) {
    const auto bound = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (Count("SELECT count(*) FROM kakunin.operation_test_item") < wanted &&
           std::chrono::steady_clock::now() < bound) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::set<int> items;
    for (const auto& row : database_.Exec("SELECT item FROM kakunin.operation_test_item")) {
      items.insert(row[0].as<int>());
    }
    return items;
  };
  Answer(kTestNumber);  // in use: ticks nothing
  BeginTest();
  Answer(kTestNumber);
  EXPECT_EQ(ticked(1), std::set{static_cast<int>(OperationTestItem::kNumber)});
  ASSERT_TRUE(Use(Act()).ok());
  EXPECT_NE(ReasonOfDrugs(ByNumber()), "");  // refused: does not tick
  EXPECT_EQ(SetNumber(Key(kTestNumber)), "");
  EXPECT_EQ(ticked(3), (std::set{static_cast<int>(OperationTestItem::kCard),
                                 static_cast<int>(OperationTestItem::kNumber),
                                 static_cast<int>(OperationTestItem::kReferenceNumber)}));
}

TEST_F(OperationTestTest, AStreamThatIsBrokenOffTicksNothing) {
  const auto items = [&] {
    return database_
        .Exec(
            "SELECT coalesce(string_agg(item::text, ' ' ORDER BY item), '')"
            " FROM kakunin.operation_test_item")[0][0]
        .as<std::string>();
  };
  const auto becomes = [&](const std::string& wanted) {
    const auto bound = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (items() != wanted && std::chrono::steady_clock::now() < bound) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return items() == wanted;
  };
  const auto ended = [&](const char* method, bool complete) {
    const Call call{.policy = PolicyFor(method),
                    .actor = Terminal{.facility_code = kTestFacility,
                                      .sees_only = std::make_shared<const TestPersons>()},
                    .at = clock_.Now()};
    numbers_port_->dispatch().Ended(call, absl::OkStatus(), complete);
  };
  // Ticks are written in their order: the second would not be there before the first.
  ended("/kakunin.v1.BulkService/StreamResults", false);
  ended("/kakunin.v1.EligibilityService/ConfirmByCard", true);
  EXPECT_TRUE(becomes("1")) << items();
  ended("/kakunin.v1.BulkService/StreamResults", true);
  EXPECT_TRUE(becomes("1 5")) << items();
}

TEST_F(OperationTestTest, APatientsDoorIsShutUntilTheStartOfUse) {
  PostgresReceptionLinkStore links;
  const LinkTokenHash token{{1, 2, 3}};
  const ReceptionLink link{.facility_code = kTestFacility,
                           .id = {{4, 5, 6}},
                           .form_of_care = FormOfCare::kHomeVisit,
                           .created = clock_.Now(),
                           .expires = clock_.Now() + absl::Hours(1)};
  const auto pool = database_.Open("kakunin_terminal");
  ASSERT_TRUE(
      pool->Write(Soon(), [&](Transaction& tx) { return links.Add(tx, link, token); }).ok());
  const auto opens = [&] {
    bool open = false;
    const absl::Status status = pool->Read(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto found, links.Open(tx, token, ""));
      open = found.has_value();
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return open;
  };
  EXPECT_TRUE(opens());
  BeginTest();
  EXPECT_FALSE(opens());
  StartUse();
  EXPECT_TRUE(opens());
}

TEST_F(OperationTestTest, RegisteringTheFacilityAgainDoesNotEndTheTest) {
  BeginTest();
  Registry([](Transaction& tx, PostgresRegistryStore& store) {
    return store.PutFacility(tx, {.facility_code = kTestFacility, .name = "名前を変えた"});
  });
  EXPECT_EQ(Answer(kRealNumber).validity(), v1::VALIDITY_NOT_FOUND);
}

}  // namespace
}  // namespace kakunin
