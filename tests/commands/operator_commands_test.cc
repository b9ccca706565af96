// What an operator runs on an installation of his own, by the real binary.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "auth/issuance.h"
#include "domain/audit_record.h"
#include "tests/commands/run_kakunin.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

bool Holds(const Outcome& outcome, const std::string& text) {
  return outcome.output.find(text) != std::string::npos;
}

class OperatorCommandsTest : public testing::Test {
 protected:
  OperatorCommandsTest() : database_(TestDatabase::Start::kEmpty) {
    folder_ = testing::TempDir() + "/" + database_.name();
    std::filesystem::create_directories(folder_);
  }
  ~OperatorCommandsTest() override { std::filesystem::remove_all(folder_); }

  std::string As(const std::string& role) const {
    return " --database \"" + database_.ConnInfo(role) + "\"";
  }

  // Certificate writes the certificate of one operator to a file.
  std::string Certificate(const std::string& name, absl::Time from, absl::Time to,
                          const auth::PrivateKey& own = auth::PrivateKey::GenerateP256()) const {
    const auto key = auth::PrivateKey::GenerateP256();
    const auth::Authority ca = auth::MakeAuthority(auth::JpkiAuthenticationName(), key, from, to);
    const std::string der = auth::IssueClient(ca, own, {"spiffe://example.org/operator/" + name},
                                              name, auth::RandomSerial(), from, to);
    const std::string path = folder_ + "/" + name + ".pem";
    std::ofstream(path) << auth::CertificatePem(der);
    return path;
  }

  TestDatabase database_;
  std::string folder_;
};

TEST_F(OperatorCommandsTest, MigrateAnEmptyDatabaseAndSayWhatTheyDid) {
  const std::string as = As("kakunin_migrate");
  Outcome outcome = Kakunin("migrate up --dry-run" + as);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "would apply 0001_roles_and_schema")) << outcome.output;
  EXPECT_EQ(Kakunin("migrate verify" + as).exit_code, 1);

  outcome = Kakunin("migrate up" + as);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "applied 0001_roles_and_schema"));
  EXPECT_TRUE(Holds(Kakunin("migrate up --json" + as), "{\"dry_run\":false,\"migrations\":[]}"));
  EXPECT_EQ(Kakunin("migrate verify" + as).exit_code, 0);
  EXPECT_TRUE(Holds(Kakunin("migrate status" + as), "applied"));
  outcome = Kakunin("migrate partitions --dry-run --json" + as);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "\"created\":[]"));
  EXPECT_EQ(Kakunin("migrate partitions" + as).exit_code, 0);
}

TEST_F(OperatorCommandsTest, BootstrapTheFirstOperatorOnlyWithCommit) {
  ASSERT_EQ(Kakunin("migrate up" + As("kakunin_migrate")).exit_code, 0);
  const absl::Time now = absl::Now();
  const std::string good = Certificate("operator-1", now - absl::Hours(1), now + absl::Hours(1));
  const std::string old = Certificate("operator-2", now - absl::Hours(2), now - absl::Hours(1));
  const auto bootstrap = [&](const std::string& name, const std::string& file,
                             const std::string& more) {
    return Kakunin("migrate operator --name " + name + " --certificate " + file + " " + more +
                   As("kakunin_migrate"));
  };

  Outcome outcome = bootstrap("operator-1", good, "");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "add --commit")) << outcome.output;
  EXPECT_EQ(database_.Exec("SELECT count(*) FROM kakunin.party")[0][0].as<int>(), 0);

  outcome = bootstrap("operator-1", good, "--commit --json");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "\"created\":true"));
  EXPECT_EQ(database_.Exec("SELECT count(*) FROM kakunin.party WHERE kind = 3 AND active")[0][0]
                .as<int>(),
            1);
  EXPECT_EQ(database_.Exec("SELECT count(*) FROM kakunin.audit_event")[0][0].as<int>(), 1);
  EXPECT_TRUE(Holds(bootstrap("operator-1", good, "--commit"), "changed operator"));

  database_.Exec("UPDATE kakunin.party SET active = false");
  outcome = bootstrap("operator-1", good, "--commit");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "never comes back")) << outcome.output;

  EXPECT_EQ(bootstrap("operator-9", good, "--commit").exit_code, 1);
  EXPECT_EQ(bootstrap("operator-2", old, "--commit").exit_code, 1);
  EXPECT_EQ(bootstrap("operator-2", folder_ + "/absent.pem", "--commit").exit_code, 1);
  EXPECT_EQ(database_.Exec("SELECT count(*) FROM kakunin.party")[0][0].as<int>(), 1);
}

