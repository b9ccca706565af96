#include "server/dev/demonstration.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/error.h"
#include "server/synth/facility_table.h"
#include "server/synth/test_persons.h"

namespace kakunin::dev {
namespace {

using Words = std::vector<std::string>;
using Settings = std::vector<std::pair<std::string, std::string>>;

// The desk terminal that asks, as the environment of `kakunin call`.
Settings DeskOf(const Sandbox& sandbox) {
  const std::string desk = TerminalName(synth::test_facility::kClinic, synth::test_facility::kDesk);
  const SandboxPaths& paths = sandbox.paths();
  return {{"KAKUNIN_SERVER", fmt::format("localhost:{}", sandbox.ports().terminal)},
          {"KAKUNIN_CERTIFICATE", paths.certificate(desk).string()},
          {"KAKUNIN_KEY", paths.key(desk).string()},
          {"KAKUNIN_CA", paths.ca("server").string()},
          {"KAKUNIN_CLOCK_OFFSET_FILE", paths.clock_offset().string()}};
}

Words ByCard(const SandboxPaths& paths, const std::string& person) {
  return {"call",
          "confirm-card",
          "--card-certificate",
          paths.card_certificate(person).string(),
          "--card-key",
          paths.card_key(person).string(),
          "--verification",
          "face",
          "--agree",
          "drug,health-check",
          "--decline",
          "surgery"};
}

Words ByNumber(const synth::TestAsk& ask) {
  Words words = {
      "call",     "confirm-number", "--insurer",    ask.insurer_number,
      "--number", ask.number,       "--birth-date", absl::FormatCivilTime(ask.birth_date)};
  if (!ask.symbol.empty()) words.insert(words.end(), {"--symbol", ask.symbol});
  if (!ask.branch_number.empty()) words.insert(words.end(), {"--branch", ask.branch_number});
  return words;
}

// Line is a command as one would type it. None of our words needs quoting but paths with spaces.
std::string Line(const Sandbox& sandbox, const Words& words) {
  std::string line = sandbox.binary();
  for (const std::string& word : words) {
    const bool plain = word.find_first_of(" '\"$&;()<>|*?\\") == std::string::npos;
    line += plain ? " " + word : " '" + word + "'";
  }
  return line;
}

absl::Status Show(const Sandbox& sandbox, const Settings& desk, const std::string& title,
                  Words words) {
  // `env` hands the settings over, so that the same words work here and when they are pasted.
  Words program = {"/usr/bin/env"};
  for (const auto& [name, value] : desk) program.push_back(name + "=" + value);
  program.push_back(sandbox.binary());
  fmt::print("\n== {}\n$ {}\n", title, Line(sandbox, words));
  for (const bool json : {false, true}) {
    if (json) words.push_back("--json");
    Words all = program;
    all.insert(all.end(), words.begin(), words.end());
    ASSIGN_OR_RETURN(const std::string answer, ChildProcess::Run(all));
    fmt::print("{}{}\n", json ? "\nJSON (--json):\n" : "", answer);
  }
  std::fflush(stdout);
  return absl::OkStatus();
}

void PrintWhatToPaste(const Sandbox& sandbox, const Settings& desk, const Words& by_card,
                      const Words& by_number) {
  fmt::print("== 次に試すコマンド (to paste into another terminal)\n");
  for (const auto& [name, value] : desk) fmt::print("export {}='{}'\n", name, value);
  const std::string config = sandbox.paths().config().string();
  fmt::print("{}\n{}\n", Line(sandbox, by_card), Line(sandbox, by_number));
  fmt::print("{}\n",
             Line(sandbox, ByNumber(synth::FindTestPerson(sandbox.nation_day(), "TP05").ask)));
  fmt::print("{}\n", Line(sandbox, ByCard(sandbox.paths(), "TP06")));
  fmt::print("{}\n",
             Line(sandbox, {"call", "reception-links", "create", "--form-of-care", "home-visit"}));
  fmt::print("{}\n", Line(sandbox, {"call", "health"}));
  fmt::print("{}\n", Line(sandbox, {"dev", "clock", "show", "--config", config}));
  fmt::print("{}\n", Line(sandbox, {"audit", "verify", "--config", config}));
  fmt::print("# test persons: docs/test_persons.md, their cards: {}\n",
             sandbox.paths().card_key("TP01").parent_path().string());
  fmt::print("# metrics: http://127.0.0.1:{}/metrics, log: {}\n", sandbox.ports().admin,
             sandbox.paths().server_log().string());
}

}  // namespace

absl::Status Demonstrate(const Sandbox& sandbox) {
  const Settings desk = DeskOf(sandbox);
  const Words by_card = ByCard(sandbox.paths(), "TP01");
  const Words by_number = ByNumber(synth::FindTestPerson(sandbox.nation_day(), "SD01").ask);
  RETURN_IF_ERROR(Show(sandbox, desk, "マイナンバーカードによる資格確認 (by card)", by_card));
  RETURN_IF_ERROR(Show(sandbox, desk, "記号・番号による資格確認 (by insured number)", by_number));
  PrintWhatToPaste(sandbox, desk, by_card, by_number);
  std::fflush(stdout);
  return absl::OkStatus();
}

}  // namespace kakunin::dev
