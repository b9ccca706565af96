#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/clock.h"
#include "server/dev/card_authorities.h"
#include "server/dev/child_process.h"
#include "server/dev/folder_lock.h"
#include "server/dev/nation_push.h"
#include "server/dev/sandbox_config.h"
#include "server/dev/sandbox_paths.h"
#include "server/dev/service_certificates.h"
#include "server/synth/nation_files.h"

namespace kakunin::dev {

// SandboxOptions is what `kakunin dev up` is told.
struct SandboxOptions {
  std::filesystem::path directory;
  // The program `kakunin`; empty: the running one.
  std::filesystem::path binary;
  // Where the PostgreSQL cluster lies; empty: `pg` in the directory.
  std::filesystem::path cluster;
  // deploy/postgres-private.
  std::filesystem::path postgres_script;
  int64_t persons = 10'000;
  // Of them, who have receipts and check-ups; at most all.
  int64_t records_for = 1'000;
  uint64_t seed = 1;
  int first_port = 17443;
};

// Sandbox is one complete installation on this machine: a private PostgreSQL, certificates, a
// synthetic nation and a server, all in one directory. What is there already is used again.
// Destroying it stops what it started. Not thread-safe.
class Sandbox {
 public:
  // Watcher is told what happens, and asked whether to go on.
  struct Watcher {
    std::function<void(const std::string&)> say;  // one line a step
    // What counts up within a step.
    std::function<void(const std::string& what, int64_t done, int64_t total)> progress;
    std::function<bool()> interrupted;  // true: give up as soon as possible
  };

  Sandbox(SandboxOptions options, Watcher watcher);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Up brings everything up, in order, until the nation is pushed. FAILED_PRECONDITION when another
  // sandbox is up in the directory or it holds another nation than the one asked for, CANCELLED
  // when interrupted; else what failed.
  absl::Status Up();

  // Tend does what is due while the sandbox is up: CRLs, every hour of the sandbox's clock.
  // INTERNAL when the server is no longer there.
  absl::Status Tend();

  // Down stops the server, then PostgreSQL. Repeating it does nothing.
  void Down();

  const SandboxPaths& paths() const { return paths_; }
  const SandboxPorts& ports() const { return ports_; }
  absl::CivilDay nation_day() const { return nation_->summary().options.today; }
  const std::string& binary() const { return binary_; }
  // Today is the day of the sandbox's clock.
  absl::CivilDay Today() const;

 private:
  // Step says what is next, or returns CANCELLED.
  absl::Status Step(const std::string& what) const;
  absl::Status OpenNation();
  absl::Status WriteResidents() const;
  absl::Status MakeSecrets();
  absl::Status StartDatabase();
  absl::Status IssueCrls();
  absl::Status StartServer();
  absl::Status AwaitReady();
  absl::Status RegisterAndPush();

  const SandboxOptions options_;
  const SandboxPaths paths_;
  const Watcher watcher_;
  const SystemClock machine_clock_;
  const SandboxClock clock_;
  SandboxPorts ports_;
  const std::string binary_;
  const std::filesystem::path cluster_;
  std::optional<FolderLock> lock_;
  bool database_runs_ = false;
  std::optional<synth::NationFiles> nation_;
  std::optional<ServiceCertificates> certificates_;
  std::optional<CardAuthorities> cards_;
  std::vector<synth::CrlPartition> partitions_;
  absl::Time crls_issued_ = absl::InfinitePast();
  std::optional<ChildProcess> server_;
};

}  // namespace kakunin::dev
