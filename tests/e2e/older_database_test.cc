// A database that was restored from a backup lacks what was acknowledged since: the real server
// refuses it, at its start and while it runs, until an operator accepts that. And what an operator
// runs to back up and restore.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <thread>

#include "domain/access_policy.h"
#include "server/audit_head_file.h"
#include "server/dev/api_channel.h"
#include "server/text_file.h"
#include "tests/e2e/backups.h"

namespace kakunin::e2e {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr int kOlderDatabaseExit = 72;
constexpr std::chrono::seconds kPatience(60);

bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class OlderDatabaseTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    running_ = new RunningSandbox(40);
    backups_ = new Backups(*running_);
  }
  static void TearDownTestSuite() {
    delete backups_;
    delete running_;
  }

  OlderDatabaseTest() {
    const auto ports = dev::FreePorts(running_->sandbox().ports().terminal + 200);
    EXPECT_TRUE(ports.ok());
    ports_ = *ports;
    PointTo(running_->socket_folder());
    EXPECT_TRUE(
        ReplaceTextFile(config(), dev::SandboxConfig(running_->paths(), ports_, database()) +
                                      "\n[audit]\nlast_seen_head = \"audit-head\"\n")
            .ok());
  }

  static std::filesystem::path config() { return running_->paths().root() / "fenced.toml"; }
  static std::filesystem::path head() { return running_->paths().root() / "audit-head"; }
  // Where the server finds the database: what is opened from now on reaches the cluster of
  // `socket`.
  static std::filesystem::path database() { return running_->paths().root() / "db"; }
  static void PointTo(const std::filesystem::path& socket) {
    std::filesystem::remove(database());
    std::filesystem::create_directory_symlink(socket, database());
  }
  static std::filesystem::path log() { return running_->paths().root() / "log" / "fenced.log"; }

  dev::ChildProcess Serve() const {
    std::filesystem::remove(log());
    auto process = dev::ChildProcess::Start({KAKUNIN_BINARY, "serve", "--config", config()}, log());
    EXPECT_TRUE(process.ok()) << process.status();
    return *std::move(process);
  }

  // How a server ends that does not serve; -1 when it serves.
  int ExitOf(dev::ChildProcess process) const {
    const auto until = steady_clock::now() + kPatience;
    while (!process.HasEnded() && steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (!process.HasEnded()) return -1;
    const auto status = process.Stop(std::chrono::seconds(1));
    return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
  }

  grpc::Status Ask() const {
    const absl::CivilDay day = running_->sandbox().nation_day();
    v1::ConfirmByInsuredNumberResponse answer;
    return Desk(running_->paths(), ports_.terminal)
        .ByNumber(synth::FindTestPerson(day, "TP01").ask, day, answer);
  }
  void AskTimes(int times) const {
    for (int i = 0; i < times; ++i) {
      const grpc::Status status = Ask();
      EXPECT_TRUE(status.ok()) << status.error_message();
    }
  }

  static Outcome Audit(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {KAKUNIN_BINARY, "audit"});
    arguments.insert(arguments.end(), {"--config", config()});
    return RunToEnd(arguments);
  }
  static Outcome Accept() {
    return Audit({"accept-older-database", "--by", "operator-1", "--reason",
                  "machine lost, restored", "--commit"});
  }

  // BreakConnections has whoever serves connect anew, but for the watch.
  static void BreakConnections() {
    pqxx::connection database(backups_->Info(running_->socket_folder()));
    pqxx::nontransaction(database).exec(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename LIKE 'kakunin%' AND application_name NOT LIKE '%audit head%'");
  }

  // AwaitAlarm asks until the server knows that it reached a database without what it saw.
  std::string AwaitAlarm() const {
    std::string ready;
    const auto until = steady_clock::now() + kPatience;
    while (!Holds(ready, "fault audit head") && steady_clock::now() < until) {
      ready = AdminText(ports_.admin, "/readyz");
      EXPECT_FALSE(Ask().ok()) << "answered from a database that lost rows";
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return ready;
  }

  static json Checked(const std::filesystem::path& backup) {
    const Outcome outcome = RunToEnd(
        {KAKUNIN_BINARY, "restore", "check", "--config", config(), "--backup", backup, "--json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    return json::parse(outcome.output, nullptr, false);
  }

  static RunningSandbox* running_;
  static Backups* backups_;
  dev::SandboxPorts ports_;
};

RunningSandbox* OlderDatabaseTest::running_ = nullptr;
Backups* OlderDatabaseTest::backups_ = nullptr;

TEST_F(OlderDatabaseTest, OperatorsBackUpListVerifyAndPrune) {
  const auto first = backups_->Base();
  const auto second = backups_->Base();
  const auto list =
      json::parse(backups_->Kakunin({"backup", "list", backups_->bases(), "--json"}).output);
  ASSERT_EQ(list["backups"].size(), 2u) << list;
  EXPECT_EQ(list["unfinished"].size(), 0u) << list;
  const auto broken_off = backups_->bases() / "20260101T000000Z.partial";
  std::filesystem::create_directory(broken_off);
  EXPECT_TRUE(
      Holds(backups_->Kakunin({"backup", "list", backups_->bases()}).output, "was broken off"));
  EXPECT_TRUE(Holds(backups_->Kakunin({"backup", "verify", broken_off}).output, "broken off"));
  EXPECT_EQ(list["backups"][0]["id"], first.filename().string());
  EXPECT_EQ(list["backups"][0]["key_ids"].size(), 4u);
  EXPECT_GT(list["backups"][0]["streams"], 0);
  EXPECT_EQ(backups_->Kakunin({"backup", "verify", first}).exit_code, 0);

  // An octet that changed on the disk.
  const auto file = first / "data" / "PG_VERSION";
  ASSERT_TRUE(ReplaceTextFile(file, "16\n").ok());
  const Outcome broken = backups_->Kakunin({"backup", "verify", first});
  EXPECT_EQ(broken.exit_code, 1) << broken.output;
  EXPECT_TRUE(Holds(broken.output, "PG_VERSION")) << broken.output;
  const auto to = backups_->cluster().parent_path() / "broken";
  EXPECT_EQ(
      backups_->Kakunin({"restore", "base", "--from", first, "--to", to, "--commit"}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(to)) << "nothing is made of a broken backup";

  backups_->Archive();
  const std::vector<std::string> prune = {"backup", "prune", backups_->bases(), "--keep",
                                          "1",      "--wal", backups_->wal()};
  Outcome pruned = backups_->Kakunin(prune);
  EXPECT_EQ(pruned.exit_code, 0) << pruned.output;
  EXPECT_TRUE(Holds(pruned.output, "nothing was removed")) << pruned.output;
  EXPECT_TRUE(std::filesystem::exists(first));
  auto commit = prune;
  commit.emplace_back("--commit");
  pruned = backups_->Kakunin(commit);
  EXPECT_EQ(pruned.exit_code, 0) << pruned.output;
  EXPECT_FALSE(std::filesystem::exists(first));
  EXPECT_FALSE(std::filesystem::exists(broken_off));
  EXPECT_TRUE(std::filesystem::exists(second));
  const std::string oldest = list["backups"][1]["first_segment"];
  for (const auto& entry : std::filesystem::directory_iterator(backups_->wal())) {
    const std::string name = entry.path().filename();
    if (name.size() == oldest.size()) {
      EXPECT_GE(name, oldest);
    }
  }
  if (geteuid() == 0) {
    const Outcome root = RunToEnd({KAKUNIN_BINARY, "backup", "base", "--config", backups_->config(),
                                   "--to", backups_->bases()});
    EXPECT_EQ(root.exit_code, 1);
    EXPECT_TRUE(Holds(root.output, "not as root")) << root.output;
  }
}

TEST_F(OlderDatabaseTest, TheLogIsReceivedAsItIsWritten) {
  const auto folder = backups_->wal().parent_path() / "received";
  std::filesystem::create_directory(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  pqxx::connection database(backups_->Info(running_->socket_folder()));
  pqxx::nontransaction work(database);
  const auto name =
      work.exec("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")[0][0].as<std::string>();
  {
    const dev::ChildProcess receiving = backups_->Receive(folder);
    const auto until = steady_clock::now() + kPatience;
    const auto there = [&] {
      return std::filesystem::exists(folder / (name + ".partial")) ||
             std::filesystem::exists(folder / name);
    };
    while (!there() && steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_TRUE(there());
  }
  // What was not received waits in the slot.
  EXPECT_EQ(work.exec("SELECT FROM pg_replication_slots WHERE slot_name = 'kakunin_wal'").size(),
            1u);
  const auto until = steady_clock::now() + kPatience;
  while (!work.exec("SELECT FROM pg_replication_slots WHERE slot_name = 'kakunin_wal' AND active")
              .empty() &&
         steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  work.exec("SELECT pg_drop_replication_slot('kakunin_wal')");
}

TEST_F(OlderDatabaseTest, ARestoredDatabaseIsRefusedUntilAnOperatorAcceptsIt) {
  std::filesystem::path base;
  {
    dev::ChildProcess server = Serve();
    ASSERT_TRUE(AwaitReady(ports_.admin)) << FileText(log());
    AskTimes(3);
    base = backups_->Base();
    AskTimes(5);
    // Another server must not overwrite what this one saw.
    const Outcome second = RunToEnd({KAKUNIN_BINARY, "serve", "--config", config()});
    EXPECT_EQ(second.exit_code, 1) << second.output;
    EXPECT_TRUE(Holds(second.output, "a file of its own")) << second.output;
    ASSERT_TRUE(server.Stop(std::chrono::seconds(20)));
  }
  ASSERT_FALSE(ReadAuditHead(head())->heads.empty());
  EXPECT_EQ(Checked(base)["lost_rows"], 0);
  EXPECT_EQ(Accept().exit_code, 0) << "nothing is to be accepted";
  EXPECT_TRUE(ReadAuditHead(head())->accepted.empty());

  // Nothing is made without --commit, nor where something is.
  const auto to = backups_->cluster().parent_path() / "restored";
  const std::vector<std::string> restore = {"restore", "base", "--from", base, "--to"};
  const auto into = [&](const std::filesystem::path& folder) {
    auto all = restore;
    all.push_back(folder);
    return backups_->Kakunin(all);
  };
  EXPECT_TRUE(Holds(into(to).output, "nothing was made")) << into(to).output;
  EXPECT_FALSE(std::filesystem::exists(to));
  EXPECT_TRUE(Holds(into(backups_->cluster()).output, "a cluster runs in"));

  backups_->Exchange(backups_->Restore("restored", {}));  // the end of the backup
  const json checked = Checked(base);
  EXPECT_GE(checked["lost_rows"], 5) << checked;
  EXPECT_GE(checked["lost_streams"], 1) << checked;
  EXPECT_EQ(checked["faults"].size(), 0u) << checked;
  EXPECT_EQ(checked["keys"].size(), 4u) << checked;

  EXPECT_EQ(ExitOf(Serve()), kOlderDatabaseExit) << FileText(log());
  EXPECT_TRUE(Holds(FileText(log()), "accept-older-database")) << FileText(log());
  EXPECT_EQ(ExitOf(Serve()), kOlderDatabaseExit) << "asking again changes nothing";

  Outcome told = Audit({"accept-older-database"});
  EXPECT_EQ(told.exit_code, 0) << told.output;
  EXPECT_TRUE(Holds(told.output, "nothing was accepted")) << told.output;
  EXPECT_EQ(ExitOf(Serve()), kOlderDatabaseExit) << "looking accepts nothing";
  EXPECT_EQ(Audit({"accept-older-database", "--commit"}).exit_code, 2) << "who, and why?";

  told = Accept();
  ASSERT_EQ(told.exit_code, 0) << told.output;
  {
    pqxx::connection database(backups_->Info(running_->socket_folder()));
    const auto row = pqxx::nontransaction(database).exec(
        fmt::format("SELECT actor, details FROM kakunin.audit_event WHERE operation = {}",
                    static_cast<int>(Operation::kAcceptOlderDatabase)));
    ASSERT_EQ(row.size(), 1u);
    EXPECT_EQ(row[0][0].as<std::string>(), "operator-1");
    EXPECT_TRUE(Holds(row[0][1].as<std::string>(), "reason=machine lost, restored"));
  }
  dev::ChildProcess server = Serve();
  ASSERT_TRUE(AwaitReady(ports_.admin)) << FileText(log());
  AskTimes(1);
  EXPECT_EQ(Audit({"verify"}).exit_code, 0);
}

TEST_F(OlderDatabaseTest, AServerThatRunsNoticesAFailoverThatLostRows) {
  dev::ChildProcess server = Serve();
  ASSERT_TRUE(AwaitReady(ports_.admin)) << FileText(log());
  backups_->Base();
  AskTimes(5);
  backups_->Exchange(backups_->Restore("failed-over", {}));
  const std::string ready = AwaitAlarm();
  EXPECT_TRUE(Holds(ready, "fault audit head: the database is older")) << ready;
  EXPECT_EQ(Ask().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Holds(AdminText(ports_.admin, "/metrics"), "kakunin_database_is_older 1"));

  // Told while it runs, it serves without a restart.
  // What a connection found first is written down by the watch's next round.
  const auto until = steady_clock::now() + kPatience;
  Outcome told = Accept();
  while (Holds(told.output, "run this again") && steady_clock::now() < until) told = Accept();
  ASSERT_EQ(told.exit_code, 0) << told.output;
  ASSERT_TRUE(AwaitReady(ports_.admin)) << told.output << AdminText(ports_.admin, "/readyz");
  AskTimes(1);
  EXPECT_EQ(Audit({"verify"}).exit_code, 0);
}

TEST_F(OlderDatabaseTest, OfTwoPrimariesNeitherIsServedUntilAnOperatorSaysSo) {
  dev::ChildProcess server = Serve();
  ASSERT_TRUE(AwaitReady(ports_.admin)) << FileText(log());
  backups_->Base();
  AskTimes(5);
  const auto other = backups_->Restore("other", {});
  backups_->Start(other);
  PointTo(other.string() + ".s");
  // The watch keeps its connection to the one that is whole.
  BreakConnections();
  const std::string ready = AwaitAlarm();
  EXPECT_TRUE(Holds(ready, "fault audit head: the database is older")) << ready;
  PointTo(running_->socket_folder());
  backups_->Stop(other);
  // Rounds of the watch pass, each of which finds everything.
  const auto until = steady_clock::now() + std::chrono::seconds(5);
  while (steady_clock::now() < until) {
    ASSERT_EQ(Ask().error_code(), grpc::StatusCode::UNAVAILABLE);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_TRUE(server.Stop(std::chrono::seconds(20)));
  EXPECT_EQ(ExitOf(Serve()), kOlderDatabaseExit) << "a restart accepts nothing";

  const Outcome told = Audit({"accept-older-database", "--json"});
  EXPECT_EQ(json::parse(told.output, nullptr, false).value("alarm", ""), "stood") << told.output;
  EXPECT_TRUE(json::parse(told.output, nullptr, false)["missing"].empty()) << told.output;
  EXPECT_EQ(Accept().exit_code, 0);
  const dev::ChildProcess again = Serve();
  ASSERT_TRUE(AwaitReady(ports_.admin)) << FileText(log());
  AskTimes(1);
}

// What it lacks may be on its way.
TEST_F(OlderDatabaseTest, AStandbyIsRefusedAndRaisesNoAlarm) {
  const dev::ChildProcess server = Serve();
  ASSERT_TRUE(AwaitReady(ports_.admin)) << FileText(log());
  backups_->Base();
  AskTimes(5);
  const auto standby = backups_->Restore("standby", {"--pause"});
  backups_->Start(standby, /*writable=*/false);
  PointTo(standby.string() + ".s");
  BreakConnections();
  const auto until = steady_clock::now() + kPatience;
  while (Ask().ok() && steady_clock::now() < until) continue;
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(Ask().ok()) << "answered by a standby";
  EXPECT_FALSE(Holds(AdminText(ports_.admin, "/readyz"), "fault audit head"));
  PointTo(running_->socket_folder());
  backups_->Stop(standby);
  while (!Ask().ok() && steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  AskTimes(1);
}

TEST_F(OlderDatabaseTest, AServerThatLostItsFileBeginsANewOneOnlyWhenToldTo) {
  {
    dev::ChildProcess server = Serve();
    ASSERT_TRUE(AwaitReady(ports_.admin)) << FileText(log());
    AskTimes(1);
    ASSERT_TRUE(server.Stop(std::chrono::seconds(20)));
  }
  std::filesystem::remove(head());
  EXPECT_EQ(ExitOf(Serve()), kOlderDatabaseExit);
  EXPECT_TRUE(Holds(FileText(log()), "is missing")) << FileText(log());
  EXPECT_EQ(Accept().exit_code, 0);
  const dev::ChildProcess server = Serve();
  ASSERT_TRUE(AwaitReady(ports_.admin)) << FileText(log());
  AskTimes(1);
}

}  // namespace
}  // namespace kakunin::e2e
