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
#include "server/bench/load_plan.h"
#include "server/bench/request_files.h"
#include "server/dev/card_authorities.h"
#include "server/dev/child_process.h"
#include "server/dev/feed_client.h"
#include "server/dev/folder_lock.h"
#include "server/dev/sandbox_config.h"
#include "server/dev/sandbox_paths.h"
#include "server/synth/nation_files.h"

namespace kakunin::bench {

// InstallationOptions is what is measured, and where it lies.
struct InstallationOptions {
  std::filesystem::path directory;
  std::filesystem::path cluster;          // where PostgreSQL's files lie; empty: `pg` in directory
  std::filesystem::path postgres_script;  // deploy/postgres-private
  int64_t persons = 1'000'000;
  int lanes = 1;
  int cards = 2000;      // with certificates for kCard
  bool records = false;  // all of `cards` have records, and agree at every start (GiveConsents)
  // So many insurers and rows of each can be delivered (bench_feed.h), to a server that serves
  // insurers beside terminals; such an installation is made anew at every start. 0: none.
  int feed_insurers = 0;
  int64_t feed_rows = 0;
  int64_t crl_serials = 0;  // that one CRL lists beside the nation's revoked cards
  std::string shared_buffers = "4GB";
  std::string crl_reload_every = "1m";
  LoadPlan plan;  // `records`: the connections over which consents are given and records asked for
};

// Installation is a whole kakunin on this machine, in one directory, used again by the next run: a
// private PostgreSQL with a nation that came through the insurers' feed, and a server process that
// serves terminals alone. Destroying it stops both. Not thread-safe.
class BenchInstallation {
 public:
  // Say is told what is being done, one line a step.
  using Say = std::function<void(const std::string&)>;

  BenchInstallation(InstallationOptions options, Say say);
  ~BenchInstallation();
  BenchInstallation(const BenchInstallation&) = delete;
  BenchInstallation& operator=(const BenchInstallation&) = delete;

  // Up makes what is not there yet, warms the database and starts the server. FAILED_PRECONDITION
  // when another bench uses the directory or when it holds another nation than the one asked for;
  // else what failed.
  absl::Status Up();
  // PrepareReloads makes `count` next versions of the longest CRL, each a serial longer than the
  // one before, and puts none of them in place.
  absl::Status PrepareReloads(int count);
  // Reload puts the next prepared version in place; false when there is none.
  absl::StatusOr<bool> Reload();
  // AwaitReloaded is OK once the server holds the last version; INTERNAL when it does not take it.
  absl::Status AwaitReloaded() const;

  // Restart gives a server with nothing in its memory, which admits so many calls a second; 0: all.
  absl::Status Restart(int calls_per_second = 0);

  // Plan is the load of `kind` on this installation, the rest as in `plan`; RunClient lets a
  // process of its own do it.
  LoadPlan PlanFor(LoadKind kind, LoadPlan plan) const;
  static absl::StatusOr<LoadOutcome> RunClient(const LoadPlan& plan);

  // Deliver pushes a feed of FeedInsurers()[insurer], from BeginFeed until it is visible. INTERNAL
  // when not every row of it became known or was so.
  absl::StatusOr<dev::FeedOutcome> Deliver(int insurer, const dev::FeedToPush& feed) const;

  const std::filesystem::path& directory() const { return paths_.root(); }
  int64_t persons() const { return options_.persons; }
  int port() const { return ports_.terminal; }
  int admin_port() const { return ports_.admin; }
  absl::CivilDay today() const { return nation_->summary().options.today; }
  pid_t server() const { return server_->pid(); }
  pid_t postmaster() const { return postmaster_; }
  // socket_folder is where PostgreSQL listens.
  const std::string& socket_folder() const { return socket_folder_; }

 private:
  absl::Status Forget();
  absl::Status WriteMeasuredConfig(int calls_per_second = 0) const;
  absl::Status OpenNation();
  absl::Status StartDatabase();
  absl::Status Load();
  absl::Status PushRecords(const std::vector<CardHolder>& holders);
  absl::Status TakeConsents();
  absl::Status IssueCrls();
  absl::StatusOr<int64_t> RevokedSerialsHeld() const;
  absl::Status StartServer(const std::filesystem::path& config);
  std::string Superuser() const;

  const InstallationOptions options_;
  const dev::SandboxPaths paths_;
  const Say say_;
  const std::filesystem::path cluster_;
  dev::SandboxPorts ports_;
  std::optional<dev::FolderLock> lock_;
  bool database_runs_ = false;
  std::string socket_folder_;
  pid_t postmaster_ = 0;
  std::optional<synth::NationFiles> nation_;
  std::optional<dev::CardAuthorities> cards_;
  std::optional<dev::ChildProcess> server_;
  std::filesystem::path long_crl_;                // where the longest CRL lies
  std::vector<std::filesystem::path> next_crls_;  // its next versions, the first one last
  int prepared_ = 0;                              // how many there were
  int64_t serials_without_ = 0;                   // that the server held beside the invented ones
};

}  // namespace kakunin::bench
