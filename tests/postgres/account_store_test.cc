// Accounts, their sessions and facilities' settings: what is kept, and what servers read of it.
#include "storage/postgres/account_store.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "domain/error.h"
#include "storage/postgres/facility_settings_store.h"
#include "storage/postgres/registry_store.h"
#include "storage/store_error.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

constexpr char kHere[] = "1312345678";
constexpr char kElsewhere[] = "1318000002";

class AccountStoreTest : public testing::Test {
 protected:
  AccountStoreTest() {
    PostgresRegistryStore registry;
    Must(operators_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(registry.PutFacility(tx, {.facility_code = kHere, .name = "試験"}));
      return registry.PutFacility(tx, {.facility_code = kElsewhere, .name = "別"});
    }));
  }
  static void Must(const absl::Status& status) { ASSERT_TRUE(status.ok()) << status; }

  template <class Act>
  auto Run(Act&& act) {
    using Value = typename std::invoke_result_t<Act, Transaction&>::value_type;
    Value value{};
    Must(terminals_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      auto got = act(tx);
      if (!got.ok()) return got.status();
      value = *std::move(got);
      return absl::OkStatus();
    }));
    return value;
  }
  void Do(const std::function<absl::Status(Transaction&)>& act) {
    Must(terminals_->Write(Soon(), act));
  }

  static Account AccountOf(const std::string& user, const char* facility = kHere) {
    return {.facility_code = facility,
            .user_name = user,
            .display_name = "田中花子",
            .role = Role::kDoctor,
            .password_hash = "$scrypt$x",
            .one_time_end = TestInstant() + absl::Hours(1),
            .created = TestInstant()};
  }
  bool Insert(const Account& account) {
    return Run([&](Transaction& tx) { return accounts_.Insert(tx, account); });
  }
  std::optional<Account> Find(const std::string& user, const char* facility = kHere) {
    return Run([&](Transaction& tx) { return accounts_.Hold(tx, facility, user); });
  }
  static Session SessionOf(uint8_t number, const std::string& user, const std::string& terminal,
                           const char* facility = kHere) {
    return {.token_hash = {number},
            .facility_code = facility,
            .user_name = user,
            .terminal_id = terminal,
            .certificate = {9},
            .role = Role::kDoctor,
            .password_change_needed = true,
            .began = TestInstant(),
            .end = TestInstant() + kSessionLife,
            .last_used = TestInstant()};
  }
  int64_t Begin(const Session& session) {
    return Run([&](Transaction& tx) { return accounts_.BeginSession(tx, session); });
  }
  AccountChanges Since(int64_t generation) {
    return Run([&](Transaction& tx) { return accounts_.ReadSince(tx, generation); });
  }
  // The tokens of what was read, with an exclamation mark for what is over.
  static std::string Tokens(const AccountChanges& changes) {
    std::set<std::string> tokens;
    for (const Session& session : changes.sessions) {
      tokens.insert(std::to_string(session.token_hash[0]) + (session.ended ? "!" : ""));
    }
    std::string text;
    for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
    return text;
  }

  const TestDatabase database_;
  const std::unique_ptr<PostgresDatabase> terminals_ = database_.Open("kakunin_terminal");
  const std::unique_ptr<PostgresDatabase> operators_ = database_.Open("kakunin_operator");
  PostgresAccountStore accounts_;
  PostgresFacilitySettingsStore settings_;
};

TEST_F(AccountStoreTest, AnAccountIsReadAsItWasWritten) {
  EXPECT_FALSE(Find("tanaka"));
  Account account = AccountOf("tanaka");
  EXPECT_TRUE(Insert(account));
  const auto check = [&] {
    const auto found = Find("tanaka");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->display_name, account.display_name);
    EXPECT_EQ(found->role, account.role);
    EXPECT_EQ(found->password_hash, account.password_hash);
    EXPECT_EQ(found->one_time_end, account.one_time_end);
    EXPECT_EQ(found->wrong_tries, account.wrong_tries);
    EXPECT_EQ(found->locked, account.locked);
    EXPECT_EQ(found->disabled, account.disabled);
    EXPECT_EQ(found->created, account.created);
    EXPECT_EQ(found->last_log_in, account.last_log_in);
  };
  check();
  account.password_hash = "$scrypt$y";
  account.one_time_end.reset();
  account.wrong_tries = 3;
  account.locked = TestInstant() + absl::Seconds(1);
  account.disabled = TestInstant() + absl::Seconds(2);
  account.last_log_in = TestInstant() + absl::Seconds(3);
  Do([&](Transaction& tx) { return accounts_.Update(tx, account); });
  check();
}

