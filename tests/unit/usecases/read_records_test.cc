#include "server/usecases/read_records.h"

#include "auth/hash_function.h"
#include "domain/receipt.h"
#include "server/usecases/terminal_audit.h"
#include "tests/unit/auth/card_pki.h"
#include "tests/unit/usecases/confirm_eligibility_fixture.h"

namespace kakunin {
namespace {

// ScriptedRecordStore gives every question the same person, and keeps what it was asked and told to
// write.
class ScriptedRecordStore final : public RecordStore {
 public:
  bool Connected() const override { return connected; }
  absl::Status Reconnect(MonotonicTime) override {
    connected = true;
    return absl::OkStatus();
  }
  void NoticeLoss() override {}
  absl::StatusOr<std::vector<std::vector<FoundPerson>>> Read(std::span<const RecordQuestion> asked,
                                                             MonotonicTime) override {
    questions.assign(asked.begin(), asked.end());
    return std::vector<std::vector<FoundPerson>>(asked.size(), {person});
  }
  absl::StatusOr<std::vector<Coverage>> ReadTruth(const PersonId&, MonotonicTime) override {
    return std::vector<Coverage>();
  }
  absl::StatusOr<std::vector<Receipt>> ReadReceipts(const PersonId&, absl::CivilMonth from,
                                                    absl::CivilMonth through,
                                                    MonotonicTime) override {
    truth_months = {from, through};
    return receipts;
  }
  absl::StatusOr<std::vector<HealthCheck>> ReadHealthChecks(const PersonId&, absl::CivilMonth,
                                                            absl::CivilMonth,
                                                            MonotonicTime) override {
    return std::vector<HealthCheck>();
  }
  absl::StatusOr<std::vector<std::vector<FoundPerson>>> ReadConsents(
      std::span<const ConsentQuestion> asked, MonotonicTime) override {
    return std::vector<std::vector<FoundPerson>>(asked.size(), {person});
  }
  absl::StatusOr<std::vector<ConsentEnd>> ReadEnds(const EndQuestion&, MonotonicTime) override {
    return std::vector<ConsentEnd>();
  }
  absl::StatusOr<std::optional<AuditedDecision>> ReadDecision(std::string_view, const AuditId&,
                                                              MonotonicTime) override {
    return std::nullopt;
  }
  absl::Status Write(std::span<const AuditRecord> rows, std::span<const RecordAccess>,
                     std::span<const HeldPerson>, std::span<const ConsentEnd>,
                     MonotonicTime) override {
    for (const AuditRecord& row : rows) {
      if (refuses && row.reason != "ROW_REFUSED") return StoreError(StoreFailure::kBadData);
    }
    audit.insert(audit.end(), rows.begin(), rows.end());
    return absl::OkStatus();
  }
  absl::StatusOr<bool> AuditRowExists(const AuditId&, MonotonicTime) override { return true; }

  bool connected = false;
  bool refuses = false;
  FoundPerson person;
  std::vector<Receipt> receipts;
  std::pair<absl::CivilMonth, absl::CivilMonth> truth_months;  // asked for
  std::vector<RecordQuestion> questions;
  std::vector<AuditRecord> audit;
};

class ReadRecordsTest : public testing::Test {
 protected:
  ReadRecordsTest() {
    terminal_.facility_code = "1310000003";
    terminal_.terminal_id = "T1";
    terminal_.facility_type = FacilityType::kClinic;
    terminal_.kind = TerminalKind::kDesk;
    terminal_.role = Role::kDoctor;
    store_.person.person = IdOf<PersonId>(1);
    ConsentAct act{.person = store_.person.person,
                   .facility_code = terminal_.facility_code,
                   .method = ConsentMethod::kCard,
                   .begin = at_,
                   .end = at_ + absl::Hours(24)};
    const auth::Authority& issuer = auth::CardPki::Get().generations[2];
    const auth::Sha256Digest key_id = auth::Sha256(issuer.key.PublicKeyDer());
    const auth::CrlSpec crl = auth::DefaultCrl(at_);
    revocations_ = auth::SnapshotOf({auth::IssueCrl(crl, issuer)});
    act.issuer_key_id = {key_id.begin(), key_id.end()};
    const auth::SerialNumber serial(auth::kSerial);
    act.serial = {serial.bytes().begin(), serial.bytes().end()};
    act.crl_partition = auth::PartitionIdOf(crl.partition);
    for (int kind = 1; kind <= kConsentKinds; ++kind) {
      act.decisions.Set(static_cast<ConsentKind>(kind), Decision::kAgreed);
    }
    store_.person.acts.push_back({.act = act});
  }