// One key under two names, of two bodies, could approve what it has proposed.
TEST_F(OperatorCommandsTest, OneKeyIsOneOperatorsAndABodyHasOneSpelling) {
  ASSERT_EQ(Kakunin("migrate up" + As("kakunin_migrate")).exit_code, 0);
  const absl::Time from = absl::Now() - absl::Hours(1);
  const absl::Time to = absl::Now() + absl::Hours(1);
  const auto key = auth::PrivateKey::GenerateP256();
  const std::string first = Certificate("operator-1", from, to, key);
  const std::string second = Certificate("operator-2", from, to, key);
  const auto bootstrap = [&](const std::string& name, const std::string& file,
                             const std::string& body) {
    return Kakunin("migrate operator --commit --name " + name + " --certificate " + file +
                   " --body " + body + As("kakunin_migrate"));
  };
  ASSERT_EQ(bootstrap("operator-1", first, "mhlw").exit_code, 0);
  const Outcome outcome = bootstrap("operator-2", second, "payment-fund");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "make a key of their own")) << outcome.output;
  // Another certificate of the same operator may have it.
  EXPECT_EQ(bootstrap("operator-1", Certificate("operator-1", from, to, key), "mhlw").exit_code, 0);
  EXPECT_EQ(bootstrap("operator-2", Certificate("operator-2", from, to), "payment-fund").exit_code,
            0);
  for (const char* body : {"MHLW", "m", "-mhlw", "payment_fund", "\"mhlw \""}) {
    EXPECT_EQ(bootstrap("operator-1", first, body).exit_code, 1) << body;
  }
  EXPECT_EQ(database_
                .Exec("SELECT string_agg(name || '=' || body, ' ' ORDER BY name)"
                      " FROM kakunin.party")[0][0]
                .as<std::string>(),
            "operator-1=mhlw operator-2=payment-fund");
}

// Whoever had a key once may still have it.
TEST_F(OperatorCommandsTest, AKeyThatSomebodyOnceHadIsNoOperators) {
  ASSERT_EQ(Kakunin("migrate up" + As("kakunin_migrate")).exit_code, 0);
  const absl::Time from = absl::Now() - absl::Hours(1);
  const absl::Time to = absl::Now() + absl::Hours(1);
  const auto bootstrap = [&](const std::string& name, const auth::PrivateKey& key) {
    return Kakunin("migrate operator --commit --name " + name + " --certificate " +
                   Certificate(name, from, to, key) + As("kakunin_migrate"));
  };
  const auto given_up = auth::PrivateKey::GenerateP256();
  const auto kept = auth::PrivateKey::GenerateP256();
  ASSERT_EQ(bootstrap("operator-1", given_up).exit_code, 0);
  ASSERT_EQ(bootstrap("operator-1", kept).exit_code, 0);
  const Outcome outcome = bootstrap("operator-2", given_up);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "make a key of their own")) << outcome.output;
  EXPECT_EQ(bootstrap("operator-1", given_up).exit_code, 1) << "it was given up";
  EXPECT_EQ(bootstrap("operator-1", kept).exit_code, 0) << "that which they have";
  EXPECT_EQ(bootstrap("operator-2", auth::PrivateKey::GenerateP256()).exit_code, 0);
}

TEST_F(OperatorCommandsTest, AuditVerifyFindsAChangedAndAMissingRow) {
  ASSERT_EQ(Kakunin("migrate up" + As("kakunin_migrate")).exit_code, 0);
  const auto pool = database_.Open("kakunin_operator", 1);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(pool->Write(Soon(),
                            [](Transaction& tx) {
                              AuditRecord record;
                              record.at = absl::Now();
                              record.actor = "operator-1";
                              return tx.AppendAudit(record).status();
                            })
                    .ok());
  }
  const std::string verify = "audit verify" + As("kakunin_auditor");
  Outcome outcome = Kakunin(verify);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "1 streams, 5 rows, 0 faults")) << outcome.output;
  EXPECT_TRUE(Holds(Kakunin(verify + " --json"), "\"fault_count\":0,\"faults\":[]"));

  database_.Exec("UPDATE kakunin.audit_event SET actor = 'operator-2' WHERE number = 2");
  outcome = Kakunin(verify);
  EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "-2: was changed")) << outcome.output;

  database_.Exec("DELETE FROM kakunin.audit_event WHERE number = 4");
  outcome = Kakunin(verify + " --json");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "-4\",\"what\":\"is missing\"")) << outcome.output;

  // Only the auditor reads the audit.
  outcome = Kakunin("audit verify" + As("kakunin_operator"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "kakunin_auditor")) << outcome.output;
}

