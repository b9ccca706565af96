#include "server/dev/service_certificates.h"

#include <gtest/gtest.h>

#include "auth/peer_certificate.h"
#include "server/text_file.h"
#include "tests/unit/dev/temporary_folder.h"

namespace kakunin::dev {
namespace {

absl::Time Now() { return absl::FromUnixSeconds(1'795'000'000); }

TEST(ServiceCertificates, NameTheirPartiesAndAreMadeOnce) {
  const TemporaryFolder folder;
  const SandboxPaths paths(folder.path());
  const auto made = ServiceCertificates::Open(paths, Now());
  ASSERT_TRUE(made.ok()) << made.status();
  const auto pem = made->Terminal("1310000003", "T1");
  ASSERT_TRUE(pem.ok()) << pem.status();
  const auto certificate = auth::ReadPeerCertificate(*pem);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_EQ(certificate->Name()->facility_code, "1310000003");
  EXPECT_EQ(certificate->Name()->id, "T1");
  EXPECT_TRUE(certificate->client_auth);
  EXPECT_TRUE(certificate->IsValidAt(Now()));

  const std::string server = ReadTextFile(paths.certificate("server")).value();
  const auto again = ServiceCertificates::Open(paths, Now() + absl::Hours(24));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Terminal("1310000003", "T1").value(), *pem);
  EXPECT_EQ(ReadTextFile(paths.certificate("server")).value(), server);
}

TEST(ServiceCertificates, KeepKeysToTheirOwner) {
  const TemporaryFolder folder;
  const SandboxPaths paths(folder.path());
  const auto made = ServiceCertificates::Open(paths, Now());
  ASSERT_TRUE(made.ok() && made->Insurer("06139992").ok());
  for (const auto& key :
       {paths.key("server"), paths.ca_key("insurer"), paths.key(InsurerName("06139992"))}) {
    EXPECT_EQ(std::filesystem::status(key).permissions(),
              static_cast<std::filesystem::perms>(0600));
  }
}

}  // namespace
}  // namespace kakunin::dev
