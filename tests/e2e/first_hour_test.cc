// A facility's first hour, from its registration to its first real patient, by the command line of
// the real binary alone. docs/joining.md shows what it says.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>

#include "auth/encoding.h"
#include "auth/issuance.h"
#include "domain/civil_day.h"
#include "server/synth/test_persons.h"
#include "server/text_file.h"
#include "tests/e2e/sandbox_fixture.h"

namespace kakunin::e2e {
namespace {

constexpr char kFacility[] = "1319990001";  // nobody's
using Words = std::vector<std::string>;

class FirstHourTest : public testing::Test {
 protected:
  FirstHourTest() { LetSecondOperatorIn(); }

  // Run is `kakunin WORDS CONNECTION`: what it says on both streams. The words, and what was said,
  // are kept for the document; who is connected how is not.
  std::string Run(const Words& words, const Words& connection = {}) {
    std::string command = KAKUNIN_BINARY;
    std::string shown = "kakunin";
    for (const std::string& word : words) {
      command += " '" + word + "'";
      shown += " " + Shortened(word);
    }
    for (const std::string& word : connection) command += " '" + word + "'";
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    std::string said;
    std::array<char, 4096> octets;
    for (size_t got = 0; (got = fread(octets.data(), 1, octets.size(), pipe)) > 0;) {
      said.append(octets.data(), got);
    }
    ok_ = pclose(pipe) == 0;
    transcript_ += fmt::format("$ {}\n{}", shown, said);
    return said;
  }
  // Paths of this run mean nothing to a reader.
  std::string Shortened(const std::string& word) const {
    const std::string root = paths().root().string();
    const size_t at = word.find(root);
    return at == std::string::npos ? word : word.substr(0, at) + word.substr(at + root.size() + 1);
  }
  Words At(int port, const std::filesystem::path& certificate = {},
           const std::filesystem::path& key = {}) const {
    Words words = {"--server", "localhost:" + std::to_string(port), "--ca",
                   paths().ca("server").string()};
    if (!certificate.empty()) {
      words.insert(words.end(), {"--certificate", certificate.string(), "--key", key.string()});
    }
    return words;
  }
  // The three who act: the facility before and after it has a certificate, and operators.
  std::string Facility(const Words& words) {
    return Run(words, At(running_.sandbox().ports().onboarding));
  }
  std::string Terminal(Words words) {
    Words connection = At(running_.sandbox().ports().terminal, folder() / "terminal.pem",
                          folder() / "terminal.key");
    connection.insert(connection.end(), {"--clock-offset-file", paths().clock_offset().string()});
    return Run(words, connection);
  }
  std::string Operator(const std::string& name, const Words& words) {
    return Run(words, At(running_.sandbox().ports().operators, paths().certificate(name),
                         paths().key(name)));
  }
  // The sandbox has one operator; approvals need another.
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
    ASSERT_TRUE(ok_) << transcript_;
    // Servers look for what is new four times a second, later on a machine that is busy.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      Operator("second", {"terminal", "requests"});
    } while (!ok_ && std::chrono::steady_clock::now() < end);
    ASSERT_TRUE(ok_) << transcript_;
    transcript_.clear();
  }
  std::string Secret(const std::string& name, const std::string& text) {
    const std::filesystem::path file = paths().root() / name;
    EXPECT_TRUE(ReplaceTextFile(file, text + "\n").ok());
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file.string();
  }
  void Say(const std::string& what) { transcript_ += "\n# " + what + "\n"; }
  static std::string Match(const std::string& text, const char* pattern) {
    std::smatch match;
    return std::regex_search(text, match, std::regex(pattern)) ? match[1].str() : "";
  }
  std::filesystem::path folder() const { return paths().root() / "new-terminal"; }
  const dev::SandboxPaths& paths() const { return running_.paths(); }

  Words ByNumber(const char* person) const {
    const synth::TestAsk ask = synth::FindTestPerson(running_.sandbox().nation_day(), person).ask;
    return {"call",     "confirm-number",  "--insurer",    ask.insurer_number,
            "--symbol", ask.symbol,        "--number",     ask.number,
            "--branch", ask.branch_number, "--birth-date", absl::FormatCivilTime(ask.birth_date)};
  }