TEST_F(OperatorCommandsTest, AlarmsAreListedAsTheAuditor) {
  ASSERT_EQ(Kakunin("migrate up" + As("kakunin_migrate")).exit_code, 0);
  const std::string alarms = "audit alarms" + As("kakunin_auditor");
  Outcome outcome = Kakunin(alarms);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "no alarm in 7 days")) << outcome.output;
  database_.Exec(
      "INSERT INTO kakunin.alarm (facility_code, terminal_id, hour, kind, at) VALUES"
      " ('1310000003', 'T1', 1, 'INQUIRY_LIMIT', now() - interval '1 hour'),"
      " ('1310000003', '', 1, 'INQUIRY_LIMIT', now() - interval '2 hours'),"
      " ('1312345678', 'T9', 2, 'INQUIRY_LIMIT', now() - interval '8 days')");
  outcome = Kakunin(alarms);
  EXPECT_TRUE(Holds(outcome, "1310000003  T1  INQUIRY_LIMIT")) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "1310000003  (all terminals)  INQUIRY_LIMIT")) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "kakunin terminal suspend")) << outcome.output;
  EXPECT_FALSE(Holds(outcome, "1312345678")) << outcome.output;
  EXPECT_TRUE(Holds(Kakunin(alarms + " --days 9 --json"),
                    "\"facility_code\":\"1312345678\",\"terminal_id\":\"T9\""));
  outcome = Kakunin("audit alarms" + As("kakunin_onboarding"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "kakunin_auditor")) << outcome.output;
}

TEST(CommandLineTest, ExitCodesTellUsageFromFailure) {
  EXPECT_EQ(Kakunin("--help").exit_code, 0);
  EXPECT_EQ(Kakunin("version --json").exit_code, 0);
  EXPECT_EQ(Kakunin("").exit_code, 2);
  EXPECT_EQ(Kakunin("bogus").exit_code, 2);
  EXPECT_EQ(Kakunin("migrate up").exit_code, 2);
  EXPECT_EQ(Kakunin("call confirm-number --day tomorrow").exit_code, 2);
  EXPECT_EQ(Kakunin("config check /nowhere.toml").exit_code, 1);
}

TEST(CommandLineTest, AnUnknownWordIsNamed) {
  EXPECT_TRUE(Holds(Kakunin("nosuch"), "\"nosuch\" is no subcommand of kakunin"));
  EXPECT_TRUE(Holds(Kakunin("terminal nosuch"), "\"nosuch\" is no subcommand of terminal"));
  const Outcome lacking = Kakunin("feed push --kind coverages");
  EXPECT_FALSE(Holds(lacking, "no subcommand")) << lacking.output;
}

TEST(CommandLineTest, VersionIsAFlagToo) {
  const Outcome flag = Kakunin("--version");
  EXPECT_EQ(flag.exit_code, 0);
  EXPECT_EQ(flag.output, Kakunin("version").output);
}

TEST(CommandLineTest, AFeedFileThatIsNotThereIsToldAsSuch) {
  const Outcome outcome = Kakunin(
      "feed push /nonexist --kind coverages --number 1 --server localhost:1"
      " --certificate /nowhere --key /nowhere --ca /nowhere");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "cannot read /nonexist")) << outcome.output;
}

