// Lists for home visits and online care: who has consented here is asked about, nobody else.
#include "tests/rpc/bulk_service_fixture.h"

namespace kakunin {
namespace {

class BulkAtHomeTest : public BulkServiceTest {
 protected:
  BulkAtHomeTest() {
    Insure(4);
    ListRevoked({});
    worker_ = Worker();
  }

  // What is known of cards from now on: a list that is fresh for a day. Person `who` has agreed
  // with the card of serial `who`.
  void ListRevoked(std::vector<uint64_t> serials) {
    auto crl = std::make_shared<auth::CrlPartition>();
    crl->issuer.fill(9);
    crl->this_update = absl::ToUnixSeconds(clock_.Now());
    crl->next_update = absl::ToUnixSeconds(clock_.Now() + absl::Hours(24));
    crl->serials = std::move(serials);
    auto snapshot = std::make_shared<auth::RevocationSnapshot>();
    snapshot->Put(std::move(crl));
    SetRevocations(std::move(snapshot));
  }

  static constexpr int kDrugs = ConsentKindBit(ConsentKind::kDrug);
  static constexpr int kLimit = ConsentKindBit(ConsentKind::kLimitCertificate);

  // A card act at the test facility of person `who`, an hour ago, that agrees to some kinds.
  void Consent(int who, FormOfCare form, std::optional<absl::CivilDay> booking = {},
               const std::string& facility = kTestFacility, int agreed = kDrugs) {
    const absl::Time begin = clock_.Now() - absl::Hours(1);
    const auto end =
        booking ? absl::FormatTime(absl::RFC3339_full, EndOfDay(*booking), absl::UTCTimeZone())
                : "infinity";
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.card_link (issuer_key_id, serial, person_id, medium, linked_at)"
        " SELECT decode(repeat('09', 32), 'hex'), '\\x0{}', person_id, 1, '{}'"
        " FROM kakunin.coverage_by_reference WHERE coverage_reference = 'R{}'"
        " ON CONFLICT DO NOTHING",
        who, absl::FormatTime(absl::RFC3339_full, begin, absl::UTCTimeZone()), who));
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_act (person_id, begin_at, stream, number, facility_code,"
        " form_of_care, appointment_day, agreed, declined, method, end_at, issuer_key_id, serial,"
        " crl_partition)"
        " SELECT person_id, '{}', gen_random_uuid(), 1, '{}', {}, {}, {}, 0, 1, '{}',"
        " decode(repeat('09', 32), 'hex'), '\\x0{}', {}"
        " FROM kakunin.coverage_by_reference WHERE coverage_reference = 'R{}'",
        absl::FormatTime(absl::RFC3339_full, begin, absl::UTCTimeZone()), facility,
        static_cast<int>(form),
        booking
            ? fmt::format("'{:04}-{:02}-{:02}'", booking->year(), booking->month(), booking->day())
            : "NULL",
        agreed, end, who, static_cast<int64_t>(auth::PartitionIdOf("")), who));
  }

  // Person `who` gets another limit class by feed `number`.
  void GiveLimit(int who, const char* flag, int64_t number) {
    clock_.Advance(absl::Seconds(1));
    StagedCoverage row = Insured(who, RowAction::kChanged);
    row.record.limit_certificates = {{.classification = 1,
                                      .classification_flag = flag,
                                      .valid_from = absl::CivilDay(2020, 4, 1)}};
    FeedDriver driver(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
    ASSERT_TRUE(driver.Publish(driver.Stage(number, std::vector{row}), clock_.Now()).ok());
    clock_.Advance(absl::Seconds(1));
  }

  // What became of each row of a list of persons 1 to `count`: VALID, or why not.
  std::vector<std::string> Ask(v1::FormOfCare form, absl::CivilDay day, int count,
                               const std::string& branch = "01") {
    header_ = Header();
    header_.set_form_of_care(form);
    *header_.mutable_day() = DayToProto(day);
    std::vector<v1::BulkInquiryRow> rows = Rows(count);
    for (v1::BulkInquiryRow& row : rows) row.set_branch_number(branch);
    const grpc::Status sent = Send(rows, 100);
    EXPECT_TRUE(sent.ok()) << sent.error_message();
    Await(v1::BULK_STATE_DONE);
    changes_.clear();
    std::vector<std::string> outcomes;
    for (const v1::BulkResult& result : Results()) {
      outcomes.push_back(result.has_error() ? result.error().reason()
                                            : v1::Validity_Name(result.answer().validity()));
      if (result.has_answer()) {
        const bool at_the_desk = header_.form_of_care() == v1::FORM_OF_CARE_OUTPATIENT;
        EXPECT_EQ(result.answer().next_step().find("来院時") != std::string::npos, at_the_desk)
            << result.answer().next_step();
      }
      changes_.push_back(result.answer().change());
    }
    return outcomes;
  }

  std::vector<v1::BulkChange> changes_;
};

TEST_F(BulkAtHomeTest, OnlyThoseWhoseRelationLastsAreAnsweredAndTheOthersReadAlike) {
  Consent(1, FormOfCare::kHomeVisit);
  Consent(2, FormOfCare::kOnlineCare, CivilDayAt(clock_.Now()) + 3);
  Consent(3, FormOfCare::kHomeVisit, {}, "1310000099");
  // 5 and 6 are nobody.
  EXPECT_EQ(Ask(v1::FORM_OF_CARE_HOME_VISIT, CivilDayAt(clock_.Now()) + 1, 6),
            (std::vector<std::string>{"VALIDITY_VALID", "NO_CONSENT", "NO_CONSENT", "NO_CONSENT",
                                      "NO_CONSENT", "NO_CONSENT"}));
  EXPECT_EQ(Get(Number()).error_rows(), 5);
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 6);
  EXPECT_EQ(Count("confirmation"), 1);
}

