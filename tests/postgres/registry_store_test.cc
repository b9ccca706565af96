#include "storage/postgres/registry_store.h"

#include <gtest/gtest.h>

#include <future>

#include "storage/store_error.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

constexpr char kFacility[] = "1312345678";

FacilityRow Facility(const std::string& name = "甲病院") {
  return {.facility_code = kFacility, .type = FacilityType::kHospital, .name = name};
}

TerminalRow Terminal(uint8_t print = 7) {
  return {.facility_code = kFacility,
          .terminal_id = "T1",
          .kind = TerminalKind::kMobile,
          .fingerprint = Digest32{print},
          .not_before = TestInstant(),
          .not_after = TestInstant() + absl::Hours(24)};
}

PartyRow Insurer(uint8_t print = 9) {
  return {.kind = ActorKind::kInsurer,
          .name = "33120015",
          .display_name = "乙組合",
          .fingerprint = Digest32{print},
          .not_before = TestInstant(),
          .not_after = TestInstant() + absl::Hours(24)};
}

class RegistryStoreTest : public testing::Test {
 protected:
  absl::Status Write(const std::function<absl::Status(Transaction&)>& act) {
    return operators_->Write(Soon(), act);
  }
  RegistryRows ReadSince(int64_t generation) {
    RegistryRows rows;
    const absl::Status status = terminals_->Read(Soon(), [&](Transaction& tx) {
      auto read = store_.ReadSince(tx, generation);
      if (read.ok()) rows = *std::move(read);
      return read.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return rows;
  }
  void PutAll() {
    ASSERT_TRUE(Write([&](Transaction& tx) { return store_.PutFacility(tx, Facility()); }).ok());
    ASSERT_TRUE(Write([&](Transaction& tx) { return store_.PutTerminal(tx, Terminal()); }).ok());
    ASSERT_TRUE(Write([&](Transaction& tx) { return store_.PutParty(tx, Insurer()); }).ok());
  }

  const TestDatabase database_;
  PostgresRegistryStore store_;
  std::unique_ptr<PostgresDatabase> operators_ = database_.Open("kakunin_operator");
  std::unique_ptr<PostgresDatabase> terminals_ = database_.Open("kakunin_terminal");
};

TEST_F(RegistryStoreTest, ReadsBackEveryFieldAndOnlyNewerRows) {
  PutAll();
  const RegistryRows all = ReadSince(0);
  EXPECT_EQ(all.generation, 3);
  ASSERT_EQ(all.facilities.size(), 1u);
  EXPECT_EQ(all.facilities[0].name, "甲病院");
  EXPECT_EQ(all.facilities[0].type, FacilityType::kHospital);
  EXPECT_TRUE(all.facilities[0].active);
  ASSERT_EQ(all.terminals.size(), 1u);
  EXPECT_EQ(all.terminals[0].kind, TerminalKind::kMobile);
  EXPECT_EQ(all.terminals[0].fingerprint, Digest32{7});
  EXPECT_EQ(all.terminals[0].not_before, TestInstant());
  EXPECT_EQ(all.terminals[0].not_after, TestInstant() + absl::Hours(24));
  EXPECT_FALSE(all.terminals[0].revoked_at.has_value());
  ASSERT_EQ(all.parties.size(), 1u);
  EXPECT_EQ(all.parties[0].display_name, "乙組合");
  EXPECT_EQ(all.parties[0].generation, 3);
  EXPECT_TRUE(ReadSince(3).parties.empty());
  const RegistryRows newer = ReadSince(2);
  EXPECT_TRUE(newer.facilities.empty());
  EXPECT_EQ(newer.parties.size(), 1u);
}

TEST_F(RegistryStoreTest, ARevocationIsANewerRow) {
  PutAll();
  TerminalRow revoked = Terminal();
  revoked.revoked_at = TestInstant() + absl::Microseconds(123456);
  revoked.revocation_reason = 4;
  ASSERT_TRUE(Write([&](Transaction& tx) { return store_.PutTerminal(tx, revoked); }).ok());
  const RegistryRows newer = ReadSince(3);
  ASSERT_EQ(newer.terminals.size(), 1u);
  EXPECT_EQ(newer.terminals[0].revoked_at, TestInstant() + absl::Microseconds(123456));
  EXPECT_EQ(newer.terminals[0].revocation_reason, 4);
  EXPECT_EQ(newer.generation, 4);
}

TEST_F(RegistryStoreTest, AKeyThatAnybodyEverHadIsInUseButForTheOperatorWhoHasIt) {
  PutAll();
  PartyRow op = Insurer();
  op.kind = ActorKind::kOperator;
  op.name = "operator-1";
  op.fingerprint = Digest32{4};
  const auto put = [&](uint8_t key) {
    op.key_fingerprint = Digest32{key};
    return Write([&](Transaction& tx) { return store_.PutParty(tx, op); }).ok();
  };
  TerminalRow terminal = Terminal();
  terminal.key_fingerprint = Digest32{5};
  ASSERT_TRUE(Write([&](Transaction& tx) { return store_.PutTerminal(tx, terminal); }).ok());
  ASSERT_TRUE(put(6));
  ASSERT_TRUE(put(11));
  const absl::Status status = operators_->Read(Soon(), [&](Transaction& tx) {
    EXPECT_TRUE(*store_.FingerprintInUse(tx, Digest32{5}, "operator-1")) << "a terminal's";
    EXPECT_TRUE(*store_.FingerprintInUse(tx, Digest32{6}, "operator-2")) << "given up";
    EXPECT_TRUE(*store_.FingerprintInUse(tx, Digest32{11}, "operator-2"));
    EXPECT_FALSE(*store_.FingerprintInUse(tx, Digest32{11}, "operator-1"));
    EXPECT_FALSE(*store_.FingerprintInUse(tx, Digest32{12}, "operator-1"));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(RegistryStoreTest, FindsOneRowByItsKey) {
  PutAll();
  const absl::Status status = Write([&](Transaction& tx) {
    EXPECT_TRUE((*store_.FindFacility(tx, kFacility)).has_value());
    EXPECT_FALSE((*store_.FindFacility(tx, "1399999999")).has_value());
    EXPECT_EQ((*store_.FindTerminal(tx, kFacility, "T1"))->fingerprint, Digest32{7});
    EXPECT_FALSE((*store_.FindTerminal(tx, kFacility, "T2")).has_value());
    EXPECT_TRUE((*store_.FindParty(tx, ActorKind::kInsurer, "33120015")).has_value());
    EXPECT_FALSE((*store_.FindParty(tx, ActorKind::kOperator, "33120015")).has_value());
    EXPECT_FALSE(*store_.FingerprintInUse(tx, Digest32{7}, "1312345678/T1"));
    EXPECT_TRUE(*store_.FingerprintInUse(tx, Digest32{7}, "1312345678/T2"));
    EXPECT_FALSE(*store_.FingerprintInUse(tx, Digest32{9}, "33120015"));
    EXPECT_TRUE(*store_.FingerprintInUse(tx, Digest32{9}, "1312345678/T1"));
    EXPECT_FALSE(*store_.FingerprintInUse(tx, Digest32{8}, ""));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(RegistryStoreTest, ARevokedCertificateIsRememberedForEver) {
  PutAll();
  const auto revoked = [&](uint8_t print) {
    bool answer = false;
    const absl::Status status = Write([&](Transaction& tx) {
      const auto found = store_.FingerprintRevoked(tx, Digest32{print});
      answer = found.value_or(false);
      return found.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return answer;
  };
  const auto put_terminal = [&](uint8_t print, bool is_revoked) {
    TerminalRow row = Terminal(print);
    if (is_revoked) row.revoked_at = TestInstant();
    EXPECT_TRUE(Write([&](Transaction& tx) { return store_.PutTerminal(tx, row); }).ok());
  };
  const auto put_insurer = [&](uint8_t print, bool active) {
    PartyRow row = Insurer(print);
    row.active = active;
    EXPECT_TRUE(Write([&](Transaction& tx) { return store_.PutParty(tx, row); }).ok());
  };
  EXPECT_FALSE(revoked(7));
  put_terminal(7, true);
  EXPECT_TRUE(revoked(7));
  put_terminal(8, false);
  put_terminal(10, false);
  EXPECT_TRUE(revoked(7));
  EXPECT_FALSE(revoked(8));
  put_insurer(9, false);
  EXPECT_TRUE(revoked(9));
  put_insurer(11, true);
  put_insurer(12, true);
  EXPECT_TRUE(revoked(9));
  EXPECT_FALSE(revoked(11));
}

TEST_F(RegistryStoreTest, ARegistrationWaitsForTheRevocationOfItsTerminal) {
  PutAll();
  std::future<absl::Status> registration;
  std::optional<TerminalRow> seen;
  const absl::Status status = Write([&](Transaction& tx) -> absl::Status {
    auto row = store_.FindTerminal(tx, kFacility, "T1");
    if (!row.ok()) return row.status();
    registration = std::async(std::launch::async, [&] {
      return Write([&](Transaction& other) {
        const auto found = store_.FindTerminal(other, kFacility, "T1");
        if (found.ok()) seen = *found;
        return found.status();
      });
    });
    const auto end = Soon();
    while (database_
               .Exec("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname ="
                     " current_database()")
               .empty()) {
      if (std::chrono::steady_clock::now() > end) return absl::DeadlineExceededError("no waiter");
    }
    (*row)->revoked_at = TestInstant();
    return store_.PutTerminal(tx, **row);
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(registration.get().ok());
  EXPECT_TRUE(seen->revoked_at.has_value());
}

TEST_F(RegistryStoreTest, OneCertificateCannotBeTwoTerminals) {
  PutAll();
  TerminalRow second = Terminal();
  second.terminal_id = "T2";
  const absl::Status status =
      Write([&](Transaction& tx) { return store_.PutTerminal(tx, second); });
  EXPECT_EQ(SqlStateOf(status), "23505");
  EXPECT_EQ(ReadSince(0).generation, 3);
}

TEST_F(RegistryStoreTest, TwoWritersAreStampedInTheOrderOfTheirCommits) {
  std::promise<void> first_wrote;
  std::promise<void> may_commit;
  auto first = std::async(std::launch::async, [&] {
    return Write([&](Transaction& tx) {
      const absl::Status put = store_.PutFacility(tx, Facility("一"));
      first_wrote.set_value();
      may_commit.get_future().wait();
      return put;
    });
  });
  first_wrote.get_future().wait();
  auto second = std::async(std::launch::async, [&] {
    return Write([&](Transaction& tx) { return store_.PutParty(tx, Insurer()); });
  });
  const auto end = Soon();
  while (database_
             .Exec("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname ="
                   " current_database()")
             .empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
  }
  // Nothing is visible yet, so a reader cannot step over the first writer's generation.
  EXPECT_EQ(ReadSince(0).generation, 0);
  may_commit.set_value();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  const RegistryRows rows = ReadSince(0);
  EXPECT_EQ(rows.facilities.at(0).generation, 1);
  EXPECT_EQ(rows.parties.at(0).generation, 2);
}

TEST_F(RegistryStoreTest, TheTerminalServerCannotWriteTheRegistry) {
  const absl::Status status = terminals_->Write(
      Soon(), [&](Transaction& tx) { return store_.PutFacility(tx, Facility()); });
  EXPECT_EQ(StoreFailureOf(status), StoreFailure::kDenied);
}

}  // namespace
}  // namespace kakunin