  mutable RunningSandbox running_{/*persons=*/20};
  bool ok_ = false;
  std::string transcript_;
};

TEST_F(FirstHourTest, FromTheRegistrationToTheFirstRealPatient) {
  // Whom the sandbox published and is taken back is as real as anybody.
  const synth::TestPerson real = synth::FindTestPerson(running_.sandbox().nation_day(), "SD01");
  Operator("operator", {"facility", "test-person", "--number-file",
                        Secret("number", real.individual_number), "--withdraw", "--commit"});
  ASSERT_TRUE(ok_) << transcript_;
  transcript_.clear();

  Say("the facility asks for an account; an operator confirms it, and mails the password");
  const std::string account = Match(
      Facility({"onboarding", "register", "--facility", kFacility, "--name", "見本診療所", "--type",
                "clinic", "--prefecture", "13", "--mail", "jimu@clinic.example.jp"}),
      "(acc-[0-9a-f]{12})");
  ASSERT_NE(account, "") << transcript_;
  const std::string password = Match(
      Operator("operator", {"facility", "applicant", "confirm", "--account", account, "--commit"}),
      R"(: (\S{4}-\S{4}-\S{4}-\S{4}))");
  ASSERT_NE(password, "") << transcript_;
  const std::string session = (paths().root() / "session").string();
  const std::string one_time = Secret("one-time", password);
  const std::string own = Secret("own", "sakura-no-ki-no-shita");
  Facility({"onboarding", "login", "--account", account, "--password-file", one_time, "--session",
            session});
  ASSERT_TRUE(ok_) << transcript_;
  Facility({"onboarding", "password", "--password-file", one_time, "--new-password-file", own,
            "--session", session});
  ASSERT_TRUE(ok_) << transcript_;

  Say("it applies; another operator approves");
  const std::string month =
      absl::FormatCivilTime(absl::CivilMonth(running_.sandbox().nation_day()) + 1);
  const std::string file =
      Secret("clinic.toml", fmt::format("facility_code = \"{}\"\nfacility_type = \"clinic\"\n"
                                        "introduction_type = \"full\"\nline_kind = \"ipsec-ike\"\n"
                                        "start_month = \"{}\"\nonline_claims = \"in-use\"",
                                        kFacility, month));
  const std::string id = Match(Facility({"onboarding", "apply", file, "--session", session}),
                               R"((\w{8}-\w{4}-\w{4}-\w{4}-\w{12}))");
  ASSERT_NE(id, "") << transcript_;
  const Words approve = {"facility", "application", "approve", "--application",
                         id,         "--version",   "1",       "--commit"};
  EXPECT_NE(Operator("operator", approve).find("APPLICATION_SAME_OPERATOR"), std::string::npos);
  EXPECT_NE(Operator("second", approve).find("OPERATION_TEST"), std::string::npos);
  ASSERT_TRUE(ok_) << transcript_;

  Say("its terminal gets a certificate");
  const std::string code =
      Match(Operator("operator", {"terminal", "issue-code", "--facility", kFacility, "--terminal",
                                  "T1", "--kind", "desk", "--commit"}),
            R"((\w{4}(-\w{4}){5}))");
  ASSERT_NE(code, "") << transcript_;
  const auto enrol = [&](const char* wait) {
    return Facility(
        {"terminal", "enrol", "--code", code, "--out", folder().string(), "--wait", wait});
  };
  const std::string key = Match(enrol("0"), "([0-9a-f]{64})");
  ASSERT_NE(key, "") << transcript_;
  const std::string request =
      Match(Operator("second", {"terminal", "requests"}), R"((\w{8}-\w{4}-\w{4}-\w{4}-\w{12}))");
  Operator("second",
           {"terminal", "approve", "--request", request, "--key-fingerprint", key, "--commit"});
  Operator("operator",
           {"ca", "sign", "--ca-key", paths().ca_key("terminal").string(), "--ca-certificate",
            paths().ca("terminal").string(), "--trust-domain", "sandbox.kakunin.example",
            "--clock-offset-file", paths().clock_offset().string(), "--commit"});
  ASSERT_TRUE(ok_) << transcript_;
  EXPECT_NE(enrol("30").find("(received)"), std::string::npos) << transcript_;

  Say("the operation test: a test person is there, a real one is not");
  std::string said = Terminal(ByNumber("TP01"));
  EXPECT_TRUE(ok_) << said;
  EXPECT_NE(said.find("運用テスト中"), std::string::npos) << said;
  said = Terminal(ByNumber("SD01"));
  EXPECT_EQ(said.find("厚労"), std::string::npos) << said;
  EXPECT_NE(Facility({"onboarding", "request-start", "--application", id, "--session", session})
                .find("OPERATION_TEST_INCOMPLETE"),
            std::string::npos);

  Say("the rest of the checklist");
  said = Terminal({"call", "confirm-card", "--card-certificate",
                   paths().card_certificate("TP01").string(), "--card-key",
                   paths().card_key("TP01").string(), "--verification", "face", "--agree",
                   "drug,health-check", "--json"});
  const std::string handle = Match(said, R"re("patient_handle": "([^"]+)")re");
  ASSERT_NE(handle, "") << said;
  for (const char* kind : {"drugs", "health-checks"}) {
    Terminal({"call", "records", "--kind", kind, "--handle", handle, "--role", "DOCTOR"});
    EXPECT_TRUE(ok_) << transcript_;
  }
  Terminal({"call", "reference-number", "set", "A-0001", "--patient", handle});
  EXPECT_TRUE(ok_) << transcript_;
  Terminal({"call", "reception-links", "create", "--form-of-care", "home-visit", "--role",
            "ADMINISTRATOR"});
  EXPECT_TRUE(ok_) << transcript_;
  const synth::TestAsk ask = synth::FindTestPerson(running_.sandbox().nation_day(), "TP01").ask;
  const std::string list = Secret(
      "booked.csv", fmt::format("row_id,insurer_number,symbol,number,branch_number,birth_date\n"
                                "1,{},{},{},{},{}",
                                ask.insurer_number, ask.symbol, ask.number, ask.branch_number,
                                absl::FormatCivilTime(ask.birth_date)));
  const std::string reception =
      Match(Terminal({"call", "bulk", "submit", list}), R"(受付番号\s*\|\s*([-\w]{36}))");
  EXPECT_NE(reception, "") << transcript_;
  for (int i = 0; i < 50; ++i) {
    const std::string before = transcript_;
    const std::string results =
        Terminal({"call", "bulk", "results", "--reception-number", reception});
    if (ok_ && results.find("有効") != std::string::npos) break;
    transcript_ = before;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }

  Say("start of use");
  // What was answered is written down by a thread of its own.
  for (int i = 0; i < 50; ++i) {
    const std::string before = transcript_;
    said = Facility({"onboarding", "request-start", "--application", id, "--session", session});
    if (ok_) break;
    transcript_ = before;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_TRUE(ok_) << said
                   << Facility({"onboarding", "show", "--application", id, "--session", session});
  EXPECT_NE(
      Operator("second", {"facility", "application", "start", "--application", id, "--commit"})
          .find("IN_USE"),
      std::string::npos);
  for (int i = 0; i < 50; ++i) {
    const std::string before = transcript_;
    said = Terminal(ByNumber("SD01"));
    if (said.find("厚労") != std::string::npos) break;
    transcript_ = before;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_NE(said.find("厚労"), std::string::npos) << said;
  EXPECT_EQ(said.find("運用テスト中"), std::string::npos) << said;
  Facility({"onboarding", "show", "--application", id, "--session", session});
  Facility({"onboarding", "news", "--session", session});
  EXPECT_TRUE(ok_) << transcript_;
  if (const char* out = std::getenv("KAKUNIN_FIRST_HOUR")) {
    EXPECT_TRUE(ReplaceTextFile(out, transcript_).ok());
  }
}

}  // namespace
}  // namespace kakunin::e2e
