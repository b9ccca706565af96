#include "storage/postgres/confirmation_store.h"

#include <fmt/format.h>

#include <atomic>
#include <future>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "storage/postgres/card_link_store.h"
#include "storage/postgres/coverage_row.h"
#include "storage/store_error.h"
#include "tests/postgres/feed_driver.h"
#include "tests/support/frozen_server.h"

namespace kakunin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kBound(200);
constexpr milliseconds kSlack(100);
const std::string kIssuer(32, 'i');

class ConfirmationStoreTest : public testing::Test {
 protected:
  ConfirmationStoreTest() { Connect(*store_); }

  std::unique_ptr<ConfirmationStore> MakeStore() {
    return MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"), "kakunin_terminal",
                                 "kakunin lane");
  }
  static void Connect(ConfirmationStore& store) {
    const absl::Status status = store.Reconnect(Soon());
    ASSERT_TRUE(status.ok()) << status;
  }

  static AuditRecord Record(int64_t number) {
    AuditRecord record;
    record.id = {StreamId{{3}}, number};
    record.at = TestInstant();
    record.operation = 1;
    record.actor = "1312345678/T1";
    record.person = PersonPseudonym{{4}};
    record.asked_day = absl::CivilDay(2026, 4, 1);
    return record;
  }
  static Confirmation ConfirmationOf(const AuditRecord& record) {
    return {.person = PersonId{{5}},
            .day = absl::CivilDay(2026, 4, 1),
            .facility_code = "1312345678",
            .at = record.at,
            .validity = Validity::kValid,
            .answer_digest = PersonPseudonym{{6}},
            .audit_id = record.id};
  }
  static ConsentAct ConsentOf(const AuditRecord& record) {
    ConsentDecisions decisions;
    decisions.Set(ConsentKind::kDrug, Decision::kAgreed);
    decisions.Set(ConsentKind::kHealthCheck, Decision::kDeclined);
    return {.person = PersonId{{5}},
            .facility_code = "1312345678",
            .decisions = decisions,
            .begin = record.at,
            .end = absl::InfiniteFuture(),
            .issuer_key_id = kIssuer,
            .serial = "s1",
            .audit_id = record.id};
  }
  static Challenge ChallengeOf(uint8_t id) {
    return {.id = ChallengeId{{id}},
            .facility_code = "1312345678",
            .terminal_id = "T1",
            .purpose = 2,
            .form_of_care = FormOfCare::kOnlineCare,
            .expires = TestInstant() + absl::Minutes(5)};
  }
  static ChallengeUse UseOf(uint8_t id, uint8_t request) {
    return {.id = ChallengeId{{id}},
            .facility_code = "1312345678",
            .terminal_id = "T" + std::to_string(request),
            .request_id = RequestId{{request}},
            .request_digest = PersonPseudonym{{request, 1}}};
  }
  void Issue(const std::vector<Challenge>& challenges) {
    std::vector<AuditRecord> audit;
    for (const Challenge& challenge : challenges) audit.push_back(Record(challenge.id.octets[0]));
    const absl::Status status = store_->IssueChallenges(challenges, audit, Soon());
    ASSERT_TRUE(status.ok()) << status;
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  // The process that serves a lane; there is one lane unless a test makes more.
  int Backend() {
    return database_
        .Exec(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'kakunin lane'"
            " AND datname = current_database()")[0][0]
        .as<int>();
  }
  PersonId PersonOf(int who) {
    const IndividualNumberHash number = SampleNumber(who);
    std::string hex;
    for (const uint8_t octet : number.hash) hex += fmt::format("{:02x}", octet);
    const std::string text =
        database_
            .Exec(
                "SELECT replace(person_id::text, '-', '') FROM kakunin.person_number"
                " WHERE number_hash = '\\x" +
                hex + "'")[0][0]
            .c_str();
    PersonId id;
    for (size_t i = 0; i < 16; ++i) {
      id.octets[i] = static_cast<uint8_t>(std::stoi(text.substr(2 * i, 2), nullptr, 16));
    }
    return id;
  }
  void Link(const std::string& serial, int who, int medium, const std::string& replaces = "") {
    PostgresCardLinkStore links;
    const CardLinkRow row{.issuer_key_id = kIssuer,
                          .serial = serial,
                          .medium = medium,
                          .individual = SampleNumber(who),
                          .replaces_issuer_key_id = replaces.empty() ? "" : kIssuer,
                          .replaces_serial = replaces};
    const absl::Status status = database_.Open("kakunin_operator")->Write(Soon(), [&](auto& tx) {
      return links.Put(tx, {&row, 1}, TestInstant()).status();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  const TestDatabase database_;
  FeedDriver feeds_{database_, kInsurerA};
  std::unique_ptr<ConfirmationStore> store_ = MakeStore();
};

TEST_F(ConfirmationStoreTest, AnIssuedChallengeIsStoredWithItsAuditRow) {
  Issue({ChallengeOf(1), ChallengeOf(2)});
  EXPECT_EQ(Count("challenge WHERE consumed_at IS NULL"), 2);
  EXPECT_EQ(Count("audit_event"), 2);
}

TEST_F(ConfirmationStoreTest, TheFirstUseConsumesAndLaterOnesLearnWhoDid) {
  Issue({ChallengeOf(1), ChallengeOf(2)});
  const std::vector<ChallengeUse> uses = {UseOf(9, 1), UseOf(2, 1), UseOf(1, 1)};
  const auto first = store_->ConsumeChallenges(uses, TestInstant(), Soon());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->size(), 3u);
  EXPECT_FALSE((*first)[0].challenge.has_value());  // never issued
  for (const size_t i : {size_t{1}, size_t{2}}) {
    const ChallengeOutcome& outcome = (*first)[i];
    ASSERT_TRUE(outcome.challenge.has_value());
    EXPECT_EQ(outcome.challenge->id, uses[i].id);
    EXPECT_EQ(outcome.challenge->facility_code, "1312345678");
    EXPECT_EQ(outcome.challenge->terminal_id, "T1");
    EXPECT_EQ(outcome.challenge->purpose, 2);
    EXPECT_EQ(outcome.challenge->form_of_care, FormOfCare::kOnlineCare);
    EXPECT_EQ(outcome.challenge->expires, ChallengeOf(1).expires);
    EXPECT_TRUE(outcome.consumed_now);
  }
  const std::vector<ChallengeUse> later = {UseOf(1, 7)};
  const auto second = store_->ConsumeChallenges(later, TestInstant() + absl::Seconds(1), Soon());
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE((*second)[0].consumed_now);
  EXPECT_EQ((*second)[0].used_by_request, uses[2].request_id);
  EXPECT_EQ((*second)[0].used_by_digest, uses[2].request_digest);
  EXPECT_EQ((*second)[0].used_by_terminal_id, "T1");
  EXPECT_EQ((*second)[0].used_at, TestInstant());
}

TEST_F(ConfirmationStoreTest, OfAHundredParallelUsesExactlyOneWins) {
  Issue({ChallengeOf(1)});
  constexpr int kLanes = 5;
  constexpr int kUses = 20;
  std::atomic<int> won = 0;
  std::atomic<int> lost = 0;
  std::atomic<int> ready = 0;
  std::vector<std::thread> lanes;
  for (int lane = 0; lane < kLanes; ++lane) {
    lanes.emplace_back([&, lane] {
      const auto store = MakeStore();
      Connect(*store);
      for (++ready; ready < kLanes;) std::this_thread::yield();
      for (int use = 0; use < kUses; ++use) {
        const ChallengeUse attempt = UseOf(1, static_cast<uint8_t>(lane * kUses + use));
        const auto outcome = store->ConsumeChallenges({&attempt, 1}, TestInstant(), Soon());
        ASSERT_TRUE(outcome.ok()) << outcome.status();
        ++((*outcome)[0].consumed_now ? won : lost);
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, kLanes * kUses - 1);
}

TEST_F(ConfirmationStoreTest, BatchesOfTheSameChallengesInOppositeOrdersDoNotDeadlock) {
  constexpr int kChallenges = 60;
  std::vector<Challenge> challenges;
  std::vector<ChallengeUse> up;
  for (uint8_t id = 1; id <= kChallenges; ++id) {
    challenges.push_back(ChallengeOf(id));
    up.push_back(UseOf(id, 1));
  }
  Issue(challenges);
  const std::vector<ChallengeUse> down(up.rbegin(), up.rend());
  const auto other = MakeStore();
  Connect(*other);
  auto theirs = std::async(std::launch::async,
                           [&] { return other->ConsumeChallenges(down, TestInstant(), Soon()); });
  const auto ours = store_->ConsumeChallenges(up, TestInstant(), Soon());
  const auto rivals = theirs.get();
  ASSERT_TRUE(ours.ok() && rivals.ok());
  for (int i = 0; i < kChallenges; ++i) {
    EXPECT_NE((*ours)[i].consumed_now, (*rivals)[kChallenges - 1 - i].consumed_now);
  }
}

TEST_F(ConfirmationStoreTest, ReadsMixedKeysAndCardsInTheirOrder) {
  StagedCoverage twin = SampleRow(kInsurerA, "R2", 2);
  twin.record.key_without_branch = SampleKey(2);  // the first one's
  feeds_.Deliver(1, {SampleRow(kInsurerA, "R1", 1), twin});
  Link("old", 1, 1);
  Link("phone", 1, 3, "old");
  Link("nobody insured", 3, 1);
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);

  const std::vector<KeyHash> keys = {SampleKey(99), SampleKey(2), SampleKey(3), SampleKey(2)};
  const std::vector<CardKey> cards = {
      {kIssuer, "phone"}, {kIssuer, "unknown"}, {kIssuer, "old"}, {kIssuer, "nobody insured"}};
  const auto read = store_->Read(keys, cards, Soon());
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->by_key.size(), 4u);
  EXPECT_TRUE(read->by_key[0].empty());
  for (const size_t twins : {size_t{1}, size_t{3}}) {
    std::set<PersonId> found;
    for (const PersonAnswer& answer : read->by_key[twins]) found.insert(answer.person);
    EXPECT_EQ(found, (std::set<PersonId>{one, two}));
  }
  ASSERT_EQ(read->by_key[2].size(), 1u);
  EXPECT_EQ(read->by_key[2][0].person, one);
  EXPECT_EQ(read->by_key[2][0].octets, "33120015/R1/東京都/;");

  ASSERT_EQ(read->by_card.size(), 4u);
  EXPECT_TRUE(read->by_card[0].linked);
  EXPECT_FALSE(read->by_card[0].superseded);
  EXPECT_EQ(read->by_card[0].medium, 3);
  EXPECT_EQ(read->by_card[0].answer.person, one);
  EXPECT_EQ(read->by_card[0].answer.octets, "33120015/R1/東京都/;");
  EXPECT_FALSE(read->by_card[1].linked);
  EXPECT_TRUE(read->by_card[2].superseded);
  EXPECT_EQ(read->by_card[2].medium, 1);
  EXPECT_TRUE(read->by_card[3].linked);
  EXPECT_EQ(read->by_card[3].answer.octets, std::string(4, '\0'));

  EXPECT_EQ(store_->Read(keys, {}, Soon())->by_key[2][0].person, one);
  EXPECT_EQ(store_->Read({}, cards, Soon())->by_card[0].answer.person, one);
  EXPECT_TRUE(store_->Read({}, {}, Soon())->by_key.empty());
}

TEST_F(ConfirmationStoreTest, APersonWithoutAnswerRowIsFoundWithoutAFormat) {
  feeds_.Deliver(1, {SampleRow(kInsurerA, "R1", 1)});
  database_.Exec("DELETE FROM kakunin.answer");
  const std::vector<KeyHash> keys = {SampleKey(2)};
  const auto read = store_->Read(keys, {}, Soon());
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->by_key[0].size(), 1u);
  EXPECT_EQ(read->by_key[0][0].format, 0);
}

TEST_F(ConfirmationStoreTest, TheTruthIsWhatWasPublishedInEveryColumn) {
  StagedCoverage full = SampleRow(kInsurerA, "R1", 1);
  Coverage& c = full.record;
  c.branch_number = "01";
  c.personal_family_classification = 1;
  c.insured_name = {"確認 \"花子\"\\", "ｶｸﾆﾝ"};
  c.other_name = {"別名", "ベツメイ"};
  c.sex_back = Sex::kFemale;
  c.postal_code = "1000001";
  c.disqualification_date = absl::CivilDay(2030, 2, 28);
  c.certificate_issue_date = absl::CivilDay(1969, 12, 31);
  c.certificate_valid_from = absl::CivilDay(2020, 2, 29);
  c.certificate_valid_through = absl::CivilDay(2100, 12, 31);
  c.partial_contribution_percent = 0;
  c.preschool = true;
  c.reason_of_loss = 3;
  c.medical_aid_unregistered = true;
  c.elderly_recipient_certificate = {.valid_through = absl::CivilDay(2026, 7, 31),
                                     .contribution_percent = 20};
  c.limit_certificates = {{.classification = 1,
                           .classification_flag = "A01\"\n",
                           .valid_from = absl::CivilDay(2025, 8, 1)},
                          {.long_term_date = absl::CivilDay(2025, 8, 2)}};
  c.specific_disease_certificates = {
      {.disease = 2, .issue_date = absl::CivilDay(2024, 1, 1), .self_pay_yen = 10'000'000'000}};
  c.medical_tickets = {
      {.valid_through = absl::CivilDay(2026, 4, 30), .serialised = std::string("\0\xff\"x", 4)}};
  StagedCoverage plain = SampleRow(kInsurerA, "R2", 1);
  feeds_.Deliver(1, {full, plain, SampleRow(kInsurerA, "R3", 2)});

  const PersonId person = PersonOf(1);
  const auto truth = store_->ReadTruth(person, Soon());
  ASSERT_TRUE(truth.ok()) << truth.status();
  ASSERT_EQ(truth->size(), 2u);
  const auto columns = [](const Coverage& coverage) {
    CoverageArrays arrays;
    arrays.Begin(1);
    arrays.Add(coverage);
    std::vector<std::string> octets;
    for (const BinaryArray& array : arrays.arrays()) octets.emplace_back(array.octets());
    return octets;
  };
  EXPECT_EQ(columns((*truth)[0]), columns(full.record));
  EXPECT_EQ(columns((*truth)[1]), columns(plain.record));
  EXPECT_EQ((*truth)[0].person, person);
  database_.Exec("UPDATE kakunin.coverage SET visible = false WHERE coverage_reference = 'R1'");
  EXPECT_EQ(store_->ReadTruth(person, Soon())->size(), 1u);
  EXPECT_TRUE(store_->ReadTruth(PersonId{{1}}, Soon())->empty());
}

TEST_F(ConfirmationStoreTest, AWrittenBatchIsThereWhole) {
  std::vector<AuditRecord> audit = {Record(1), Record(2), Record(3)};
  audit[1].person.reset();
  audit[1].asked_day.reset();
  const std::vector<Confirmation> confirmations = {ConfirmationOf(audit[0]),
                                                   ConfirmationOf(audit[2])};
  std::vector<ConsentAct> consents = {ConsentOf(audit[0]), ConsentOf(audit[2])};
  consents[1].issuer_key_id.clear();
  consents[1].end = consents[1].begin + absl::Hours(24);
  ASSERT_TRUE(store_->Write(audit, confirmations, consents, {}, Soon()).ok());
  EXPECT_EQ(Count("audit_event"), 3);
  EXPECT_EQ(Count("audit_event WHERE person IS NULL AND asked_day IS NULL AND number = 2"), 1);
  EXPECT_EQ(Count("confirmation WHERE day = '2026-04-01' AND validity = 1"), 2);
  EXPECT_EQ(Count("consent_act WHERE end_at = 'infinity' AND serial = 's1'"), 1);
  EXPECT_EQ(Count("consent_act WHERE end_at > begin_at AND end_at < 'infinity'"
                  " AND serial IS NULL AND agreed = 1 AND declined = 8"),
            1);
  const std::vector<AuditRecord> more = {Record(4)};
  ASSERT_TRUE(store_->Write(more, {}, {}, {}, Soon()).ok());
  const std::vector<AuditRecord> refused = {Record(5)};
  const std::vector<ConsentAct> alone = {ConsentOf(refused[0])};
  ASSERT_TRUE(store_->Write(refused, {}, alone, {}, Soon()).ok());
  EXPECT_EQ(Count("audit_event"), 5);
  EXPECT_EQ(Count("consent_act"), 3);
}

// Beside everything else, beside what is held, and alone.
TEST_F(ConfirmationStoreTest, WhatNobodyMatchedIsWrittenWithItsBatch) {
  const auto no_match = [](const AuditRecord& record) {
    return NoMatch{.insurer_number = "06139992",
                   .key = KeyHash{{7}},
                   .day = absl::CivilDay(2026, 4, 1),
                   .facility_code = "1310000001",
                   .at = record.at,
                   .audit_id = record.id};
  };
  const std::vector<AuditRecord> alone = {Record(1)};
  const std::vector<NoMatch> first = {no_match(alone[0])};
  ASSERT_TRUE(store_->Write(alone, {}, {}, first, Soon()).ok());
  const std::vector<AuditRecord> two = {Record(2), Record(3)};
  const std::vector<Confirmation> confirmed = {ConfirmationOf(two[0])};
  const std::vector<NoMatch> second = {no_match(two[1])};
  ASSERT_TRUE(store_->Write(two, confirmed, {}, second, Soon()).ok());
  const std::vector<AuditRecord> consented = {Record(4), Record(5)};
  std::vector<Confirmation> held = {ConfirmationOf(consented[0])};
  held[0].held_ends = 0;
  const std::vector<ConsentAct> consents = {ConsentOf(consented[0])};
  const std::vector<NoMatch> third = {no_match(consented[1])};
  ASSERT_TRUE(store_->Write(consented, held, consents, third, Soon()).ok());
  EXPECT_EQ(Count("audit_event"), 5);
  EXPECT_EQ(Count("confirmation"), 2);
  EXPECT_EQ(Count("consent_act"), 1);
  EXPECT_EQ(Count("no_match_inquiry n JOIN kakunin.audit_event a USING (stream, number)"
                  " WHERE n.day = '2026-04-01' AND n.at = a.at AND n.number IN (1, 3, 5)"),
            3);
  // All or none.
  const std::vector<AuditRecord> more = {Record(6)};
  const std::vector<NoMatch> twice = {no_match(more[0]), no_match(more[0])};
  EXPECT_EQ(StoreFailureOf(store_->Write(more, {}, {}, twice, Soon())), StoreFailure::kBadData);
  EXPECT_EQ(Count("audit_event"), 5);
}

TEST_F(ConfirmationStoreTest, OneBadRowKeepsTheWholeBatchOutAndTheConnectionIn) {
  std::vector<AuditRecord> audit = {Record(1), Record(2)};
  audit[1].details = "\xff";  // not UTF-8
  const std::vector<Confirmation> confirmations = {ConfirmationOf(audit[0])};
  EXPECT_EQ(StoreFailureOf(store_->Write(audit, confirmations, {}, {}, Soon())),
            StoreFailure::kBadData);
  audit[1] = audit[0];
  EXPECT_EQ(StoreFailureOf(store_->Write(audit, confirmations, {}, {}, Soon())),
            StoreFailure::kBadData);
  const std::vector<Confirmation> twice = {confirmations[0], confirmations[0]};
  const std::vector<AuditRecord> good = {Record(1)};
  EXPECT_EQ(StoreFailureOf(store_->Write(good, twice, {}, {}, Soon())), StoreFailure::kBadData);
  EXPECT_EQ(Count("audit_event"), 0);
  EXPECT_EQ(Count("confirmation"), 0);
  EXPECT_TRUE(store_->Connected());
  EXPECT_TRUE(store_->Write(good, confirmations, {}, {}, Soon()).ok());
}

TEST_F(ConfirmationStoreTest, AFrozenServerProcessIsLeftAtTheDeadlineAndAnotherServes) {
  const FrozenProcess frozen(Backend());
  const std::vector<KeyHash> keys = {SampleKey(2)};
  const auto begin = steady_clock::now();
  const auto read = store_->Read(keys, {}, begin + kBound);
  const auto took = steady_clock::now() - begin;
  EXPECT_EQ(StoreFailureOf(read.status()), StoreFailure::kTimedOut);
  EXPECT_GE(took, kBound);
  EXPECT_LT(took, kBound + kSlack);
  EXPECT_FALSE(store_->Connected());
  EXPECT_EQ(StoreFailureOf(store_->Read(keys, {}, Soon()).status()), StoreFailure::kUnavailable);
  Connect(*store_);
  EXPECT_TRUE(store_->Read(keys, {}, Soon()).ok());
}

// A transaction that keeps every writer of the audit waiting.
class AuditLock {
 public:
  explicit AuditLock(const TestDatabase& database)
      : connection_(database.ConnInfo("postgres")), work_(connection_) {
    work_.exec("LOCK TABLE kakunin.audit_event IN EXCLUSIVE MODE");
  }

 private:
  pqxx::connection connection_;
  pqxx::work work_;
};

TEST_F(ConfirmationStoreTest, AConnectionKilledDuringTheCommitIsDecidedByTheAuditRow) {
  const std::vector<AuditRecord> audit = {Record(1)};
  {
    const AuditLock lock(database_);
    auto write =
        std::async(std::launch::async, [&] { return store_->Write(audit, {}, {}, {}, Soon()); });
    AwaitBlocked(database_, 1);
    database_.Exec("SELECT pg_terminate_backend(" + std::to_string(Backend()) + ", 10000)");
    EXPECT_EQ(StoreFailureOf(write.get()), StoreFailure::kUnknownOutcome);
  }
  EXPECT_FALSE(store_->Connected());
  Connect(*store_);
  const auto exists = store_->AuditRowExists(audit[0].id, Soon());
  ASSERT_TRUE(exists.ok()) << exists.status();
  EXPECT_FALSE(*exists);
  ASSERT_TRUE(store_->Write(audit, {}, {}, {}, Soon()).ok());
  EXPECT_TRUE(*store_->AuditRowExists(audit[0].id, Soon()));
}

TEST_F(ConfirmationStoreTest, ACommitThatCameAfterTheDeadlineIsFoundByItsAuditRow) {
  const std::vector<AuditRecord> audit = {Record(1)};
  {
    const AuditLock lock(database_);
    EXPECT_EQ(StoreFailureOf(store_->Write(audit, {}, {}, {}, steady_clock::now() + kBound)),
              StoreFailure::kTimedOut);
  }
  const auto bound = Soon();
  while (Count("audit_event") == 0) ASSERT_LT(steady_clock::now(), bound);
  Connect(*store_);
  absl::StatusOr<bool> exists;
  do {  // undecided until the process that wrote the row is gone
    exists = store_->AuditRowExists(audit[0].id, Soon());
  } while (StoreFailureOf(exists.status()) == StoreFailure::kUnknownOutcome &&
           steady_clock::now() < bound);
  ASSERT_TRUE(exists.ok()) << exists.status();
  EXPECT_TRUE(*exists);
}

TEST_F(ConfirmationStoreTest, WhileTheWriterIsFrozenTheOutcomeStaysUnknown) {
  const std::vector<AuditRecord> audit = {Record(1)};
  absl::StatusOr<bool> exists;
  {
    const FrozenProcess frozen(Backend());
    EXPECT_EQ(StoreFailureOf(store_->Write(audit, {}, {}, {}, steady_clock::now() + kBound)),
              StoreFailure::kTimedOut);
    Connect(*store_);
    EXPECT_EQ(StoreFailureOf(store_->AuditRowExists(audit[0].id, Soon()).status()),
              StoreFailure::kUnknownOutcome);
  }
  const auto bound = Soon();
  do {
    exists = store_->AuditRowExists(audit[0].id, Soon());
  } while (!exists.ok() && steady_clock::now() < bound);
  ASSERT_TRUE(exists.ok()) << exists.status();
  EXPECT_EQ(*exists, Count("audit_event") == 1);
}

}  // namespace
}  // namespace kakunin
