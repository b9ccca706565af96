#include "server/config/config_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "auth/key_file.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin {
namespace {

// Every file that the example names, as it should be.
class ConfigFilesTest : public testing::Test {
 protected:
  ConfigFilesTest() {
    for (const char* folder : {"tls", "secrets", "jpki/trust", "jpki/crl"}) {
      std::filesystem::create_directories(At(folder));
    }
    const auth::PrivateKey key = auth::PrivateKey::GenerateP256();
    const absl::Time now = auth::Now();
    const auth::Authority ca =
        auth::MakeAuthority(auth::JpkiSigningName(), key, now, now + absl::Hours(1));
    const auto pem = auth::CertificatePem(ca.certificate_der);
    for (const char* name : {"server", "terminal-ca", "insurer-ca", "operator-ca", "web"}) {
      std::ofstream(At(fmt::format("tls/{}.pem", name))) << pem;
    }
    EXPECT_TRUE(key.Save(At("tls/server.key")).ok());
    EXPECT_TRUE(key.Save(At("tls/web.key")).ok());
    for (const char* name : {"individual-number", "lookup", "audit", "handle"}) {
      EXPECT_TRUE(auth::GenerateSecretKey(At(fmt::format("secrets/{}.key", name))).ok());
    }
  }

  std::filesystem::path At(const std::string& name) const { return folder_.path() / name; }

  // Faults joins what is found in the example, or in it with one text replaced.
  std::string Faults(const std::string& from = "", const std::string& to = "") const {
    std::string text(ExampleConfig());
    if (!from.empty()) text.replace(text.find(from), from.size(), to);
    const auto config = ParseConfig(text, At("kakunin.toml"));
    EXPECT_TRUE(config.ok()) << config.status();
    return config.ok() ? fmt::format("{}", fmt::join(FileFaults(*config), "\n")) : "";
  }

  void ExpectFault(const std::string& key, const std::string& what) const {
    const std::string faults = Faults();
    EXPECT_NE(faults.find(key + ": "), std::string::npos) << faults;
    EXPECT_NE(faults.find(what), std::string::npos) << faults;
  }