  void Store(RecordKind kind, absl::CivilMonth month, const std::string& body,
             DrugSource source = DrugSource::kReceipt,
             std::optional<absl::CivilDay> reckoned = {}) {
    const RecordEntry entry{static_cast<int>(source), body, "facility", reckoned};
    octets_.push_back(
        std::make_unique<std::string>(EncodeMonthRecord(std::span(&entry, 1), auth::kSha256)));
    store_.person.months.push_back({.kind = kind,
                                    .month = month,
                                    .format = kMonthRecordFormat,
                                    .arrived = at_,
                                    .octets = *octets_.back()});
  }

  RecordInquiry Ask(Operation operation, std::vector<RecordKind> kinds, absl::CivilMonth from,
                    absl::CivilMonth through) const {
    return {.terminal = &terminal_,
            .actor_name = "1310000003/T1",
            .operation = operation,
            .patient = IdOf<KeyHash>(1),
            .kinds = std::move(kinds),
            .from_month = from,
            .through_month = through,
            .day = CivilDayAt(at_)};
  }
  RecordInquiry AskDrugs(absl::CivilMonth from, absl::CivilMonth through) const {
    return Ask(Operation::kGetDrugHistory, {RecordKind::kDrug}, from, through);
  }

  RecordAnswer Answer(const RecordInquiry& inquiry) {
    return usecase_
        .Read(std::span(&inquiry, 1), &revocations_, at_,
              std::chrono::steady_clock::now() + std::chrono::seconds(5))
        .front();
  }
  // What the audit must hold of an answer of one entry of these parts.
  PersonPseudonym DigestOf(std::initializer_list<std::string> parts) const {
    std::string digests;
    for (const std::string& part : parts) {
      const Digest32 digest = auth::Sha256(part);
      digests.append(digest.begin(), digest.begin() + kEntryDigestOctets);
    }
    return KeyedDigest(audit_key_, digests);
  }
  // A month as a builder makes it: of each receipt its reference.
  static std::string OneEntryEach(RecordKind, std::span<const Receipt> receipts) {
    std::vector<RecordEntry> entries;
    for (const Receipt& receipt : receipts) {
      entries.push_back({static_cast<int>(receipt.source), receipt.reference, "facility"});
    }
    return EncodeMonthRecord(entries, auth::kSha256);
  }
  static std::string BodiesOf(const RecordAnswer& answer) {
    std::string bodies;
    for (const RecordEntry& entry : answer.page.entries) bodies += std::string(entry.body) + " ";
    return bodies;
  }

