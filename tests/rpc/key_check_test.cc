#include "server/key_check.h"

#include <gtest/gtest.h>

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
  absl::Status Check(const auth::HmacKey& individual_number, const auth::HmacKey& look_up) {
    return CheckKeys(*database_, store_, individual_number, look_up, Soon());
  }

  const TestDatabase test_database_;
  const std::unique_ptr<PostgresDatabase> database_ = test_database_.Open(GetParam());
  PostgresInstallationKeyStore store_;
};

TEST_P(KeyCheckTest, TheFirstServerClaimsTheDatabaseAndTheNextOnesMustHaveItsKeys) {
  EXPECT_TRUE(Check(KeyOf(1), KeyOf(2)).ok());
  EXPECT_TRUE(Check(KeyOf(1), KeyOf(2)).ok());
  const absl::Status look_up = Check(KeyOf(1), KeyOf(3));
  EXPECT_EQ(look_up.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(look_up.message().find("[keys] lookup is " + KeyOf(3).key_id()),
            std::string_view::npos);
  EXPECT_NE(look_up.message().find(KeyOf(2).key_id()), std::string_view::npos);
  const absl::Status number = Check(KeyOf(4), KeyOf(2));
  EXPECT_EQ(number.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(number.message().find("[keys] individual_number is"), std::string_view::npos);
  EXPECT_TRUE(Check(KeyOf(1), KeyOf(2)).ok());
}

INSTANTIATE_TEST_SUITE_P(Roles, KeyCheckTest,
                         testing::Values("kakunin_terminal", "kakunin_insurer",
                                         "kakunin_operator"));

}  // namespace
}  // namespace kakunin
