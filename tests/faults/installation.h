#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "server/dev/child_process.h"
#include "tests/e2e/sandbox_fixture.h"

namespace kakunin::faults {

// AwaitProcessEnd returns when a process of PostgreSQL's is gone; throws when it lives for a
// minute.
void AwaitProcessEnd(pid_t pid);

// Installation is a whole sandbox with two servers on one database, and what may happen to them.
// PostgreSQL is its own and keeps the instants of commits. Not thread-safe.
class Installation {
 public:
  static constexpr size_t kServers = 2;

  // `binary` lays it down and serves. Throws when it does not come up.
  explicit Installation(int64_t persons, const std::string& binary = KAKUNIN_BINARY);

  e2e::RunningSandbox& sandbox() { return sandbox_; }
  const dev::SandboxPorts& ports(size_t server) const { return servers_.at(server)->ports; }
  pid_t pid(size_t server) const { return servers_.at(server)->process->pid(); }
  // database_info is where a role, as a rule the superuser, logs in.
  std::string database_info(const std::string& role = "postgres") const;
  std::filesystem::path log(size_t server) const { return servers_.at(server)->log; }
  std::filesystem::path database_log() const { return sandbox_.database_log(); }

  // KillServer ends a server with SIGKILL and starts another in its place. Returns how long after
  // the kill that was ready.
  std::chrono::duration<double> KillServer(size_t server);

  // ReplaceServer stops a server in peace and starts `binary` in its place; returns when that is
  // ready. Throws when the old one does not stop within 10 s.
  void ReplaceServer(size_t server, const std::string& binary);

  // KillBackend ends one process of PostgreSQL that serves a server with SIGKILL, drawn by
  // `random`; PostgreSQL then ends all of them and recovers. Returns when it takes connections
  // again.
  void KillBackend(std::mt19937_64& random) const;

  // KillDatabase ends the postmaster with SIGKILL and starts PostgreSQL again. Returns when that
  // takes connections.
  void KillDatabase() const;

  // Freeze stops every process of PostgreSQL (SIGSTOP) for `span`, then lets them go on.
  // Returns when the last of them stood still.
  absl::Time Freeze(std::chrono::milliseconds span) const;

  // Hold keeps every confirmation from being written for `span`, by a lock on the table.
  void Hold(std::chrono::milliseconds span) const;

  // FullDisk gives a folder of PostgreSQL's a file system of its own for as long as it lives, and
  // lets it run out of room. Needs root or sudo.
  class FullDisk {
   public:
    // `folder` is pg_wal, PostgreSQL's log, or base, its tables. Starts PostgreSQL anew.
    FullDisk(const Installation& installation, const std::string& folder);
    ~FullDisk();
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

    // RunOut takes all room. PostgreSQL lives until it has no room for its log either.
    void RunOut() const;
    // AwaitEnd fills up what the log has left of its own files, and returns when PostgreSQL has
    // died of it. Only with pg_wal, behind RunOut.
    void AwaitEnd() const;
    // MakeRoom gives the room back, and nothing else.
    void MakeRoom() const;

   private:
    const Installation& installation_;
    const std::filesystem::path folder_;  // where PostgreSQL looks
    const std::filesystem::path disk_;    // the file system
  };

  // StartDatabase starts PostgreSQL when it does not run. Returns when it takes connections.
  void StartDatabase() const;
  pid_t Postmaster() const;

  // Deafen starts one more server with few descriptors, takes all of them by silent connections for
  // a second, and starts another in its place when it ends by itself. Returns how long until
  // somebody was heard at that port; throws when nobody is for a minute.
  struct Heard {
    std::chrono::duration<double> after;
    std::optional<int> wait_status;  // of the process that ended; none did: it hears again
  };
  Heard Deafen() const;

  // SetClock moves the servers' clock to `offset` from the machine's, and returns when all of them
  // have noticed and there are CRLs of that time.
  void SetClock(absl::Duration offset);

  // RotateServerCertificate gives every server's ports another certificate of the same CA, and
  // returns when all of them show it to whoever connects.
  void RotateServerCertificate() const;

  // The number of the next feed of the insurer that clients send for; one client has it.
  int64_t next_feed() const { return next_feed_; }
  void FeedIsPublished() { ++next_feed_; }

 private:
  struct Server {
    std::string binary;
    dev::SandboxPorts ports;
    std::filesystem::path config;
    std::filesystem::path log;
    std::unique_ptr<dev::ChildProcess> process;
  };

  void StartServer(Server& server);
  void StopDatabase() const;

  e2e::RunningSandbox sandbox_;
  std::vector<std::unique_ptr<Server>> servers_;
  int64_t next_feed_ = 2;  // the sandbox itself has sent the first
};

}  // namespace kakunin::faults