TEST_F(AccountStoreTest, ANameIsTakenAtItsFacilityAlone) {
  EXPECT_TRUE(Insert(AccountOf("tanaka")));
  EXPECT_FALSE(Insert(AccountOf("tanaka")));
  EXPECT_TRUE(Insert(AccountOf("tanaka", kElsewhere)));
  EXPECT_TRUE(Insert(AccountOf("suzuki")));
  const auto list = Run([&](Transaction& tx) { return accounts_.List(tx, kHere, "", 100); });
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].user_name, "suzuki");
  EXPECT_EQ(list[1].user_name, "tanaka");
}

TEST_F(AccountStoreTest, AServerReadsWhatIsNewerThanItsSnapshot) {
  EXPECT_EQ(Since(0).generation, 0);
  Session first = SessionOf(1, "tanaka", "desk-1");
  const int64_t generation = Begin(first);
  AccountChanges changes = Since(0);
  EXPECT_EQ(changes.generation, generation);
  ASSERT_EQ(changes.sessions.size(), 1u);
  const Session& read = changes.sessions[0];
  EXPECT_EQ(read.token_hash, first.token_hash);
  EXPECT_EQ(read.facility_code, kHere);
  EXPECT_EQ(read.user_name, "tanaka");
  EXPECT_EQ(read.terminal_id, "desk-1");
  EXPECT_EQ(read.certificate, first.certificate);
  EXPECT_EQ(read.role, Role::kDoctor);
  EXPECT_TRUE(read.password_change_needed);
  EXPECT_EQ(read.began, first.began);
  EXPECT_EQ(read.end, first.end);
  EXPECT_EQ(read.last_used, first.last_used);
  EXPECT_FALSE(read.ended);

  EXPECT_EQ(Tokens(Since(generation)), "");
  Begin(SessionOf(2, "tanaka", "desk-2"));
  EXPECT_EQ(Tokens(Since(generation)), "2");
  Do([&](Transaction& tx) {
    return accounts_.EndSession(tx, first.token_hash, SessionEnd::kLoggedOut, TestInstant());
  });
  EXPECT_EQ(Tokens(Since(generation)), "1! 2");
  // A server that starts knows nothing of what is over.
  EXPECT_EQ(Tokens(Since(0)), "2");
}

TEST_F(AccountStoreTest, EndsSessionsOfOneAccountEverywhereOrAtOneTerminalButForOne) {
  for (uint8_t number = 1; number <= 3; ++number) {
    Begin(SessionOf(number, "tanaka", "desk-" + std::to_string(number)));
  }
  Begin(SessionOf(4, "suzuki", "desk-1"));
  Begin(SessionOf(5, "tanaka", "desk-1", kElsewhere));
  const Account tanaka = AccountOf("tanaka");
  const auto end = [&](const std::string& terminal, uint8_t spared, absl::Time at) {
    return Run([&](Transaction& tx) {
      return accounts_.EndSessions(tx, tanaka, terminal, Digest32{spared}, SessionEnd::kLocked, at);
    });
  };
  EXPECT_EQ(end("desk-1", 0, TestInstant()), 1);
  EXPECT_EQ(Tokens(Since(0)), "2 3 4 5");
  EXPECT_EQ(end("desk-1", 0, TestInstant()), 0);
  EXPECT_EQ(end("", 3, TestInstant()), 1);
  EXPECT_EQ(Tokens(Since(0)), "3 4 5");
  // What is over by its time is not ended once more.
  EXPECT_EQ(end("", 0, TestInstant() + kSessionLife), 0);
  EXPECT_EQ(end("", 0, TestInstant()), 1);
  EXPECT_EQ(Tokens(Since(0)), "4 5");
}

