#include "auth/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "auth/encoding.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

TEST(KeyFile, GeneratesAndLoadsTheSameKey) {
  const ScratchDirectory scratch;
  const auto path = scratch.path() / "hash.key";
  ASSERT_TRUE(GenerateSecretKey(path).ok());
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(status.st_size, 32);
  const auto first = LoadSecretKey(path);
  const auto second = LoadSecretKey(path);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->Mac("m"), second->Mac("m"));
  EXPECT_EQ(first->key_id().size(), 8u);
}

TEST(KeyFile, NeverOverwrites) {
  const ScratchDirectory scratch;
  const auto path = scratch.path() / "hash.key";
  ASSERT_TRUE(GenerateSecretKey(path).ok());
  const auto before = LoadSecretKey(path)->key_id();
  EXPECT_EQ(GenerateSecretKey(path).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(LoadSecretKey(path)->key_id(), before);
}

TEST(KeyFile, KeyIdIsTheLabelledDigest) {
  const std::string key(32, 'k');
  EXPECT_EQ(SecretKeyId(AsBytes(key)), HexEncode(Sha256("kakunin key id" + key)).substr(0, 8));
}

TEST(KeyFile, RefusesModesThatOthersCanRead) {
  const ScratchDirectory scratch;
  const auto path = scratch.Write("hash.key", std::string(32, 'k'));
  for (const mode_t mode : {0644, 0640, 0660, 0604, 0700, 0666}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    const absl::Status status = LoadSecretKey(path).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << mode;
    EXPECT_NE(std::string(status.message()).find("chmod 600"), std::string::npos);
  }
  for (const mode_t mode : {0600, 0400}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    EXPECT_TRUE(LoadSecretKey(path).ok()) << mode;
  }
}

TEST(KeyFile, RefusesMissingFileDirectoryAndWrongSizes) {
  const ScratchDirectory scratch;
  EXPECT_FALSE(LoadSecretKey(scratch.path() / "none").ok());
  EXPECT_FALSE(LoadSecretKey(scratch.path()).ok());
  for (const size_t size : {0u, 31u, 65u}) {
    const auto path = scratch.Write("hash.key", std::string(size, 'k'));
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
    EXPECT_FALSE(LoadSecretKey(path).ok()) << size;
  }
}

}  // namespace
}  // namespace kakunin::auth
