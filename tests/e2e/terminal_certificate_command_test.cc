// A terminal's certificate from the code to the renewal, by the command line of the real binary.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>

#include "auth/encoding.h"
#include "auth/issuance.h"
#include "server/text_file.h"
#include "tests/e2e/sandbox_fixture.h"

namespace kakunin::e2e {
namespace {

constexpr char kFacility[] = "1310000003";
constexpr char kTerminal[] = "NEW-1";

class TerminalCertificateCommandTest : public testing::Test {
 protected:
  TerminalCertificateCommandTest() { LetSecondOperatorIn(); }

  // Run is `kakunin ARGUMENTS`: what it says on both streams.
  std::string Run(const std::vector<std::string>& arguments) {
    std::string command = KAKUNIN_BINARY;
    for (const std::string& argument : arguments) command += " '" + argument + "'";
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    std::string said;
    std::array<char, 4096> octets;
    for (size_t got = 0; (got = fread(octets.data(), 1, octets.size(), pipe)) > 0;) {
      said.append(octets.data(), got);
    }
    ok_ = pclose(pipe) == 0;
    return said;
  }
  // As is `kakunin ...` of an operator, by the names of his files in `tls`.
  std::string As(const std::string& name, std::vector<std::string> arguments) {
    return Connected(std::move(arguments), running_.sandbox().ports().operators,
                     paths().certificate(name), paths().key(name));
  }
  std::string Connected(std::vector<std::string> arguments, int port,
                        const std::filesystem::path& certificate,
                        const std::filesystem::path& key) {
    for (const std::string& argument :
         {std::string("--server"), "localhost:" + std::to_string(port),
          std::string("--certificate"), certificate.string(), std::string("--key"), key.string(),
          std::string("--ca"), paths().ca("server").string()}) {
      arguments.push_back(argument);
    }
    return Run(std::move(arguments));
  }
  // The sandbox has one operator; approval needs another.
  void LetSecondOperatorIn() {
    const auto key = auth::PrivateKey::Load(paths().ca_key("operator"));
    const auto der = auth::PemDecode("CERTIFICATE", FileText(paths().ca("operator")));
    const auto ca = auth::AuthorityFromCertificate(*key, *der);
    const auth::PrivateKey own = auth::PrivateKey::GenerateP256();
    ASSERT_TRUE(own.Save(paths().key("second")).ok());
    const std::string certificate = auth::CertificatePem(auth::IssueClient(
        *ca, own, {"spiffe://sandbox.kakunin.example/operator/second"}, "second",
        auth::RandomSerial(), absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(24)));
    ASSERT_TRUE(ReplaceTextFile(paths().certificate("second"), certificate).ok());
    Run({"migrate", "operator", "--database",
         fmt::format("host={} dbname=kakunin user=kakunin_migrate", running_.socket_folder()),
         "--name", "second", "--certificate", paths().certificate("second").string(), "--commit"});
    ASSERT_TRUE(ok_);
    // Servers look for what is new four times a second, later on a machine that is busy.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      As("second", {"terminal", "requests"});
    } while (!ok_ && std::chrono::steady_clock::now() < end);
    ASSERT_TRUE(ok_);
  }
  std::string Enrol(const std::string& code, const std::filesystem::path& folder,
                    std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "terminal", "enrol",
        "--server", "localhost:" + std::to_string(running_.sandbox().ports().onboarding),
        "--ca",     paths().ca("server").string(),
        "--code",   code,
        "--out",    folder.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(std::move(arguments));
  }
  std::string Sign(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"ca",
                                          "sign",
                                          "--ca-key",
                                          paths().ca_key("terminal").string(),
                                          "--ca-certificate",
                                          paths().ca("terminal").string(),
                                          "--trust-domain",
                                          "sandbox.kakunin.example",
                                          "--clock-offset-file",
                                          paths().clock_offset().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return As("operator", std::move(arguments));
  }
  // The call of a desk that shows a certificate.
  std::string Confirm(const std::filesystem::path& folder) {
    return Connected(
        {"call", "confirm-number", "--insurer", "06139992", "--symbol", "1", "--number", "1",
         "--birth-date", "1970-01-01", "--clock-offset-file", paths().clock_offset().string()},
        running_.sandbox().ports().terminal, folder / "terminal.pem", folder / "terminal.key");
  }
  static unsigned ModeOf(const std::filesystem::path& file) {
    struct stat status {};
    return stat(file.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  }
  static std::string Match(const std::string& text, const char* pattern) {
    std::smatch match;
    return std::regex_search(text, match, std::regex(pattern)) ? match[1].str() : "";
  }
  const dev::SandboxPaths& paths() const { return running_.paths(); }

  RunningSandbox running_{/*persons=*/20};
  bool ok_ = false;
};

TEST_F(TerminalCertificateCommandTest, FromTheCodeToTheRenewalByTheCommandLineAlone) {
  // An authority of one's own is made once, and its key is its owner's.
  const std::string ca_folder = (paths().root() / "ca-next").string();
  Run({"ca", "init", "--out", ca_folder, "--name", "next"});
  EXPECT_TRUE(ok_);
  EXPECT_EQ(ModeOf(ca_folder + "/ca.key"), 0600u);
  Run({"ca", "init", "--out", ca_folder, "--name", "next"});
  EXPECT_FALSE(ok_) << "a key is never overwritten";

  const std::vector<std::string> issue = {"terminal", "issue-code", "--facility",
                                          kFacility,  "--terminal", kTerminal};
  EXPECT_NE(As("operator", issue).find("would issue"), std::string::npos);
  std::vector<std::string> committed = issue;
  committed.emplace_back("--commit");
  const std::string issued = As("operator", committed);
  const std::string code = Match(issued, R"((\w{4}(-\w{4}){5}))");
  ASSERT_EQ(code.size(), 29u) << issued;

  const std::filesystem::path folder = paths().root() / "enrolled";
  const std::string submitted = Enrol(code, folder);
  EXPECT_TRUE(ok_) << submitted;
  const std::string key = Match(submitted, "([0-9a-f]{64})");
  ASSERT_EQ(key.size(), 64u) << submitted;
  EXPECT_EQ(ModeOf(folder / "terminal.key"), 0600u);

  const std::string listed = As("second", {"terminal", "requests"});
  const std::string request = Match(listed, R"((\w{8}-\w{4}-\w{4}-\w{4}-\w{12}))");
  EXPECT_NE(listed.find(key), std::string::npos) << listed;
  const std::vector<std::string> approve = {"terminal",          "approve", "--request", request,
                                            "--key-fingerprint", key,       "--commit"};
  EXPECT_NE(As("operator", approve).find("CERTIFICATE_REQUEST_SAME_OPERATOR"), std::string::npos);
  EXPECT_NE(As("second", approve).find("approved"), std::string::npos);
  EXPECT_NE(As("operator", {"ca", "pending"}).find(request), std::string::npos);
  EXPECT_NE(Sign().find("would sign"), std::string::npos);
  // The code is of no use to anybody else by now.
  EXPECT_NE(Enrol(code, paths().root() / "thief").find("ENROLMENT_CODE_USED"), std::string::npos);
  EXPECT_NE(Enrol(code, folder).find("発行を待っています"), std::string::npos);
  const std::string signed_now = Sign({"--months", "2", "--commit"});
  EXPECT_NE(signed_now.find("(signed)"), std::string::npos) << signed_now;

  ASSERT_TRUE(ReplaceTextFile(folder / "password", "a word\n").ok());
  std::filesystem::permissions(folder / "password", std::filesystem::perms::owner_read);
  const std::string received =
      Enrol(code, folder,
            {"--pkcs12", (folder / "bundle.p12").string(), "--pkcs12-password-file",
             (folder / "password").string(), "--legacy", "--wait", "30"});
  EXPECT_NE(received.find("(received)"), std::string::npos) << received;
  EXPECT_TRUE(std::filesystem::exists(folder / "bundle.p12"));

  // Two months are within ninety days: the answer warns, and the renewal is open.
  std::string answer = Confirm(folder);
  EXPECT_TRUE(ok_) << answer;
  EXPECT_NE(answer.find("端末の電子証明書の有効期限まであと"), std::string::npos) << answer;
  const std::filesystem::path next = paths().root() / "renewed";
  const auto renew = [&](const char* wait) {
    return Connected({"terminal", "renew", "--out", next.string(), "--wait", wait},
                     running_.sandbox().ports().terminal, folder / "terminal.pem",
                     folder / "terminal.key");
  };
  const std::string asked = renew("0");
  EXPECT_TRUE(ok_) << asked;
  EXPECT_NE(asked.find("発行を待っています"), std::string::npos) << asked;
  EXPECT_NE(Sign({"--commit"}).find("(signed)"), std::string::npos);
  EXPECT_NE(renew("30").find("(received)"), std::string::npos);
  answer = Confirm(next);
  EXPECT_TRUE(ok_) << answer;
  EXPECT_EQ(answer.find("端末の電子証明書の有効期限まであと"), std::string::npos) << answer;
  Confirm(folder);
  EXPECT_TRUE(ok_) << "the old one still counts";

  const auto about = [&](const char* what, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"terminal",   what,      "--facility", kFacility,
                                          "--terminal", kTerminal, "--commit"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return As("operator", std::move(arguments));
  };
  EXPECT_NE(about("end-overlap").find("1件"), std::string::npos);
  const auto awaited = [&](const std::filesystem::path& shown, const std::string& wanted) {
    std::string said;
    for (int i = 0; i < 20; ++i) {
      said = Confirm(shown);
      if (said.find(wanted) != std::string::npos) return true;
    }
    ADD_FAILURE() << said;
    return false;
  };
  EXPECT_TRUE(awaited(folder, "CERTIFICATE_EXPIRED"));
  EXPECT_NE(about("suspend", {"--reason", "mislaid"}).find("suspended"), std::string::npos);
  EXPECT_TRUE(awaited(next, "TERMINAL_SUSPENDED"));
  EXPECT_NE(about("resume").find("resumed"), std::string::npos);
  EXPECT_TRUE(awaited(next, "該当資格なし"));
  EXPECT_NE(about("revoke", {"--reason", "lost"}).find("revoked"), std::string::npos);
  EXPECT_TRUE(awaited(next, "TERMINAL_REVOKED"));
}

}  // namespace
}  // namespace kakunin::e2e
