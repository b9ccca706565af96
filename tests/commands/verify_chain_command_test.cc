// `kakunin verify-chain --batch` by the real binary: one answer a question, in the questions'
// order.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "auth/encoding.h"
#include "tests/commands/run_kakunin.h"

namespace kakunin {
namespace {

using nlohmann::json;

constexpr char kShared[] = KAKUNIN_SOURCE_DIR "/tests/card_cases/shared/";
constexpr char kTime[] = "2026-11-21T12:00:00+09:00";

// What a file of the shared card case holds, as base64 DER.
std::string Base64Of(const std::string& file, const char* label) {
  std::ifstream stream(kShared + file, std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  const auto der = auth::PemDecode(label, content.str());
  return auth::Base64Encode(der ? *der : content.str());
}

// A good card with its root and CRL, to be changed.
json GoodCard() {
  return {{"anchors", {Base64Of("roots/generation_3.pem", "CERTIFICATE")}},
          {"chain", {Base64Of("certificate.pem", "CERTIFICATE")}},
          {"crls", {Base64Of("crls/home.crl", "X509 CRL")}},
          {"time", kTime}};
}

json With(json question, const char* name, json value) {
  question[name] = std::move(value);
  return question;
}

json Without(json question, const char* name) {
  question.erase(name);
  return question;
}

class VerifyChainBatchTest : public testing::Test {
 protected:
  ~VerifyChainBatchTest() override { std::filesystem::remove_all(folder_); }

  // Asks the lines as they stand; the lines of standard output alone.
  std::vector<std::string> Ask(const std::string& lines) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/questions") << lines;
    const std::string answers = folder_ + "/answers";
    // What Kakunin adds, to join the two outputs, becomes a comment.
    exit_code_ = Kakunin("verify-chain --batch < " + folder_ + "/questions > " + answers + " 2> " +
                         folder_ + "/messages #")
                     .exit_code;
    std::stringstream messages;
    messages << std::ifstream(folder_ + "/messages").rdbuf();
    messages_ = messages.str();
    std::vector<std::string> found;
    std::ifstream stream(answers);
    for (std::string line; std::getline(stream, line);) found.push_back(line);
    return found;
  }

  // Of one test: several run at once.
  const std::string folder_ = testing::TempDir() + "/verify-chain-" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
  int exit_code_ = -1;
  std::string messages_;  // what was said on standard error
};

TEST_F(VerifyChainBatchTest, AnswersInTheOrderOfTheQuestionsAndCarriesTheirIds) {
  std::string lines;
  std::vector<std::string> expected;
  const auto ask = [&](const json& id, const json& question, const std::string& verdict,
                       const std::string& reason) {
    lines += With(question, "id", id).dump() + "\n";
    expected.push_back("{\"id\":" + id.dump() + ",\"verdict\":\"" + verdict + "\",\"reason\":\"" +
                       reason + "\"}");
  };
  ask("b", GoodCard(), "accept", "NONE");
  ask("a", Without(GoodCard(), "crls"), "unavailable", "REVOCATION_MISSING");
  ask(7, With(GoodCard(), "time", "2019-01-01T00:00:00Z"), "reject", "ISSUER_NOT_VALID");
  ask({{"of", "an object"}}, With(Without(GoodCard(), "crls"), "no_revocation", true), "accept",
      "NONE");
  ask(json::array({1}), With(GoodCard(), "profile", "rfc5280"), "unavailable",
      "REVOCATION_MISSING");  // of the root there is none
  ask("患者", With(GoodCard(), "policies", {"1.2.3"}), "reject", "POLICY");
  ask(nullptr, With(GoodCard(), "anchors", json::array()), "reject", "ISSUER");
  ask("b", GoodCard(), "accept", "NONE");  // an id may come again
  EXPECT_EQ(Ask(lines), expected) << messages_;
  EXPECT_EQ(exit_code_, 0);
  EXPECT_EQ(messages_, "");
}

TEST_F(VerifyChainBatchTest, ALineThatIsNoQuestionIsAnsweredInItsPlaceAndTheOthersGoOn) {
  const std::string good = With(GoodCard(), "id", 1).dump();
  const std::string malformed = "\"verdict\":\"reject\",\"reason\":\"QUESTION_MALFORMED\"}";
  const std::string accepted = "{\"id\":1,\"verdict\":\"accept\",\"reason\":\"NONE\"}";
  const auto answers =
      Ask(good + "\nnot JSON\n" + good.substr(0, good.size() / 2) + "\n[]\n\n  \t\n" +
          With(GoodCard(), "chain", {"@@"}).dump() + "\n" +
          With(With(GoodCard(), "id", 2), "crl", json::array()).dump() + "\n" +
          With(With(GoodCard(), "id", 3), "time", "yesterday").dump() + "\r\n" + good);
  const std::vector<std::string> expected = {accepted,
                                             "{\"id\":null," + malformed,
                                             "{\"id\":null," + malformed,
                                             "{\"id\":null," + malformed,
                                             "{\"id\":null," + malformed,
                                             "{\"id\":2," + malformed,
                                             "{\"id\":3," + malformed,
                                             accepted};
  EXPECT_EQ(answers, expected);
  EXPECT_EQ(exit_code_, 0);
  // Standard error names the member, and no value.
  EXPECT_NE(messages_.find("an unknown member"), std::string::npos) << messages_;
  EXPECT_NE(messages_.find("time: RFC 3339"), std::string::npos);
  EXPECT_EQ(messages_.find("yesterday"), std::string::npos);
}

TEST_F(VerifyChainBatchTest, NoQuestionIsNoAnswer) {
  EXPECT_TRUE(Ask("").empty());
  EXPECT_EQ(exit_code_, 0);
}

}  // namespace
}  // namespace kakunin
