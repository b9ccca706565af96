// `kakunin person` with the real binary against a running sandbox: cases of mistaken identity from
// the delivery to the release, and every repair of who is who with its two operators.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "auth/encoding.h"
#include "server/dev/card_authorities.h"
#include "server/dev/child_process.h"
#include "server/dev/service_certificates.h"
#include "server/synth/identity_numbers.h"
#include "server/synth/nation_files.h"
#include "tests/e2e/sandbox_fixture.h"

namespace kakunin::e2e {
namespace {

// What an option of the program's JSON says; empty when it is not there.
std::string Field(const std::string& json, const std::string& name) {
  const std::string before = "\"" + name + "\": \"";
  const size_t begin = json.find(before);
  if (begin == std::string::npos) return "";
  const size_t end = json.find('"', begin + before.size());
  return json.substr(begin + before.size(), end - begin - before.size());
}

class PersonCommandTest : public testing::Test {
 protected:
  using Words = std::vector<std::string>;

  static void SetUpTestSuite() {
    running_ = new RunningSandbox(/*persons=*/20);
    LetSecondOperatorIn();
  }
  static void TearDownTestSuite() {
    delete running_;
    running_ = nullptr;
  }

  static const dev::SandboxPaths& paths() { return running_->paths(); }
  static dev::SandboxPaths SecondPaths() { return dev::SandboxPaths(paths().root() / "second"); }

  // The sandbox has one operator: another of the same CA is made in a folder of its own.
  static void LetSecondOperatorIn() {
    const dev::SandboxPaths second = SecondPaths();
    std::filesystem::create_directories(second.ca("operator").parent_path());
    std::filesystem::copy_file(paths().ca("operator"), second.ca("operator"));
    std::filesystem::copy_file(paths().ca_key("operator"), second.ca_key("operator"));
    const auto certificates = dev::ServiceCertificates::Open(second, absl::Now());
    ASSERT_TRUE(certificates.ok()) << certificates.status();
    ASSERT_TRUE(certificates->Operator("second").ok());
    ASSERT_TRUE(dev::ChildProcess::Run({KAKUNIN_BINARY, "migrate", "operator", "--config",
                                        paths().config(), "--name", "second", "--certificate",
                                        second.certificate("operator"), "--commit"})
                    .ok());
    // Servers poll the registry four times a second.
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }

  // Runs a subcommand against a port, as whoever the certificate names.
  static absl::StatusOr<std::string> Call(const Words& words, int port,
                                          const dev::SandboxPaths& whose,
                                          const std::string& certificate) {
    Words all = {KAKUNIN_BINARY};
    all.insert(all.end(), words.begin(), words.end());
    for (const std::string& word :
         {std::string("--server"), fmt::format("localhost:{}", port), std::string("--certificate"),
          whose.certificate(certificate).string(), std::string("--key"),
          whose.key(certificate).string(), std::string("--ca"), paths().ca("server").string()}) {
      all.push_back(word);
    }
    return dev::ChildProcess::Run(all);
  }
  static absl::StatusOr<std::string> AsInsurer(const Words& words) {
    return Call(words, running_->sandbox().ports().insurer, paths(), dev::InsurerName(kInsurer));
  }
  static absl::StatusOr<std::string> AsOperator(const Words& words) {
    return Call(words, running_->sandbox().ports().operators, paths(), "operator");
  }
  static absl::StatusOr<std::string> AsSecond(const Words& words) {
    return Call(words, running_->sandbox().ports().operators, SecondPaths(), "operator");
  }
  // Its output; a failure when it fails.
  static std::string Told(const absl::StatusOr<std::string>& output) {
    EXPECT_TRUE(output.ok()) << output.status();
    return output.value_or("");
  }

  static synth::TestPerson Person(const std::string& id) {
    return synth::FindTestPerson(running_->sandbox().nation_day(), id);
  }
  // The person's first coverage as options name it.
  static std::string CoverageOf(const std::string& id) {
    const synth::InsurerRow row = Person(id).rows.at(0);
    return synth::Insurers()[row.insurer].number + ":" + row.row.coverage_reference();
  }
  static int CoveragesByCard(const std::string& id) {
    Desk desk(paths(), running_->sandbox().ports().terminal);
    v1::ConfirmByCardResponse answer;
    const grpc::Status status =
        desk.ByCard(running_->TestCard(id), running_->sandbox().nation_day(), answer);
    EXPECT_TRUE(status.ok()) << id << " " << status.error_message();
    return answer.coverages_size();
  }
  // State of a repair, as `person show` tells it.
  static std::string StateOf(const std::string& repair) {
    return Field(Told(AsOperator({"person", "show", "--repair-id", repair, "--json"})), "state");
  }

  static std::string File(const std::string& name, const std::string& text) {
    const auto path = paths().root() / name;
    std::ofstream(path) << text;
    return path;
  }