TEST_F(BulkAtHomeTest, ABookingLastsToItsDayAndNoFurther) {
  const absl::CivilDay day = CivilDayAt(clock_.Now()) + 3;
  Consent(1, FormOfCare::kOnlineCare, day);
  Consent(2, FormOfCare::kOnlineCare, day - 1);
  EXPECT_EQ(Ask(v1::FORM_OF_CARE_ONLINE_CARE, day, 2),
            (std::vector<std::string>{"VALIDITY_VALID", "CONSENT_EXPIRED"}));
  EXPECT_EQ(Ask(v1::FORM_OF_CARE_ONLINE_CARE, day + 1, 2),
            (std::vector<std::string>{"CONSENT_EXPIRED", "CONSENT_EXPIRED"}));
}

TEST_F(BulkAtHomeTest, TheBranchNumberIsNeeded) {
  Consent(1, FormOfCare::kHomeVisit);
  EXPECT_EQ(Ask(v1::FORM_OF_CARE_HOME_VISIT, CivilDayAt(clock_.Now()), 1, ""),
            std::vector<std::string>{"INVALID_FIELDS"});
  EXPECT_EQ(Ask(v1::FORM_OF_CARE_OUTPATIENT, CivilDayAt(clock_.Now()), 1, ""),
            std::vector<std::string>{"VALIDITY_VALID"});
}

TEST_F(BulkAtHomeTest, AnotherLimitClassIsAChangeForWhoAgreedToShowIt) {
  Consent(1, FormOfCare::kHomeVisit, {}, kTestFacility, kDrugs | kLimit);
  Consent(2, FormOfCare::kHomeVisit, {}, kTestFacility, kDrugs);
  GiveLimit(1, "A01", 2);
  GiveLimit(2, "A01", 3);
  const absl::CivilDay day = CivilDayAt(clock_.Now()) + 1;
  const auto ask = [&] {
    Ask(v1::FORM_OF_CARE_HOME_VISIT, day, 2);
    clock_.Advance(absl::Seconds(1));
    return changes_;
  };
  using Changes = std::vector<v1::BulkChange>;
  EXPECT_EQ(ask(), (Changes{v1::BULK_CHANGE_FIRST_TIME, v1::BULK_CHANGE_FIRST_TIME}));
  EXPECT_EQ(ask(), (Changes{v1::BULK_CHANGE_SAME, v1::BULK_CHANGE_SAME}));
  GiveLimit(1, "A02", 4);
  GiveLimit(2, "A02", 5);
  EXPECT_EQ(ask(), (Changes{v1::BULK_CHANGE_CHANGED, v1::BULK_CHANGE_SAME}));
  EXPECT_EQ(ask(), (Changes{v1::BULK_CHANGE_SAME, v1::BULK_CHANGE_SAME}));
}

TEST_F(BulkAtHomeTest, ARevokedCardsConsentShowsNoLimitClassMore) {
  Consent(1, FormOfCare::kHomeVisit, {}, kTestFacility, kDrugs | kLimit);
  Consent(2, FormOfCare::kHomeVisit, {}, kTestFacility, kDrugs | kLimit);
  GiveLimit(1, "A01", 2);
  GiveLimit(2, "A01", 3);
  const absl::CivilDay day = CivilDayAt(clock_.Now()) + 1;
  const auto shown = [&] {
    EXPECT_EQ(Ask(v1::FORM_OF_CARE_HOME_VISIT, day, 2),
              (std::vector<std::string>{"VALIDITY_VALID", "VALIDITY_VALID"}));
    clock_.Advance(absl::Seconds(1));
    // Bit 1: the limit certificate was opened.
    return std::pair(Count("confirmation WHERE opened = 1"),
                     Count("confirmation WHERE opened = 0"));
  };
  EXPECT_EQ(shown(), std::pair(int64_t{2}, int64_t{0}));
  ListRevoked({1});
  EXPECT_EQ(shown(), std::pair(int64_t{3}, int64_t{1}));
}

TEST_F(BulkAtHomeTest, WhatAPatientDidAtHomeToldTheFacilityNothing) {
  const absl::CivilDay day = CivilDayAt(clock_.Now());
  for (const int who : {1, 2}) {
    Consent(who, FormOfCare::kHomeVisit);
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.confirmation (person_id, at, stream, number, facility_code, day,"
        " validity, answer_digest, own_act) SELECT person_id, '{}', gen_random_uuid(), 1, '{}',"
        " '{}', 1, gen_random_uuid(), {} FROM kakunin.coverage_by_reference"
        " WHERE coverage_reference = 'R{}'",
        absl::FormatTime(absl::RFC3339_full, clock_.Now(), absl::UTCTimeZone()), kTestFacility,
        absl::FormatCivilTime(day), who == 1 ? "true" : "NULL", who));
  }
  clock_.Advance(absl::Seconds(1));
  Ask(v1::FORM_OF_CARE_HOME_VISIT, day, 2);
  EXPECT_EQ(changes_,
            (std::vector<v1::BulkChange>{v1::BULK_CHANGE_FIRST_TIME, v1::BULK_CHANGE_SAME}));
}

}  // namespace
}  // namespace kakunin
