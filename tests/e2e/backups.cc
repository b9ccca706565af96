#include "tests/e2e/backups.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <pqxx/pqxx>
#include <stdexcept>
#include <thread>

namespace kakunin::e2e {
namespace {

using std::chrono::steady_clock;

constexpr char kPgCtl[] = "/usr/lib/postgresql/15/bin/pg_ctl";
constexpr std::chrono::seconds kPatience(60);

std::string Quoted(const std::string& argument) { return "'" + argument + "'"; }

template <class Done>
void Await(const std::string& what, Done done) {
  const auto until = steady_clock::now() + kPatience;
  while (!done()) {
    if (steady_clock::now() > until) throw std::runtime_error("not in a minute: " + what);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

Outcome RunToEnd(const std::vector<std::string>& arguments) {
  std::string command;
  for (const std::string& argument : arguments) command += Quoted(argument) + " ";
  FILE* pipe = popen((command + "2>&1 </dev/null").c_str(), "r");
  Outcome outcome;
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> octets;
  for (size_t got = 0; (got = fread(octets.data(), 1, octets.size(), pipe)) > 0;) {
    outcome.output.append(octets.data(), got);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  return outcome;
}

Backups::Backups(RunningSandbox& sandbox)
    : sandbox_(sandbox),
      folder_(sandbox.paths().root() / "backups"),
      binary_(sandbox.paths().root() / "backups" / "kakunin") {
  namespace fs = std::filesystem;
  for (const fs::path& folder : {folder_, bases(), wal()}) {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::all);
  }
  // Where the user that runs PostgreSQL can reach it, wherever the build is.
  fs::copy_file(KAKUNIN_BINARY, binary_);
  std::ofstream(config()) << fmt::format(
      "[environment]\nkind = \"production\"\n[database]\nhost = \"{}\"\n", sandbox.socket_folder());
  {
    pqxx::connection database(Info(sandbox_.socket_folder()));
    pqxx::nontransaction work(database);
    work.exec("CREATE ROLE kakunin_backup LOGIN REPLICATION");
    work.exec("ALTER SYSTEM SET archive_mode = on");
    work.exec(fmt::format("ALTER SYSTEM SET archive_command = '\"{}\" backup wal --to \"{}\" %p'",
                          binary_.string(), wal().string()));
    work.exec("ALTER SYSTEM SET track_commit_timestamp = on");
  }
  RunCluster("stop");
  RunCluster("start");
}

std::string Backups::Info(const std::string& socket, const std::string& user) const {
  return fmt::format("host={} dbname=kakunin user={}", socket, user);
}

Outcome Backups::AsOwner(std::vector<std::string> arguments) const {
  if (geteuid() == 0) {
    arguments.insert(arguments.begin(), {"/usr/sbin/runuser", "-u", "postgres", "--"});
  }
  arguments.insert(arguments.begin(), {"/usr/bin/env", "-C", "/"});
  return RunToEnd(arguments);
}

void Backups::OrThrow(const Outcome& outcome) const {
  if (outcome.exit_code != 0) throw std::runtime_error(outcome.output);
}

Outcome Backups::Kakunin(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), binary_);
  return AsOwner(std::move(arguments));
}

dev::ChildProcess Backups::Receive(const std::filesystem::path& folder) const {
  std::vector<std::string> command = {binary_,  "backup", "receive", "--config",
                                      config(), "--to",   folder};
  if (geteuid() == 0) {
    // Not runuser, whose child would outlive it.
    command.insert(command.begin(), {"/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres",
                                     "--init-groups", "--"});
  }
  auto process = dev::ChildProcess::Start(command, folder_ / "receive.log");
  if (!process.ok()) throw std::runtime_error("nothing receives");
  return *std::move(process);
}

std::filesystem::path Backups::Base() const {
  const Outcome outcome =
      Kakunin({"backup", "base", "--config", config(), "--to", bases(), "--json"});
  OrThrow(outcome);
  const std::string key = "\"id\":\"";
  const size_t at = outcome.output.find(key);
  if (at == std::string::npos) throw std::runtime_error(outcome.output);
  const size_t begin = at + key.size();
  return bases() / outcome.output.substr(begin, outcome.output.find('"', begin) - begin);
}

void Backups::Archive() const {
  pqxx::connection database(Info(sandbox_.socket_folder()));
  pqxx::nontransaction work(database);
  // Something behind what was acknowledged: recovery finds no instant that is the end of the log.
  work.exec("CREATE TABLE public.backups_end ()");
  work.exec("DROP TABLE public.backups_end");
  const auto name =
      work.exec("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")[0][0].as<std::string>();
  work.exec("SELECT pg_switch_wal()");
  Await("archived " + name, [&] { return std::filesystem::exists(wal() / name); });
}

std::filesystem::path Backups::Restore(const std::string& name,
                                       const std::vector<std::string>& arguments) const {
  const auto data = cluster().parent_path() / name;
  std::vector<std::string> all = {"restore", "base", "--from", bases(), "--to", data, "--commit"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  OrThrow(Kakunin(all));
  return data;
}

void Backups::AwaitWritable(const std::string& info) const {
  Await("recovered", [&] {
    try {
      pqxx::connection database(info);
      return !pqxx::nontransaction(database).exec("SELECT pg_is_in_recovery()")[0][0].as<bool>();
    } catch (const pqxx::failure&) {
      return false;  // it does not take connections yet
    }
  });
}

std::string Backups::Start(const std::filesystem::path& data, bool writable) const {
  const std::string socket = data.string() + ".s";
  OrThrow(AsOwner({"/usr/bin/mkdir", "-p", socket}));
  OrThrow(AsOwner({kPgCtl, "start", "-w", "-t", "60", "-D", data, "-l", data.string() + ".log",
                   "-o", fmt::format("-c unix_socket_directories={}", socket)}));
  if (writable) AwaitWritable(Info(socket));
  return Info(socket);
}

void Backups::Stop(const std::filesystem::path& data) const {
  OrThrow(AsOwner({kPgCtl, "stop", "-w", "-m", "fast", "-D", data}));
}

void Backups::RunCluster(const char* what) const {
  OrThrow(RunToEnd({KAKUNIN_SOURCE_DIR "/deploy/postgres-private", what, cluster().parent_path()}));
}

void Backups::Exchange(const std::filesystem::path& data) const {
  RunCluster("stop");
  std::filesystem::remove_all(cluster());
  std::filesystem::rename(data, cluster());
  RunCluster("start");
  AwaitWritable(Info(sandbox_.socket_folder()));
}

}  // namespace kakunin::e2e