TEST(CommandLineTest, VerifyChainTellsWrongUsageFromAVerdict) {
  EXPECT_EQ(Kakunin("verify-chain").exit_code, 2);
  for (const char* wrong : {"--time x", "--profile foo", "--policy foo"}) {
    const Outcome outcome = Kakunin(std::string("verify-chain --chain /dev/null ") + wrong);
    EXPECT_EQ(outcome.exit_code, 2) << wrong;
    EXPECT_FALSE(Holds(outcome, "verdict")) << outcome.output;
  }
  for (const char* file : {"/tmp", "/nowhere.pem", "/dev/zero"}) {
    const Outcome outcome = Kakunin(std::string("verify-chain --chain ") + file);
    EXPECT_EQ(outcome.exit_code, 1) << file;
    EXPECT_TRUE(Holds(outcome, file)) << outcome.output;
  }
  EXPECT_TRUE(Holds(Kakunin("verify-chain --chain /dev/null --no-revocation"), "reject"));
}

// SubcommandsIn reads the names off the list that a help text has of them.
std::vector<std::string> SubcommandsIn(const std::string& help) {
  std::vector<std::string> names;
  std::istringstream lines(help);
  bool inside = false;
  static const std::regex kName("^  ([a-z][a-z-]*)( .*)?$");
  for (std::string line; std::getline(lines, line);) {
    if (line == "Subcommands:") {
      inside = true;
    } else if (inside && line.empty()) {
      break;
    } else if (std::smatch match; inside && std::regex_match(line, match, kName)) {
      names.push_back(match[1]);
    }
  }
  return names;
}

// ExpectExamples walks from `words` (each with a space behind it) to every command under it, and
// expects of each a part of examples that names it.
void ExpectExamples(const std::string& words, int& commands) {
  const Outcome outcome = Kakunin(words + "--help");
  ASSERT_EQ(outcome.exit_code, 0) << words;
  ++commands;
  const size_t examples = outcome.output.find("Example");
  EXPECT_NE(examples, std::string::npos) << "kakunin " << words;
  if (examples != std::string::npos) {
    const std::string named = "kakunin " + words.substr(0, words.find_last_not_of(' ') + 1);
    EXPECT_NE(outcome.output.find(named, examples), std::string::npos)
        << named << " is not among its own examples:" << outcome.output.substr(examples);
  }
  for (const std::string& name : SubcommandsIn(outcome.output)) {
    ExpectExamples(words + name + " ", commands);
  }
}

TEST(CommandLineTest, EveryCommandHasExamplesOfItsOwn) {
  int commands = 0;
  ExpectExamples("", commands);
  // A list of subcommands that cannot be read would let everything pass.
  EXPECT_GE(commands, 200);
}

TEST(CommandLineTest, CommandsThatAnswerHaveJson) {
  for (const char* command : {"audit verify",       "call confirm-card", "call confirm-number",
                              "call health",        "config check",      "config print",
                              "config example",     "facility register", "insurer register",
                              "migrate up",         "migrate status",    "migrate verify",
                              "migrate partitions", "migrate operator",  "person approve",
                              "person list",        "person merge",      "person replace-number",
                              "person show",        "person split",      "person withdraw",
                              "terminal register",  "terminal revoke",   "version"}) {
    const Outcome outcome = Kakunin(std::string(command) + " --help");
    EXPECT_EQ(outcome.exit_code, 0) << command;
    EXPECT_TRUE(Holds(outcome, "--json")) << command;
  }
}

TEST(CommandLineTest, ExampleConfigurationPassesItsOwnCheck) {
  const std::string path = testing::TempDir() + "/kakunin_example.toml";
  ASSERT_EQ(Kakunin("config example > " + path).exit_code, 0);
  EXPECT_EQ(Kakunin("config check --text-only " + path).exit_code, 0);
  // None of the files that it names is here.
  const Outcome lacking = Kakunin("config check " + path);
  EXPECT_EQ(lacking.exit_code, 1);
  for (const char* key : {"[terminal] server_key", "[keys] audit", "[cards] crl_directory"}) {
    EXPECT_TRUE(Holds(lacking, key)) << lacking.output;
  }
  std::ofstream(path, std::ios::app) << "ok_calls_one_inn = 2\n";
  const Outcome outcome = Kakunin("config check " + path);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "did you mean \"ok_calls_one_in\"?")) << outcome.output;
  std::filesystem::remove(path);
}

