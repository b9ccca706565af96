#include "storage/postgres/audit_store.h"

#include <gtest/gtest.h>

#include "auth/digest.h"
#include "storage/store_error.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

// Full sets every field, so that one lost on the way breaks the hash.
AuditRecord Full() {
  AuditRecord record;
  record.at = TestInstant() + absl::Microseconds(654321);
  record.operation = 12;
  record.actor_kind = ActorKind::kTerminal;
  record.actor = "1312345678/T1";
  record.user = "受付-1 \"'\\";
  record.role = 3;
  record.role_evidence = 1;
  record.form_of_care = 2;
  record.situation = 0;
  record.code = 9;
  record.reason = "CARD_REFUSED";
  record.validity = 4;
  record.person = PersonPseudonym{{1, 2, 3, 255}};
  record.asked_day = absl::CivilDay(2026, 3, 31);
  record.details = "verification=PIN;retry=1";
  record.request_id = RequestId{{4}};
  record.request_digest = PersonPseudonym{{5}};
  record.answer_digest = PersonPseudonym{{6}};
  record.key_id = "audit-1";
  return record;
}

class AuditStoreTest : public testing::Test {
 protected:
  absl::StatusOr<AuditId> Append(const AuditRecord& record, bool commit = true) {
    absl::StatusOr<AuditId> id = absl::UnknownError("not run");
    const absl::Status status = writer_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      id = tx.AppendAudit(record);
      if (!commit) return absl::CancelledError();
      return id.status();
    });
    if (commit && !status.ok()) return status;
    return id;
  }
  std::vector<StreamHead> Heads() {
    std::vector<StreamHead> heads;
    const absl::Status status = auditor_->Read(Soon(), [&](Transaction& tx) {
      auto read = store_.Heads(tx);
      if (read.ok()) heads = *std::move(read);
      return read.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return heads;
  }
  std::vector<AuditRecord> Stream(const StreamId& stream, size_t most = 100'000) {
    std::vector<AuditRecord> records;
    const absl::Status status = auditor_->Read(Soon(), [&](Transaction& tx) {
      return store_.ReadStream(tx, stream, 0, [&](const AuditRecord& record) {
        records.push_back(record);
        return records.size() < most;
      });
    });
    EXPECT_TRUE(status.ok()) << status;
    return records;
  }

  const TestDatabase database_;
  PostgresAuditStore store_;
  std::unique_ptr<PostgresDatabase> writer_ = database_.Open("kakunin_terminal", 1);
  std::unique_ptr<PostgresDatabase> auditor_ = database_.Open("kakunin_auditor", 1);
};

TEST_F(AuditStoreTest, EveryRowReadBackHasTheHashItWasChainedWith) {
  AuditRecord bare;
  bare.at = TestInstant();
  for (const AuditRecord& record : {Full(), bare, Full()}) ASSERT_TRUE(Append(record).ok());
  ASSERT_EQ(Heads().size(), 1u);
  const std::vector<AuditRecord> records = Stream(Heads()[0].stream);
  ASSERT_EQ(records.size(), 3u);
  Digest32 previous{};
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].id.number, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(records[i].previous_hash, previous);
    std::string octets;
    AppendCanonicalOctets(records[i], octets);
    EXPECT_EQ(records[i].hash, auth::Sha256(octets));
    previous = records[i].hash;
  }
  EXPECT_EQ(Heads()[0].number, 3);
  EXPECT_EQ(Heads()[0].hash, previous);
  EXPECT_EQ(records[1].person, std::nullopt);
  EXPECT_EQ(records[0].user, Full().user);
}

TEST_F(AuditStoreTest, ARolledBackRowLeavesNoGap) {
  ASSERT_TRUE(Append(Full()).ok());
  ASSERT_TRUE(Append(Full(), /*commit=*/false).ok());
  const auto id = Append(Full());
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(id->number, 2);
  EXPECT_EQ(Stream(id->stream)[1].previous_hash, Stream(id->stream)[0].hash);
}

TEST_F(AuditStoreTest, HeadsListsEachStreamOnceInOrderOverMonths) {
  const auto others = database_.Open("kakunin_operator", 1);
  for (int i = 0; i < 3; ++i) {
    AuditRecord record = Full();
    record.at += absl::Hours(24 * 31 * i);
    ASSERT_TRUE(Append(record).ok());
    ASSERT_TRUE(
        others->Write(Soon(), [&](Transaction& tx) { return tx.AppendAudit(record).status(); })
            .ok());
  }
  const std::vector<StreamHead> heads = Heads();
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_LT(heads[0].stream, heads[1].stream);
  EXPECT_EQ(heads[0].number, 3);
  EXPECT_EQ(heads[1].number, 3);
}

TEST_F(AuditStoreTest, ReadsPastAPageAndStopsWhenToldTo) {
  const absl::Status status = writer_->Write(Soon(), [&](Transaction& tx) {
    for (int i = 0; i < 2001; ++i) {
      if (const auto id = tx.AppendAudit(Full()); !id.ok()) return id.status();
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
  const StreamId stream = Heads()[0].stream;
  EXPECT_EQ(Stream(stream).size(), 2001u);
  EXPECT_EQ(Stream(stream).back().id.number, 2001);
  EXPECT_EQ(Stream(stream, 7).size(), 7u);
}

TEST_F(AuditStoreTest, NoHeadsBeforeTheFirstRow) { EXPECT_TRUE(Heads().empty()); }

TEST_F(AuditStoreTest, TheWriterCannotReadWhatItWrote) {
  ASSERT_TRUE(Append(Full()).ok());
  const absl::Status status =
      writer_->Read(Soon(), [&](Transaction& tx) { return store_.Heads(tx).status(); });
  EXPECT_EQ(StoreFailureOf(status), StoreFailure::kDenied);
}

}  // namespace
}  // namespace kakunin