TEST_F(AccountStoreTest, UsesOnlyGoForward) {
  Begin(SessionOf(1, "tanaka", "desk-1"));
  Begin(SessionOf(2, "tanaka", "desk-2"));
  const auto note = [&](absl::Duration after) {
    const SessionUse uses[] = {{{1}, TestInstant() + after}, {{7}, TestInstant()}};
    Do([&](Transaction& tx) { return accounts_.NoteUses(tx, uses); });
  };
  note(absl::Minutes(10));
  const int64_t generation = Since(0).generation;
  EXPECT_EQ(Tokens(Since(generation - 1)), "1");
  EXPECT_EQ(Since(generation - 1).sessions[0].last_used, TestInstant() + absl::Minutes(10));
  note(absl::Minutes(9));
  EXPECT_EQ(Tokens(Since(generation)), "");
}

TEST_F(AccountStoreTest, AChangedPasswordOpensItsSession) {
  const Session session = SessionOf(1, "tanaka", "desk-1");
  const int64_t generation = Begin(session);
  Do([&](Transaction& tx) { return accounts_.PasswordChanged(tx, session.token_hash); });
  const AccountChanges changes = Since(generation);
  ASSERT_EQ(changes.sessions.size(), 1u);
  EXPECT_FALSE(changes.sessions[0].password_change_needed);
}

TEST_F(AccountStoreTest, SettingsAreReadAndEveryChangeOfThemStays) {
  const auto find = [&] { return Run([&](Transaction& tx) { return settings_.Find(tx, kHere); }); };
  EXPECT_EQ(find().settings, FacilitySettings());
  EXPECT_EQ(find().change_number, 0);
  const FacilitySettings few{.kinds_not_used = 0b101,
                             .uses_e_prescription = false,
                             .shows_treatment_at_first = false,
                             .shows_surgery_at_first = true,
                             .records_need_proven_role = true};
  const auto change = [&](int64_t number, const FacilitySettings& settings) {
    return terminals_->Write(Soon(), [&](Transaction& tx) {
      return settings_.Change(tx, {.facility_code = kHere,
                                   .number = number,
                                   .at = TestInstant() + absl::Seconds(number),
                                   .user_name = "tanaka",
                                   .terminal_id = "desk-1",
                                   .settings = settings});
    });
  };
  Must(change(1, few));
  EXPECT_EQ(find().settings, few);
  const AccountChanges read = Since(0);
  ASSERT_EQ(read.settings.size(), 1u);
  EXPECT_EQ(read.settings[0].facility_code, kHere);
  EXPECT_EQ(read.settings[0].settings, few);
  // The number of a change is given once.
  EXPECT_EQ(StoreFailureOf(change(1, {})), StoreFailure::kSerialisation);
  EXPECT_EQ(find().settings, few);
  Must(change(2, {}));
  EXPECT_EQ(find().settings, FacilitySettings());
  EXPECT_EQ(find().change_number, 2);
  EXPECT_EQ(Since(read.generation).settings.size(), 1u);
  const auto changes = [&](int64_t before, int limit) {
    return Run([&](Transaction& tx) { return settings_.Changes(tx, kHere, before, limit); });
  };
  ASSERT_EQ(changes(0, 10).size(), 2u);
  EXPECT_EQ(changes(0, 10)[0].number, 2);
  EXPECT_EQ(changes(0, 10)[1].settings, few);
  EXPECT_EQ(changes(0, 10)[1].at, TestInstant() + absl::Seconds(1));
  EXPECT_EQ(changes(0, 10)[1].user_name, "tanaka");
  EXPECT_EQ(changes(0, 10)[1].terminal_id, "desk-1");
  ASSERT_EQ(changes(0, 1).size(), 1u);
  ASSERT_EQ(changes(2, 10).size(), 1u);
  EXPECT_EQ(changes(2, 10)[0].number, 1);
}

TEST_F(AccountStoreTest, AnAccountIsOfARegisteredFacility) {
  const absl::Status status = terminals_->Write(Soon(), [&](Transaction& tx) {
    return accounts_.Insert(tx, AccountOf("tanaka", "1399999999")).status();
  });
  EXPECT_EQ(StoreFailureOf(status), StoreFailure::kBadData);
}

}  // namespace
}  // namespace kakunin
