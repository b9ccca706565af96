#include "server/client_authority_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "auth/der_writer.h"
#include "auth/issuance.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin {
namespace {

std::string CaPem(const std::string& name) {
  return auth::CertificatePem(auth::MakeAuthority(auth::MakeName({{auth::kOidCommonName, name}}),
                                                  auth::PrivateKey::GenerateP256(),
                                                  auth::At("2026-01-01T00:00:00Z"),
                                                  auth::At("2030-01-01T00:00:00Z"))
                                  .certificate_der);
}

TEST(ClientAuthorityFileTest, DoesNotStartWithoutAUsableFile) {
  const auth::ScratchDirectory folder;
  const auto path = folder.path() / "ca.pem";
  ClientAuthorityFile file(path);
  const absl::Status absent = file.Start();
  EXPECT_EQ(absent.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(absent.message()).find(path.string()), std::string::npos) << absent;
  folder.Write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(file.Start().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(file.Current(), nullptr);
}

TEST(ClientAuthorityFileTest, FollowsTheFileAndKeepsWhatItHeldWhenThatIsUnusable) {
  const auth::ScratchDirectory folder;
  const auto path = folder.Write("ca.pem", CaPem("first"));
  ClientAuthorityFile file(path, std::chrono::hours(1));
  ASSERT_TRUE(file.Start().ok());
  const auto first = file.Current();
  ASSERT_NE(first, nullptr);
  ASSERT_TRUE(file.Reload().ok());
  EXPECT_EQ(file.Current(), first);  // as it was: what was judged by them goes on to count
  folder.Write("ca.pem", "nothing");
  EXPECT_FALSE(file.Reload().ok());
  EXPECT_FALSE(file.Reload().ok());  // and it is said again
  EXPECT_EQ(file.Current(), first);
  folder.Write("ca.pem", CaPem("the second, of another length"));
  ASSERT_TRUE(file.Reload().ok());
  EXPECT_NE(file.Current(), first);
}

TEST(ClientAuthorityFileTest, KeepsTheSameObjectWhenTheSameTextIsWrittenAgain) {
  const auth::ScratchDirectory folder;
  const std::string pem = CaPem("first");
  const auto path = folder.Write("ca.pem", pem);
  ClientAuthorityFile file(path, std::chrono::hours(1));
  ASSERT_TRUE(file.Start().ok());
  const auto first = file.Current();
  // Renamed into its place, as configuration management does: another file, of the same text.
  const auto rewrite = [&](const std::string& text) {
    std::filesystem::rename(folder.Write("ca.pem.new", text), path);
  };
  rewrite(pem);
  ASSERT_TRUE(file.Reload().ok());
  EXPECT_EQ(file.Current(), first);
  rewrite("nothing");
  EXPECT_FALSE(file.Reload().ok());
  rewrite(pem);
  ASSERT_TRUE(file.Reload().ok());
  EXPECT_EQ(file.Current(), first);
  rewrite(pem + CaPem("second"));
  ASSERT_TRUE(file.Reload().ok());
  EXPECT_NE(file.Current(), first);
}

}  // namespace
}  // namespace kakunin