TEST_F(OperatorCommandsTest, RetentionDropsOnlyWithCommitAndTheAuditStaysWhole) {
  ASSERT_EQ(Kakunin("migrate up" + As("kakunin_migrate")).exit_code, 0);
  const absl::Time old = absl::FromUnixSeconds(1'425'000'000);  // 2015-02-27
  const auto append = [](Database& writer, absl::Time at) {
    AuditRecord record;
    record.at = at;
    record.actor = "1310000001/T1";
    const absl::Status status =
        writer.Write(Soon(), [&](Transaction& tx) { return tx.AppendAudit(record).status(); });
    EXPECT_TRUE(status.ok()) << status;
  };
  // One stream that began eleven years ago and goes on, one that is all of that time.
  const auto long_lived = database_.Open("kakunin_terminal", 1);
  for (const absl::Time at : {old, old + absl::Hours(1), absl::Now(), absl::Now()}) {
    append(*long_lived, at);
  }
  append(*database_.Open("kakunin_operator", 1), old);
  const auto verify = [&] { return Kakunin("audit verify --json" + As("kakunin_auditor")); };
  const auto head = [](const Outcome& outcome) {
    const size_t at = outcome.output.find("\"head\"");
    return at == std::string::npos ? outcome.output : outcome.output.substr(at, 80);
  };
  const Outcome whole = verify();
  ASSERT_EQ(whole.exit_code, 0) << whole.output;
  EXPECT_TRUE(Holds(whole, "\"rows\":5")) << whole.output;

  const std::string as = As("kakunin_migrate");
  Outcome outcome = Kakunin("retention plan" + as);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "audit_event_2015_02")) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "10 years from the month of writing (assumption, ours)"));
  outcome = Kakunin("retention apply --json" + as);
  EXPECT_TRUE(Holds(outcome, "\"committed\":false")) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "\"object\":\"audit_event_2015_02\",\"month\":\"2015-02\""));
  EXPECT_EQ(database_.Exec("SELECT FROM kakunin.audit_event").size(), 5u);
  EXPECT_TRUE(Holds(Kakunin("retention history" + as), "no run yet"));

  outcome = Kakunin("retention apply --commit" + as);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_EQ(database_.Exec("SELECT FROM kakunin.audit_event").size(), 2u);
  outcome = Kakunin("retention history --json" + as);
  EXPECT_TRUE(Holds(outcome, "audit_event_2015_02")) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "\"rows\":3"));
  EXPECT_TRUE(Holds(outcome, "\"assumption\":true"));

  // What went with its month is no gap, and the head is what it was; what is missing still is.
  outcome = verify();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_TRUE(Holds(outcome, "\"streams\":2")) << outcome.output;
  EXPECT_EQ(head(outcome), head(whole));
  database_.Exec("DELETE FROM kakunin.audit_event WHERE number = 3");
  outcome = verify();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "is missing")) << outcome.output;

  outcome = Kakunin("retention plan" + As("kakunin_job"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Holds(outcome, "kakunin_migrate")) << outcome.output;
}

TEST(ShippedUnits, StartCommandsThatThereAreFromTimersThatNameThem) {
  int services = 0;
  int timers = 0;
  for (const auto& entry : std::filesystem::directory_iterator(KAKUNIN_SYSTEMD_DIR)) {
    std::ifstream file(entry.path());
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::smatch match;
    if (entry.path().extension() == ".timer") {
      ++timers;
      EXPECT_TRUE(std::filesystem::exists(
          std::filesystem::path(entry.path()).replace_extension(".service")));
      ASSERT_TRUE(std::regex_search(text, match, std::regex("\nOnCalendar=(.+)\n")));
      continue;
    }
    ++services;
    static const std::regex kStart("\nExecStart(Pre)?=/usr/bin/kakunin ([a-z ]+)(.*)");
    ASSERT_TRUE(std::regex_search(text, match, kStart)) << entry.path();
    for (auto it = std::sregex_iterator(text.begin(), text.end(), kStart);
         it != std::sregex_iterator(); ++it) {
      // The words of the command and its flags, with --help for what it would work on.
      const std::string words = (*it)[2].str();
      const Outcome outcome = Kakunin(words + " --help");
      EXPECT_EQ(outcome.exit_code, 0) << words << outcome.output;
      for (const char* flag : {"--commit", "--config", "--to", "--keep", "--wal"}) {
        if ((*it)[3].str().find(flag) == std::string::npos) continue;
        EXPECT_TRUE(Holds(outcome, flag)) << words;
      }
    }
  }
  EXPECT_EQ(services, 6);
  EXPECT_EQ(timers, 3);
}

}  // namespace
}  // namespace kakunin
