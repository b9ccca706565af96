#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/e2e/sandbox_fixture.h"

namespace kakunin::e2e {

// Outcome is how a program ended, and what it said on both streams.
struct Outcome {
  int exit_code = -1;
  std::string output;
};

// RunToEnd runs a program.
Outcome RunToEnd(const std::vector<std::string>& arguments);

// Backups is a sandbox's cluster as its operator backs it up, by the real binary under the user
// that runs PostgreSQL: the log is archived, backups and restored directories lie in the sandbox's
// folder. Throws when a step that is not under test fails.
class Backups {
 public:
  // Turns archiving on, which restarts PostgreSQL, and makes the role that has REPLICATION alone.
  explicit Backups(RunningSandbox& sandbox);

  // Kakunin runs the binary as the user that runs PostgreSQL.
  Outcome Kakunin(std::vector<std::string> arguments) const;

  // Base makes a base backup and returns its folder.
  std::filesystem::path Base() const;
  // Archive ends the current file of the log and returns once that is in the archive.
  void Archive() const;

  // Receive receives the log into a folder until it is destroyed.
  dev::ChildProcess Receive(const std::filesystem::path& folder) const;

  // Restore makes the directory `name` beside the cluster's, recovered when it is started;
  // `arguments` are those of `kakunin restore base` beside --from, --to and --commit.
  std::filesystem::path Restore(const std::string& name,
                                const std::vector<std::string>& arguments) const;

  // Start runs a restored directory on a socket of its own, beside the sandbox's cluster, and
  // returns its connection string once it takes writes, or else reads; Stop ends it.
  std::string Start(const std::filesystem::path& data, bool writable = true) const;
  void Stop(const std::filesystem::path& data) const;

  // Exchange puts a restored directory in the place of the cluster's, which goes away.
  void Exchange(const std::filesystem::path& data) const;

  std::filesystem::path bases() const { return folder_ / "base"; }
  std::filesystem::path wal() const { return folder_ / "wal"; }
  std::filesystem::path config() const { return folder_ / "kakunin.toml"; }
  std::filesystem::path cluster() const { return sandbox_.paths().root() / "pg" / "data"; }
  std::string Info(const std::string& socket, const std::string& user = "postgres") const;

 private:
  Outcome AsOwner(std::vector<std::string> arguments) const;
  void OrThrow(const Outcome& outcome) const;
  void RunCluster(const char* what) const;
  void AwaitWritable(const std::string& info) const;

  RunningSandbox& sandbox_;
  const std::filesystem::path folder_;
  const std::filesystem::path binary_;
};

}  // namespace kakunin::e2e