  const absl::Time at_ = absl::FromCivil(absl::CivilSecond(2023, 6, 15, 10, 0, 0), JapanTime());
  Terminal terminal_;
  ScriptedRecordStore store_;
  OpenGuard guard_;
  RecordRules rules_;
  auth::RevocationSnapshot revocations_;
  auth::HmacKey audit_key_{"audit", "k1"};
  auth::PatientHandleKey handle_key_{auth::AsBytes("0123456789abcdef0123456789abcdef")};
  std::vector<std::unique_ptr<std::string>> octets_;
  ReadRecords usecase_{
      store_,
      guard_,
      {audit_key_, handle_key_},
      rules_,
      {.build = {.answer = [](std::span<const Coverage>) { return EncodeAnswerRow({}); },
                 .receipt_month = &OneEntryEach,
                 .health_check_month = {}}},
      auth::kSha256};
};

TEST_F(ReadRecordsTest, MonthsBeforeThereWereRecordsAreCutOffAndToldSo) {
  Store(RecordKind::kDrug, absl::CivilMonth(2021, 8), "August");
  Store(RecordKind::kDrug, absl::CivilMonth(2021, 9), "September");
  const RecordAnswer cut = Answer(AskDrugs(absl::CivilMonth(2021, 8), absl::CivilMonth(2021, 10)));
  ASSERT_TRUE(cut.status.ok()) << cut.status;
  EXPECT_EQ(BodiesOf(cut), "September ");
  EXPECT_EQ(cut.none_before, absl::CivilMonth(2021, 9));
  EXPECT_EQ(store_.questions[0].from_month, absl::CivilMonth(2021, 9));
  EXPECT_NE(store_.audit.back().details.find("months:2021-09..2021-10"), std::string::npos);

  const RecordAnswer whole =
      Answer(AskDrugs(absl::CivilMonth(2021, 9), absl::CivilMonth(2021, 10)));
  EXPECT_EQ(BodiesOf(whole), "September ");
  EXPECT_FALSE(whole.none_before);
  const RecordAnswer before =
      Answer(AskDrugs(absl::CivilMonth(2021, 7), absl::CivilMonth(2021, 8)));
  EXPECT_EQ(ReasonOf(before.status), Reason::kNotInService);
}

TEST_F(ReadRecordsTest, TheDigestIsOfThePageThatIsSent) {
  const std::string large(kMostRecordOctets - 100, 'a');
  Store(RecordKind::kDrug, absl::CivilMonth(2023, 1), large);
  Store(RecordKind::kDrug, absl::CivilMonth(2022, 12), std::string(200, 'b'));
  RecordInquiry inquiry = AskDrugs(absl::CivilMonth(2022, 1), absl::CivilMonth(2023, 6));
  const RecordAnswer first = Answer(inquiry);
  ASSERT_TRUE(first.status.ok()) << first.status;
  ASSERT_EQ(first.page.entries.size(), 1u);
  EXPECT_EQ(store_.audit.back().answer_digest, DigestOf({large, "facility"}));
  ASSERT_TRUE(first.page.next);
  inquiry.page = first.page.next;
  store_.person.months.erase(store_.person.months.begin());  // as the store reads the second page
  store_.person.protection.hide_facility_names = true;
  const RecordAnswer second = Answer(inquiry);
  EXPECT_EQ(store_.questions[0].through_month, absl::CivilMonth(2022, 12));
  EXPECT_EQ(store_.questions[0].through_kind, static_cast<int>(RecordKind::kDrug));
  EXPECT_EQ(store_.audit.back().answer_digest, DigestOf({std::string(200, 'b')}));
  EXPECT_FALSE(second.page.next);
}

TEST_F(ReadRecordsTest, WhatHasHadItsTimeIsNeitherReadNorShownNorInTheDigest) {
  // On 2023-06-15 drugs are kept three years, twins 100 days.
  Store(RecordKind::kDrug, absl::CivilMonth(2023, 2), "twin", DrugSource::kPrescription,
        absl::CivilDay(2023, 3, 6));
  Store(RecordKind::kDrug, absl::CivilMonth(2023, 1), "receipt");
  rules_.retention.five_years_from = absl::CivilDay(2024, 10, 1);
  const RecordAnswer answer =
      Answer(AskDrugs(absl::CivilMonth(2021, 9), absl::CivilMonth(2023, 6)));
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(BodiesOf(answer), "receipt ");
  EXPECT_EQ(store_.audit.back().answer_digest, DigestOf({"receipt", "facility"}));
  EXPECT_EQ(answer.page.latest_arrival, at_);

  store_.person.months.pop_back();
  const RecordAnswer none = Answer(AskDrugs(absl::CivilMonth(2021, 9), absl::CivilMonth(2023, 6)));
  ASSERT_TRUE(none.status.ok()) << none.status;
  EXPECT_TRUE(none.page.entries.empty());
  EXPECT_FALSE(none.page.latest_arrival);
  EXPECT_FALSE(none.page.next);
}

TEST_F(ReadRecordsTest, APageOfAnotherFormatGoesOnWhereTheStoreStopped) {
  // The store adds up what is stored: what is made from the truth may be of another length.
  Store(RecordKind::kDrug, absl::CivilMonth(2023, 1), std::string(kMostRecordOctets + 1, 'a'));
  store_.person.months[0].format = kMonthRecordFormat - 1;
  store_.receipts = {{.reference = "of the truth", .treatment_month = absl::CivilMonth(2023, 1)}};
  RecordInquiry inquiry = AskDrugs(absl::CivilMonth(2022, 1), absl::CivilMonth(2023, 6));
  inquiry.page = RecordPlace{absl::CivilMonth(2023, 1), RecordKind::kDrug, 0};
  const RecordAnswer answer = Answer(inquiry);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(BodiesOf(answer), "of the truth ");
  EXPECT_EQ(answer.page.next, (RecordPlace{absl::CivilMonth(2022, 12), RecordKind::kDrug, 0}));
  EXPECT_EQ(store_.truth_months, std::pair(absl::CivilMonth(2023, 1), absl::CivilMonth(2023, 1)));
}

TEST_F(ReadRecordsTest, ARowThatFailsAloneIsToldSo) {
  EXPECT_FALSE(Answer(AskDrugs(absl::CivilMonth(2022, 1), absl::CivilMonth(2023, 6))).failed_alone);
  store_.refuses = true;
  const RecordAnswer answer =
      Answer(AskDrugs(absl::CivilMonth(2022, 1), absl::CivilMonth(2023, 6)));
  EXPECT_TRUE(answer.failed_alone);
  EXPECT_EQ(ReasonOf(answer.status), Reason::kInternal);
}

}  // namespace
}  // namespace kakunin
