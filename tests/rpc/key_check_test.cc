#include "server/key_check.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "auth/key_file.h"
#include "storage/postgres/installation_key_store.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

using testing::TestWithParam;

auth::HmacKey KeyOf(uint8_t octet) {
  const std::vector<uint8_t> octets(32, octet);
  return auth::HmacKey(octets, auth::SecretKeyId(octets));
}

// Every role that a listener can have.
class KeyCheckTest : public TestWithParam<const char*> {
 protected:
  // Keys are what a server is started with: one octet each, repeated.
  struct Keys {
    uint8_t individual_number = 1;
    uint8_t look_up = 2;
    uint8_t audit = 3;
    uint8_t handle = 4;
  };
  absl::Status Check(const Keys& keys) {
    const std::vector<uint8_t> handle(32, keys.handle);
    return CheckKeys(*database_, store_,
                     {KeyOf(keys.individual_number), KeyOf(keys.look_up), KeyOf(keys.audit),
                      auth::PatientHandleKey(handle), auth::SecretKeyId(handle), std::nullopt},
                     Soon());
  }

  const TestDatabase test_database_;
  const std::unique_ptr<PostgresDatabase> database_ = test_database_.Open(GetParam());
  PostgresInstallationKeyStore store_;
};

TEST_P(KeyCheckTest, TheFirstServerClaimsTheDatabaseAndTheNextOnesMustHaveItsKeys) {
  EXPECT_TRUE(Check({}).ok());
  EXPECT_TRUE(Check({}).ok());
  const struct Wrong {
    Keys keys;
    uint8_t other;  // the key that is another
    uint8_t known;
    const char* setting;
  } wrong[] = {{{.individual_number = 9}, 9, 1, "individual_number"},
               {{.look_up = 8}, 8, 2, "lookup"},
               {{.audit = 7}, 7, 3, "audit"},
               {{.handle = 6}, 6, 4, "handle"}};
  for (const Wrong& one : wrong) {
    const absl::Status refused = Check(one.keys);
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << one.setting;
    const std::string said(refused.message());
    const std::string named = std::string("[keys] ") + one.setting + " is ";
    EXPECT_NE(said.find(named + KeyOf(one.other).key_id()), std::string::npos) << said;
    EXPECT_NE(said.find(KeyOf(one.known).key_id()), std::string::npos) << said;
  }
  EXPECT_TRUE(Check({}).ok());
}

// A database of a release that did not remember these keys, or whose operator means to replace them
// and does what docs/operations.md says: the next start remembers those that it has.
TEST_P(KeyCheckTest, KeysThatAreNotRememberedYetAreFromTheNextStartOn) {
  ASSERT_TRUE(Check({}).ok());
  // By the owner of the tables, whose member kakunin_migrate is.
  test_database_.Exec(
      "SET LOCAL ROLE kakunin_owner; DELETE FROM kakunin.installation_key WHERE purpose = 3");
  EXPECT_TRUE(Check({.audit = 7}).ok());
  EXPECT_EQ(Check({}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Check({.audit = 7}).ok());
}

// Nothing of a key is stored but its id, eight digits of a digest.
TEST_P(KeyCheckTest, NoKeyIsStored) {
  ASSERT_TRUE(Check({}).ok());
  const auto rows = test_database_.Exec(
      "SELECT count(*), max(length(key_id)), count(DISTINCT key_id) FROM kakunin.installation_key");
  EXPECT_EQ(rows[0][0].as<int>(), 4);
  EXPECT_EQ(rows[0][1].as<int>(), 8);
  EXPECT_EQ(rows[0][2].as<int>(), 4);
}

INSTANTIATE_TEST_SUITE_P(Roles, KeyCheckTest,
                         testing::Values("kakunin_terminal", "kakunin_insurer", "kakunin_operator",
                                         "kakunin_onboarding"));

}  // namespace
}  // namespace kakunin
