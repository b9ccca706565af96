#include "storage/postgres/record_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "auth/hash_function.h"
#include "domain/access_policy.h"
#include "domain/audit_chain.h"
#include "storage/store_error.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

constexpr char kClinic[] = "1312345678";
constexpr char kPersonText[] = "01000000-0000-0000-0000-000000000000";
constexpr PersonId kPerson{{1}};
constexpr std::chrono::milliseconds kBlocked(300);

// Server is one server's record lane: a store and an audit stream.
struct Server {
  Server(const TestDatabase& database, uint8_t number)
      : store(MakeRecordStore(database.ConnInfo("kakunin_terminal"), "", "record lane")),
        chain(StreamId{{number}}, auth::kSha256) {
    const absl::Status status = store->Reconnect(Soon());
    EXPECT_TRUE(status.ok()) << status;
  }

  FoundPerson Find() {
    const ConsentQuestion question{.patient = kPerson, .facility_code = kClinic};
    const auto found = store->ReadConsents(std::span(&question, 1), Soon());
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && found->at(0).size() == 1 ? found->at(0).front() : FoundPerson{};
  }

  AuditRecord Row(Operation operation = Operation::kGetDrugHistory) {
    AuditRecord record;
    record.at = TestInstant();
    record.operation = static_cast<int>(operation);
    record.actor = std::string(kClinic) + "/T1";
    record.role = static_cast<int>(Role::kDoctor);
    record.form_of_care = 1;
    record.key_id = "k";
    record.details = "kinds:1=SHOWN";
    chain.Link(record);
    return record;
  }
  static RecordAccess AccessOf(const AuditRecord& record) {
    return {.person = kPerson,
            .at = record.at,
            .facility_code = kClinic,
            .operation = record.operation,
            .audit_id = record.id};
  }

  // Shows something on what was read.
  absl::Status Show(int64_t stored_ends, MonotonicTime deadline = Soon()) {
    const AuditRecord record = Row();
    const RecordAccess access = AccessOf(record);
    const HeldPerson held{.person = kPerson, .stored_ends = stored_ends};
    return store->Write({&record, 1}, {&access, 1}, {&held, 1}, {}, deadline);
  }

  // Ends the consent to drugs.
  absl::Status End(int64_t stored_ends, absl::Duration later = {}, MonotonicTime deadline = Soon(),
                   int kinds = 1) {
    const AuditRecord record = Row(Operation::kRevokeConsent);
    const RecordAccess access = AccessOf(record);
    const HeldPerson held{.person = kPerson, .stored_ends = stored_ends, .ends_now = true};
    const ConsentEnd end{.person = kPerson,
                         .facility_code = kClinic,
                         .kinds = kinds,
                         .reason = ConsentEndReason::kRevokedByPatient,
                         .at = TestInstant() + later,
                         .audit_id = record.id,
                         .request_id = RequestId{{7}},
                         .request_digest = PersonPseudonym{{8}}};
    return store->Write({&record, 1}, {&access, 1}, {&held, 1}, {&end, 1}, deadline);
  }

  std::unique_ptr<RecordStore> store;
  AuditChain chain;
};

MonotonicTime WhileBlocked() { return std::chrono::steady_clock::now() + kBlocked; }

class RecordStoreTest : public testing::Test {
 protected:
  RecordStoreTest() {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_act (person_id, begin_at, stream, number, facility_code,"
        " form_of_care, agreed, declined, method, end_at, issuer_key_id, serial) VALUES"
        " ('{0}', '2026-04-01T00:00:00Z', '{0}', 1, '{1}', 1, 1, 0, 1, 'infinity', '\\x01', "
        "'\\x02'),"
        " ('{0}', '2026-04-01T00:00:00Z', '{0}', 2, '{1}', 2, 63, 0, 1, 'infinity', '\\x01', "
        "'\\x02'),"
        " ('{0}', '2026-04-01T00:00:00Z', '{0}', 3, '1399999999', 1, 1, 0, 1, 'infinity', '\\x01', "
        "'\\x02')",
        kPersonText, kClinic));
  }

  // Holds the person's consents in a transaction that stays open.
  void Hold(pqxx::work& work, bool exclusively) const {
    work.exec(fmt::format("SELECT kakunin.hold_consents(ARRAY['{}'::uuid], ARRAY[0], ARRAY[{}])",
                          kPersonText, exclusively));
  }

  int64_t Count(const std::string& table) const {
    return database_.Exec("SELECT count(*) FROM kakunin." + table)[0][0].as<int64_t>();
  }

  const TestDatabase database_;
  Server first_{database_, 1};
  Server second_{database_, 2};
};