  const auth::ScratchDirectory folder_;
};

TEST_F(ConfigFilesTest, FindsNothingWhereAllIsWell) { EXPECT_EQ(Faults(), ""); }

TEST_F(ConfigFilesTest, FindsMissingFilesAndFolders) {
  std::filesystem::remove(At("secrets/lookup.key"));
  std::filesystem::remove(At("tls/insurer-ca.pem"));
  std::filesystem::remove(At("jpki/crl"));
  ExpectFault("[keys] lookup", "lookup.key cannot be opened");
  ExpectFault("[insurer] client_ca", "insurer-ca.pem cannot be read");
  ExpectFault("[cards] crl_directory", "is no folder that can be read");
}

TEST_F(ConfigFilesTest, FindsThatTheAuditHeadHasNoFolder) {
  const std::string line = "# last_seen_head = \"/var/lib/kakunin/audit-head\"";
  EXPECT_EQ(Faults(line, "last_seen_head = \"tls/audit-head\""), "");
  const std::string faults = Faults(line, "last_seen_head = \"none/audit-head\"");
  EXPECT_NE(faults.find("[audit] last_seen_head: the folder of"), std::string::npos) << faults;
}

TEST_F(ConfigFilesTest, FindsSecretsThatOthersMayRead) {
  for (const mode_t mode : {0644, 0640, 0660}) {
    ASSERT_EQ(chmod(At("secrets/audit.key").c_str(), mode), 0);
    ASSERT_EQ(chmod(At("tls/server.key").c_str(), mode), 0);
    ExpectFault("[keys] audit", fmt::format("has mode {:04o}", mode));
    ExpectFault("[terminal] server_key", fmt::format("has mode {:04o}", mode));
  }
  ASSERT_EQ(chmod(At("secrets/audit.key").c_str(), 0400), 0);
  ASSERT_EQ(chmod(At("tls/server.key").c_str(), 0600), 0);
  EXPECT_EQ(Faults(), "");
}

TEST_F(ConfigFilesTest, FindsAKeyThatIsTooShort) {
  for (const size_t octets : {0, 5, 31}) {
    std::ofstream(At("secrets/handle.key"), std::ios::trunc) << std::string(octets, 'k');
    ExpectFault("[keys] handle", fmt::format("has {} octets", octets));
  }
  std::ofstream(At("secrets/handle.key"), std::ios::trunc) << std::string(32, 'k');
  EXPECT_EQ(Faults(), "");
}

TEST_F(ConfigFilesTest, FindsOneKeyInTwoFiles) {
  std::filesystem::copy_file(At("secrets/lookup.key"), At("secrets/audit.key"),
                             std::filesystem::copy_options::overwrite_existing);
  ExpectFault("[keys] audit", "holds the same key as lookup");
}

TEST_F(ConfigFilesTest, FindsAServerKeyThatIsNotTheCertificates) {
  std::filesystem::remove(At("tls/server.key"));
  ASSERT_TRUE(auth::PrivateKey::GenerateP256().Save(At("tls/server.key")).ok());
  ExpectFault("[operator] server_key", "is not the key of server_certificate");
}

TEST_F(ConfigFilesTest, FindsFaultsOfTheWebPort) {
  const auto faults = [&] {
    return Faults("\n[admin]\n",
                  "\n[web]\naddress = \"0.0.0.0:443\"\ncertificate = \"tls/web.pem\"\n"
                  "key = \"tls/web.key\"\npublic_url = \"https://uketsuke.example.jp\"\n"
                  "\n[admin]\n");
  };
  EXPECT_EQ(faults(), "");
  std::filesystem::remove(At("tls/web.key"));
  ASSERT_TRUE(auth::PrivateKey::GenerateP256().Save(At("tls/web.key")).ok());
  EXPECT_NE(faults().find("[web] key: "), std::string::npos);
  EXPECT_NE(faults().find("is not the key of certificate"), std::string::npos);
  std::filesystem::remove(At("tls/web.key"));
  EXPECT_NE(faults().find("web.key cannot be opened"), std::string::npos);
  std::filesystem::remove(At("tls/web.pem"));
  EXPECT_NE(faults().find("[web] certificate: "), std::string::npos);
}

TEST_F(ConfigFilesTest, FindsWhatIsNoPem) {
  std::ofstream(At("tls/server.pem")) << "not a certificate";
  std::ofstream(At("tls/server.key"), std::ios::trunc) << "not a key";
  ExpectFault("[insurer] server_certificate", "holds no certificate");
  ExpectFault("[insurer] server_key", "holds no private key");
}

TEST_F(ConfigFilesTest, FindsCasByWhichAListenerBehindAProxyCannotJudge) {
  const std::string direct = "# behind_proxy = false ";
  const std::string behind =
      "behind_proxy = true\nproxy_fingerprint = \"" + std::string(64, 'a') + "\"\n# ";
  EXPECT_EQ(Faults(direct, behind), "");
  std::ofstream(At("tls/terminal-ca.pem"), std::ios::app) << auth::CertificatePem("no certificate");
  EXPECT_EQ(Faults(), "");  // of a direct listener TLS judges
  const std::string faults = Faults(direct, behind);
  EXPECT_NE(faults.find("[terminal] client_ca: "), std::string::npos) << faults;
  EXPECT_NE(faults.find("is not strict DER"), std::string::npos) << faults;
}

TEST_F(ConfigFilesTest, FindsAPasswordThatOthersMayRead) {
  const std::string from = "# password_file = \"secrets/terminal\"";
  std::ofstream(At("secrets/terminal")) << "secret";
  ASSERT_EQ(chmod(At("secrets/terminal").c_str(), 0644), 0);
  const std::string faults = Faults(from, from.substr(2));
  EXPECT_NE(faults.find("[terminal] password_file: "), std::string::npos) << faults;
  EXPECT_EQ(faults.find("secret\n"), std::string::npos);
  ASSERT_EQ(chmod(At("secrets/terminal").c_str(), 0600), 0);
  EXPECT_EQ(Faults(from, from.substr(2)), "");
}

}  // namespace
}  // namespace kakunin
