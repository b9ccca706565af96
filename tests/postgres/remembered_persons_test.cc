#include "storage/postgres/remembered_persons.h"

#include <fmt/format.h>

#include "storage/confirmation_store.h"
#include "storage/postgres/confirmation_store.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"
#include "tests/support/protected_person.h"

namespace kakunin {
namespace {

class RememberedPersonsTest : public testing::Test {
 protected:
  RememberedPersonsTest() { Connect(*store_); }

  std::unique_ptr<ConfirmationStore> MakeStore() {
    return MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"), "kakunin_terminal",
                                 "kakunin lane");
  }
  static void Connect(ConfirmationStore& store) {
    const absl::Status status = store.Reconnect(Soon());
    ASSERT_TRUE(status.ok()) << status;
  }
  PersonId PersonOf(int who) { return Find(who).person; }
  PersonAnswer Find(int who) {
    const KeyHash key = SampleKey(2 * who);
    const auto read = store_->Read(std::span(&key, 1), {}, Soon());
    return read.ok() ? read->by_key[0].at(0) : PersonAnswer();
  }

  const TestDatabase database_;
  FeedDriver feeds_{database_, kInsurerA};
  const std::unique_ptr<ConfirmationStore> store_ = MakeStore();
};

TEST_F(RememberedPersonsTest, EveryReadKnowsWhoIsProtectedAtThatMoment) {
  feeds_.Deliver(1, {SampleRow(kInsurerA, "R1", 1), SampleRow(kInsurerA, "R2", 2)});
  const auto protect = [&](const PersonId& person, bool hide) {
    ProtectPerson(database_, UuidText(person), hide, true);
  };
  const std::vector<KeyHash> keys = {SampleKey(2), SampleKey(4)};
  const auto expect = [&](ConfirmationStore& store, bool first, bool second) {
    const auto read = store.Read(keys, {}, Soon());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->by_key[0].at(0).hide_address, first);
    EXPECT_EQ(read->by_key[1].at(0).hide_address, second);
  };
  const PersonId one = PersonOf(1);
  const PersonId two = PersonOf(2);
  const std::unique_ptr<ConfirmationStore> other = MakeStore();
  Connect(*other);
  expect(*store_, false, false);
  protect(one, true);
  expect(*store_, true, false);
  protect(two, true);
  protect(one, false);
  expect(*store_, false, true);
  expect(*other, false, true);
  // A database restored to an earlier moment counts from there again.
  database_.Exec("UPDATE kakunin.protection_generation SET generation = 1");
  database_.Exec("DELETE FROM kakunin.person_protection");
  expect(*store_, false, false);
}

TEST_F(RememberedPersonsTest, EveryReadKnowsWhomAnOpenCaseConcernsAtThatMoment) {
  feeds_.Deliver(1, {SampleRow(kInsurerA, "R1", 1), SampleRow(kInsurerA, "R2", 2)});
  const std::string bump =
      "; UPDATE kakunin.identity_case_generation SET generation = generation + 1";
  const auto open = [&](const PersonId& person, int number) {
    database_.Exec(
        fmt::format("INSERT INTO kakunin.identity_case_person VALUES ('{}', '{:032}', NULL){}",
                    UuidText(person), number, bump));
  };
  const auto end = [&](int number) {
    database_.Exec(
        fmt::format("UPDATE kakunin.identity_case_person SET ended_at = '2026-11-01Z' WHERE "
                    "case_id = '{:032}'{}",
                    number, bump));
  };
  const std::vector<KeyHash> keys = {SampleKey(2), SampleKey(4)};
  const auto expect = [&](bool first, bool second) {
    const auto read = store_->Read(keys, {}, Soon());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->by_key[0].at(0).in_case, first);
    EXPECT_EQ(read->by_key[1].at(0).in_case, second);
  };
  expect(false, false);
  open(PersonOf(1), 1);
  expect(true, false);
  open(PersonOf(1), 2);
  open(PersonOf(2), 3);
  expect(true, true);
  end(1);
  expect(true, true);  // another case about them is open
  end(2);
  expect(false, true);
  end(3);
  expect(false, false);
}

TEST_F(RememberedPersonsTest, MoreCasesThanAreRememberedAreAskedAbout) {
  feeds_.Deliver(1, {SampleRow(kInsurerA, "R1", 1), SampleRow(kInsurerA, "R2", 2)});
  EXPECT_FALSE(Find(1).in_case);
  const auto change = [&](const std::string& sql) {
    database_.Exec(sql +
                   "; UPDATE kakunin.identity_case_generation SET generation = generation + 1");
  };
  const std::string one = UuidText(PersonOf(1));
  change(
      fmt::format("INSERT INTO kakunin.identity_case_person SELECT gen_random_uuid(),"
                  " gen_random_uuid(), NULL FROM generate_series(1, {})",
                  kMostRemembered));
  change(fmt::format("INSERT INTO kakunin.identity_case_person VALUES ('{}', '{:032}', NULL)", one,
                     1));
  EXPECT_TRUE(Find(1).in_case);
  EXPECT_FALSE(Find(2).in_case);
  change(
      fmt::format("UPDATE kakunin.identity_case_person SET ended_at = '2026-11-01Z'"
                  " WHERE person_id <> '{}'",
                  one));
  EXPECT_TRUE(Find(1).in_case);
  EXPECT_FALSE(Find(2).in_case);
  change("UPDATE kakunin.identity_case_person SET ended_at = '2026-11-01Z'");
  EXPECT_FALSE(Find(1).in_case);
}

// What counts and changes nothing must not make anybody forgotten.
TEST_F(RememberedPersonsTest, TheProtectedStayKnownWhenNothingIsNewer) {
  feeds_.Deliver(1, {SampleRow(kInsurerA, "R1", 1)});
  ProtectPerson(database_, UuidText(PersonOf(1)), true, false);
  EXPECT_TRUE(Find(1).hide_address);
  database_.Exec("UPDATE kakunin.protection_generation SET generation = generation + 1");
  EXPECT_TRUE(Find(1).hide_address);
}

}  // namespace
}  // namespace kakunin