TEST_F(RecordStoreTest, AWriteOnAConsentThatEndedSinceItWasReadIsRefused) {
  const FoundPerson read = first_.Find();
  EXPECT_EQ(read.stored_ends, 0);
  ASSERT_TRUE(second_.End(second_.Find().stored_ends).ok());

  const absl::Status crossed = first_.Show(read.stored_ends);
  EXPECT_EQ(StoreFailureOf(crossed), StoreFailure::kSerialisation);
  EXPECT_EQ(Count("record_access"), 1);  // the revocation's own
  EXPECT_EQ(Count("audit_event"), 1);

  const FoundPerson anew = first_.Find();
  EXPECT_EQ(anew.stored_ends, 1);
  ASSERT_EQ(anew.ends.size(), 1u);
  Server fresh(database_, 3);
  EXPECT_TRUE(fresh.Show(anew.stored_ends).ok());
}

// Without a link nobody says whose the certificate was: its consents have no list to be looked up
// in.
TEST_F(RecordStoreTest, AConsentKeepsItsListOnlyWhileItsCardIsLinked) {
  database_.Exec("UPDATE kakunin.consent_act SET crl_partition = 5, issuer_key_id = '\\x" +
                 std::string(64, '1') + "'");
  database_.Exec(fmt::format(
      "INSERT INTO kakunin.card_link (issuer_key_id, serial, person_id, medium, linked_at)"
      " VALUES ('\\x{}', '\\x02', '{}', 1, '2026-04-01T00:00:00Z')",
      std::string(64, '1'), kPersonText));
  const auto partitions = [&] {
    int with = 0;
    for (const FoundConsentAct& found : first_.Find().acts) with += found.act.crl_partition ? 1 : 0;
    return with;
  };
  EXPECT_EQ(partitions(), 2);
  database_.Exec("DELETE FROM kakunin.card_link");
  EXPECT_EQ(first_.Find().acts.size(), 2u);
  EXPECT_EQ(partitions(), 0);
}

// What is kept of a card that no list remembers counts for a certificate that ended before, and not
// for one that lived on: it had been on hold.
TEST_F(RecordStoreTest, TellsOfACardThatEndedRevoked) {
  const std::string issuer = "\\x" + std::string(64, '1');
  database_.Exec(
      fmt::format("UPDATE kakunin.consent_act SET crl_partition = 5, issuer_key_id = '{}',"
                  " serial = '\\x02'",
                  issuer));
  database_.Exec(fmt::format(
      "INSERT INTO kakunin.card_link (issuer_key_id, serial, person_id, medium, linked_at)"
      " VALUES ('{}', '\\x02', '{}', 1, '2026-04-01T00:00:00Z')",
      issuer, kPersonText));
  database_.Exec(
      fmt::format("INSERT INTO kakunin.forgotten_revocation (issuer_key_id, serial, until)"
                  " VALUES ('{0}', '\\x02', '2026-05-01T00:00:00Z'),"
                  " ('{0}', '\\x03', '2027-05-01T00:00:00Z')",
                  issuer));
  const std::pair<const char*, StoredCertificate> cases[] = {
      {"2026-04-30T23:59:59Z", StoredCertificate::kRevoked},
      {"2026-05-01T00:00:00Z", StoredCertificate::kCurrent},
      {"2026-05-01T00:00:01Z", StoredCertificate::kCurrent}};
  for (const auto& [not_after, expected] : cases) {
    database_.Exec(
        fmt::format("UPDATE kakunin.consent_act SET certificate_not_after = '{}'", not_after));
    const FoundPerson found = first_.Find();
    ASSERT_EQ(found.acts.size(), 2u);
    for (const FoundConsentAct& one : found.acts) EXPECT_EQ(one.certificate, expected) << not_after;
  }
  database_.Exec("DELETE FROM kakunin.forgotten_revocation");
  database_.Exec(
      "UPDATE kakunin.card_link SET superseded_at = linked_at,"
      " superseded_by_issuer_key_id = issuer_key_id, superseded_by_serial = '\\x04'");
  for (const FoundConsentAct& one : first_.Find().acts) {
    EXPECT_EQ(one.certificate, StoredCertificate::kSuperseded);
  }
}

TEST_F(RecordStoreTest, OfTwoRevocationsAtOnceTheSecondReadsAgain) {
  ASSERT_TRUE(first_.End(0).ok());
  EXPECT_EQ(StoreFailureOf(second_.End(0)), StoreFailure::kSerialisation);
  EXPECT_EQ(Count("consent_end"), 1);
}

TEST_F(RecordStoreTest, AnEndWaitsForWhoeverShowsSomethingAndShowingDoesNotWaitForShowing) {
  pqxx::connection other(database_.ConnInfo("kakunin_terminal"));
  pqxx::work shows(other);
  Hold(shows, false);
  EXPECT_TRUE(first_.Show(0).ok());
  EXPECT_FALSE(second_.End(0, {}, WhileBlocked()).ok());
  EXPECT_EQ(Count("consent_end"), 0);
}

