// `kakunin disaster` and what a terminal does with it, by the real binary on a running sandbox.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/dev/child_process.h"
#include "tests/e2e/sandbox_fixture.h"

namespace kakunin::e2e {
namespace {

using Words = std::vector<std::string>;

constexpr char kFacility[] = "1310000003";

// What a member of the program's JSON says; empty when it is not there.
std::string Field(const std::string& json, const std::string& name) {
  const std::string before = "\"" + name + "\": \"";
  const size_t begin = json.find(before);
  if (begin == std::string::npos) return "";
  const size_t end = json.find('"', begin + before.size());
  return json.substr(begin + before.size(), end - begin - before.size());
}

class DisasterCommandTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { running_ = new RunningSandbox(/*persons=*/20); }
  static void TearDownTestSuite() {
    delete running_;
    running_ = nullptr;
  }

  static absl::StatusOr<std::string> Call(const Words& words, int port,
                                          const std::string& certificate) {
    const dev::SandboxPaths& paths = running_->paths();
    Words all = {KAKUNIN_BINARY};
    all.insert(all.end(), words.begin(), words.end());
    for (const std::string& word :
         {std::string("--server"), fmt::format("localhost:{}", port), std::string("--certificate"),
          paths.certificate(certificate).string(), std::string("--key"),
          paths.key(certificate).string(), std::string("--ca"), paths.ca("server").string()}) {
      all.push_back(word);
    }
    return dev::ChildProcess::Run(all);
  }
  static absl::StatusOr<std::string> Operator(const Words& words,
                                              const std::string& certificate = "operator") {
    return Call(words, running_->sandbox().ports().operators, certificate);
  }
  static absl::StatusOr<std::string> Desk(Words words) {
    for (const char* word : {"--role", "doctor", "--user", "dr-1"}) words.emplace_back(word);
    return Call(words, running_->sandbox().ports().terminal, dev::TerminalName(kFacility, "T1"));
  }
  static std::string Told(const absl::StatusOr<std::string>& output) {
    EXPECT_TRUE(output.ok()) << output.status();
    return output.value_or("");
  }

  static Words Search(const v1::CoverageRow& row) {
    return {"call",
            "disaster-search",
            "--name",
            row.name().original(),
            "--birth-date",
            fmt::format("{:04}-{:02}-{:02}", row.birth_date().year(), row.birth_date().month(),
                        row.birth_date().day()),
            "--sex",
            row.sex() == v1::SEX_MALE ? "male" : "female",
            "--address",
            row.address(),
            "--no-consent",
            "unconscious",
            "--json"};
  }

  static RunningSandbox* running_;
};

RunningSandbox* DisasterCommandTest::running_ = nullptr;

TEST_F(DisasterCommandTest, ARehearsalGoesTheWholeWay) {
  const v1::CoverageRow row =
      synth::FindTestPerson(running_->sandbox().nation_day(), "TP01").rows.back().row;
  EXPECT_FALSE(Desk(Search(row)).ok());

  Words propose = {"disaster",     "propose",
                   "--order",      "訓練1",
                   "--order-date", "2026-01-01",
                   "--from",       "2020-01-01T00:00:00+09:00",
                   "--to",         "2020-01-08T00:00:00+09:00",
                   "--kinds",      "drug,treatment",
                   "--facility",   kFacility,
                   "--rehearsal",  "--json"};
  EXPECT_FALSE(Operator(propose).ok());  // over
  const absl::Time now = absl::Now();
  propose[7] = absl::FormatTime(absl::RFC3339_sec, now - absl::Hours(1), absl::UTCTimeZone());
  propose[9] = absl::FormatTime(absl::RFC3339_sec, now + absl::Hours(24), absl::UTCTimeZone());
  EXPECT_NE(Told(Operator(propose)).find("\"facilities_reached\": 1"), std::string::npos);
  EXPECT_EQ(Told(Operator({"disaster", "list"})).find("訓練1"), std::string::npos);
  propose.emplace_back("--commit");
  const std::string id = Field(Told(Operator(propose)), "policy_id");
  ASSERT_FALSE(id.empty());
  const Words approve = {"disaster", "approve", "--policy", id, "--commit"};
  EXPECT_FALSE(Operator(approve).ok());
  Told(Operator(approve, "operator-2"));

  std::string found;
  for (int tries = 0; tries < 100 && found.empty(); ++tries) {
    found = Desk(Search(row)).value_or("");  // servers poll the registry four times a second
  }
  EXPECT_EQ(Field(found, "validity"), "VALIDITY_VALID") << found;
  EXPECT_NE(found.find("\"rehearsal\": true"), std::string::npos);
  const std::string view = Field(found, "view_handle");
  ASSERT_FALSE(view.empty());
  EXPECT_NE(Told(Desk({"call", "records", "--handle", view})).find("REHEARSAL"), std::string::npos);
  EXPECT_NE(Told(Desk({"call", "abnormal-times"})).find(id), std::string::npos);

  const std::string report = Told(Operator({"disaster", "report", "--policy", id}));
  EXPECT_NE(report.find("search-patient"), std::string::npos) << report;
  EXPECT_NE(report.find("get-drug-history"), std::string::npos) << report;
  EXPECT_NE(report.find("unconscious"), std::string::npos) << report;
  Told(Operator({"disaster", "end", "--policy", id, "--commit"}));
  EXPECT_NE(Told(Operator({"disaster", "show", "--policy", id})).find("ended"), std::string::npos);
}

}  // namespace
}  // namespace kakunin::e2e