  static constexpr char kInsurer[] = "06139992";
  static RunningSandbox* running_;
};

RunningSandbox* PersonCommandTest::running_ = nullptr;

TEST_F(PersonCommandTest, ACaseIsListedShownSurveyedAndReleased) {
  const std::string file = File(
      "mistaken.csv",
      fmt::format("異動区分,資格管理番号,個人番号,被保険者証区分,記号,番号,枝番,氏名,氏名カナ,性別,"
                  "生年月日,住所,資格取得年月日\n"
                  "NEW,E2E-1,{},GENERAL,900,9001,01,別人　花子,ベツジン　ハナコ,FEMALE,1990-09-09,"
                  "東京都みどり野市緑町9丁目9番9号,2026-04-01\n",
                  Person("TP01").individual_number));
  const std::string pushed =
      Told(AsInsurer({"feed", "push", file, "--kind", "coverages", "--json"}));
  EXPECT_EQ(Field(pushed, "feed_number"), "2");  // the sandbox's own was 1
  EXPECT_EQ(Field(pushed, "hidden_rows"), "1");
  const std::string report =
      Told(AsInsurer({"feed", "report", "--kind", "coverages", "--number", "2", "--json"}));
  EXPECT_EQ(Field(report, "reason"), "IDENTITY_MISMATCH");

  const std::string listed = Told(AsInsurer({"person", "case", "list", "--json"}));
  const std::string id = Field(listed, "case_id");
  ASSERT_FALSE(id.empty()) << listed;
  EXPECT_EQ(Field(listed, "coverage_reference"), "E2E-1");
  const std::string shown = Told(AsInsurer({"person", "case", "show", "--case-id", id}));
  EXPECT_NE(shown.find("OPEN"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("別人"), std::string::npos);

  // The operator sees whose it is and for how long, and no insurer's command.
  const std::string surveyed =
      Told(AsOperator({"person", "case", "survey", "--insurer", kInsurer, "--json"}));
  EXPECT_EQ(Field(surveyed, "case_id"), id);
  EXPECT_EQ(Field(surveyed, "insurer_number"), kInsurer);
  EXPECT_EQ(Field(Told(AsOperator({"person", "case", "survey", "--least-days", "1", "--json"})),
                  "case_id"),
            "");
  EXPECT_FALSE(AsInsurer({"person", "case", "survey"}).ok());

  const Words release = {"person", "case", "release", "--case-id", id, "--released-by", "係長"};
  Told(AsInsurer(release));
  EXPECT_EQ(Field(Told(AsInsurer({"person", "case", "list", "--json"})), "case_id"), "");
  const std::string ended = Told(AsInsurer({"person", "case", "list", "--ended", "--json"}));
  EXPECT_EQ(Field(ended, "state"), "IDENTITY_CASE_STATE_RELEASED");
  EXPECT_EQ(CoveragesByCard("TP01"), 2);
}

// A renewal that the card link provider delivers by mistake: its file, the desk, its undo.
TEST_F(PersonCommandTest, ADeliveredCardLinkSupersedesACardUntilItIsUndone) {
  const auto nation = synth::NationFiles::Open(paths().nation());
  ASSERT_TRUE(nation.ok()) << nation.status();
  const auto cards = dev::CardAuthorities::Open(paths(), nation->summary().options);
  ASSERT_TRUE(cards.ok()) << cards.status();
  const std::string number = Person("TP02").individual_number;
  v1::CardLink held;
  const absl::Status read =
      nation->ForEachCardLink(cards->IssuerKeyIds(), [&](const v1::CardLink& link) {
        if (link.individual_number() == number) held = link;
        return absl::OkStatus();
      });
  ASSERT_TRUE(read.ok()) << read;
  ASSERT_FALSE(held.serial().empty());
  ASSERT_EQ(CoveragesByCard("TP02"), 1);

  const std::string issuer = auth::HexEncode(held.issuer_key_id());
  const std::string file = File(
      "links.csv", fmt::format("個人番号,発行者鍵識別子,シリアル番号,媒体,置換前発行者鍵識別子,"
                               "置換前シリアル番号\n{},{},7fffffffffffff01,CARD,{},{}\n",
                               number, issuer, issuer, auth::HexEncode(held.serial())));
  const auto as_provider = [](const Words& words) {
    return Call(words, running_->sandbox().ports().insurer, paths(),
                dev::LinkProviderName(dev::kSandboxLinkProvider));
  };
  EXPECT_FALSE(AsInsurer({"feed", "push", file, "--kind", "card-links"}).ok());
  const std::string pushed =
      Told(as_provider({"feed", "push", file, "--kind", "card-links", "--json"}));
  EXPECT_EQ(Field(pushed, "feed_number"), "1");
  EXPECT_EQ(Field(pushed, "changed_rows"), "1");
  EXPECT_EQ(Field(pushed, "state"), "FEED_STATE_PUBLISHED");
  const auto by_card = [] {
    Desk desk(paths(), running_->sandbox().ports().terminal);
    v1::ConfirmByCardResponse answer;
    return desk.ByCard(running_->TestCard("TP02"), running_->sandbox().nation_day(), answer);
  };
  EXPECT_EQ(by_card().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  // Told once more it is the same feed.
  EXPECT_EQ(Field(Told(as_provider({"feed", "push", file, "--kind", "card-links", "--json"})),
                  "feed_number"),
            "1");
  Told(as_provider({"feed", "undo", "--kind", "card-links", "--number", "1", "--commit"}));
  EXPECT_EQ(CoveragesByCard("TP02"), 1);
  EXPECT_NE(Told(as_provider({"feed", "list"})).find("UNDONE"), std::string::npos);
}

TEST_F(PersonCommandTest, TwoPersonsAreMergedBySecondOperatorAndSplitAgain) {
  ASSERT_EQ(CoveragesByCard("TP24"), 1);
  Words merge = {"person",
                 "merge",
                 "--stays-coverage",
                 CoverageOf("TP24"),
                 "--given-up-coverage",
                 CoverageOf("TP30"),
                 "--proposed-by",
                 "係長"};
  Told(AsOperator(merge));  // looks
  EXPECT_EQ(Field(Told(AsOperator({"person", "list", "--waiting", "--json"})), "repair_id"), "");
  merge.insert(merge.end(), {"--commit", "--json"});
  const std::string merged = Field(Told(AsOperator(merge)), "repair_id");
  ASSERT_FALSE(merged.empty());
  EXPECT_EQ(Field(Told(AsOperator({"person", "list", "--waiting", "--json"})), "repair_id"),
            merged);
  EXPECT_EQ(StateOf(merged), "PERSON_REPAIR_STATE_PROPOSED");
  EXPECT_EQ(Field(Told(AsOperator({"person", "case", "survey", "--json"})), "kind"),
            "IDENTITY_CASE_KIND_TWO_ARE_ONE");

  Words approve = {"person", "approve", "--repair-id", merged, "--approved-by", "課長", "--commit"};
  EXPECT_FALSE(AsOperator(approve).ok());  // who proposed it
  EXPECT_EQ(StateOf(merged), "PERSON_REPAIR_STATE_PROPOSED");
  Told(AsSecond({"person", "approve", "--repair-id", merged, "--approved-by", "課長"}));  // looks
  EXPECT_EQ(StateOf(merged), "PERSON_REPAIR_STATE_PROPOSED");
  Told(AsSecond(approve));
  EXPECT_EQ(StateOf(merged), "PERSON_REPAIR_STATE_APPLIED");
  EXPECT_EQ(CoveragesByCard("TP24"), 2);

  const std::string split =
      Field(Told(AsOperator({"person", "split", "--person-coverage", CoverageOf("TP24"), "--undoes",
                             merged, "--proposed-by", "係長", "--commit", "--json"})),
            "repair_id");
  ASSERT_FALSE(split.empty());
  approve[3] = split;
  Told(AsSecond(approve));
  EXPECT_EQ(StateOf(split), "PERSON_REPAIR_STATE_APPLIED");
  EXPECT_EQ(CoveragesByCard("TP24"), 1);
  EXPECT_EQ(CoveragesByCard("TP30"), 1);
}

TEST_F(PersonCommandTest, AProposalIsWithdrawn) {
  const std::string merge =
      Field(Told(AsOperator({"person", "merge", "--stays-coverage", CoverageOf("TP27"),
                             "--given-up-coverage", CoverageOf("TP28"), "--proposed-by", "係長",
                             "--commit", "--json"})),
            "repair_id");
  Words withdraw = {"person", "withdraw", "--repair-id", merge, "--withdrawn-by", "課長"};
  Told(AsSecond(withdraw));  // looks
  EXPECT_EQ(StateOf(merge), "PERSON_REPAIR_STATE_PROPOSED");
  withdraw.push_back("--commit");
  Told(AsSecond(withdraw));
  EXPECT_EQ(StateOf(merge), "PERSON_REPAIR_STATE_WITHDRAWN");
  EXPECT_EQ(CoveragesByCard("TP27"), 1);
}

TEST_F(PersonCommandTest, AnIndividualNumberIsReplaced) {
  const std::string numbers =
      File("numbers.txt", fmt::format("{}\n{}\n", Person("TP08").individual_number,
                                      synth::IndividualNumberOf(/*seed=*/77, 4'000'000)));
  const std::string replaced =
      Field(Told(AsOperator({"person", "replace-number", "--numbers-file", numbers, "--day",
                             absl::FormatCivilTime(running_->sandbox().nation_day()),
                             "--proposed-by", "係長", "--commit", "--json"})),
            "repair_id");
  ASSERT_FALSE(replaced.empty());
  Told(AsSecond(
      {"person", "approve", "--repair-id", replaced, "--approved-by", "課長", "--commit"}));
  EXPECT_EQ(StateOf(replaced), "PERSON_REPAIR_STATE_APPLIED");
  EXPECT_EQ(CoveragesByCard("TP08"), 1);
}

}  // namespace
}  // namespace kakunin::e2e