TEST_F(RecordStoreTest, ShowingWaitsForAnEndThatIsAboutToCommitAndThenSeesIt) {
  pqxx::connection other(database_.ConnInfo("kakunin_terminal"));
  pqxx::work ends(other);
  Hold(ends, true);
  EXPECT_FALSE(first_.Show(0, WhileBlocked()).ok());
  ends.exec(fmt::format(
      "INSERT INTO kakunin.consent_end (person_id, at, stream, number, facility_code, form_of_care,"
      " kinds, reason) VALUES ('{0}', '2026-04-01T00:00:00Z', '{0}', 1, '{1}', 1, 1, 1)",
      kPersonText, kClinic));
  ends.commit();
  EXPECT_EQ(StoreFailureOf(second_.Show(0)), StoreFailure::kSerialisation);
}

TEST_F(RecordStoreTest, FindsEveryConsentOfTheFacilityAndNoneOfAnother) {
  ASSERT_TRUE(first_.End(0).ok());
  const FoundPerson found = second_.Find();
  ASSERT_EQ(found.acts.size(), 2u);
  for (const FoundConsentAct& one : found.acts) {
    EXPECT_EQ(one.act.facility_code, kClinic);
    EXPECT_FALSE(one.act.crl_partition.has_value());  // stored before it was kept
  }
  ASSERT_EQ(found.ends.size(), 1u);
  EXPECT_EQ(found.ends[0].request_id, RequestId{{7}});
  EXPECT_EQ(found.ends[0].request_digest, PersonPseudonym{{8}});
  EXPECT_EQ(found.ends[0].reason, ConsentEndReason::kRevokedByPatient);
}

TEST_F(RecordStoreTest, PagesThroughTheEndsOfAFacilityInTheOrderOfTime) {
  ASSERT_TRUE(first_.End(0).ok());
  ASSERT_TRUE(first_.End(1).ok());  // at the same instant
  ASSERT_TRUE(first_.End(2, absl::Seconds(1)).ok());
  ASSERT_TRUE(first_.End(3, absl::Seconds(1), Soon(), 0).ok());  // ended nothing
  EndQuestion question{.facility_code = kClinic,
                       .from = TestInstant(),
                       .to = TestInstant() + absl::Seconds(2),
                       .most = 1};
  std::vector<int64_t> numbers;
  for (;;) {
    const auto page = first_.store->ReadEnds(question, Soon());
    ASSERT_TRUE(page.ok()) << page.status();
    if (page->empty()) break;
    numbers.push_back(page->front().audit_id.number);
    question.from = page->front().at;
    question.after = page->front().audit_id;
  }
  EXPECT_EQ(numbers, (std::vector<int64_t>{1, 2, 3}));
  question = {.facility_code = kClinic,
              .form_of_care = FormOfCare::kHomeVisit,
              .from = absl::InfinitePast(),
              .to = absl::InfiniteFuture(),
              .most = 9};
  EXPECT_EQ(first_.store->ReadEnds(question, Soon())->size(), 0u);
  question.form_of_care.reset();
  EXPECT_EQ(first_.store->ReadEnds(question, Soon())->size(), 3u);
  question.facility_code = "1399999999";
  EXPECT_EQ(first_.store->ReadEnds(question, Soon())->size(), 0u);
}

TEST_F(RecordStoreTest, TellsADecisionToItsOwnFacilityAlone) {
  const AuditRecord record = first_.Row();
  const RecordAccess access = Server::AccessOf(record);
  ASSERT_TRUE(first_.store->Write({&record, 1}, {&access, 1}, {}, {}, Soon()).ok());
  const auto found = second_.store->ReadDecision(kClinic, record.id, Soon());
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->at, record.at);
  EXPECT_EQ((*found)->details, "kinds:1=SHOWN");
  EXPECT_EQ((*found)->person, kPerson);
  EXPECT_EQ((*found)->role, static_cast<int>(Role::kDoctor));
  EXPECT_FALSE(second_.store->ReadDecision("1399999999", record.id, Soon())->has_value());
  EXPECT_FALSE(second_.store->ReadDecision("131234567", record.id, Soon())->has_value());
  EXPECT_FALSE(second_.store->ReadDecision(kClinic, {record.id.stream, 99}, Soon())->has_value());
  // Of calls about records only.
  const AuditRecord revoked = first_.Row(Operation::kRevokeConsent);
  ASSERT_TRUE(first_.store->Write({&revoked, 1}, {}, {}, {}, Soon()).ok());
  EXPECT_FALSE(second_.store->ReadDecision(kClinic, revoked.id, Soon())->has_value());
}

}  // namespace
}  // namespace kakunin
