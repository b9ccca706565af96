#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "auth/crl_memory.h"
#include "server/clock.h"
#include "server/clock_watch.h"
#include "server/snapshot_age.h"
#include "server/usecases/confirm_eligibility.h"

namespace kakunin {

// CardTrustLoader keeps what cards are judged by: the pinned roots and the CRLs, read from
// directories by a thread of its own and replaced whole, so that no lane ever waits. While the
// machine's clock is back by kMostClockBack or more nothing tells which CRL is fresh: none is shown
// then, and every card is UNAVAILABLE. Thread-safe.
class CardTrustLoader {
 public:
  // `clock` and `archive` outlive the loader. `machine` is what the machine's own clocks say.
  CardTrustLoader(std::filesystem::path trust_directory, std::filesystem::path crl_directory,
                  absl::Duration reload_every, const Clock& clock, auth::CrlArchive& archive,
                  std::function<ClockWatch::Reading()> machine = ClockWatch::ReadMachine);
  ~CardTrustLoader();

  // Start reads everything once and begins to watch. FAILED_PRECONDITION when there is no usable
  // root; CRLs that are missing are no error: the cards they belong to are answered UNAVAILABLE.
  absl::Status Start();

  CardTrust Current() const;

  // Reload reads the directories now. A trust directory that cannot be used leaves the held roots.
  // By one thread at a time: after Start only by the loader's own, but for tests.
  absl::Status Reload();

  // Age is how long ago the directories were last read and the roots usable.
  absl::Duration Age() const { return age_.Age(); }
  // RefusedCrls is how many files the last reading refused, each of which left an older CRL or none
  // in place. SuspiciousCrls is how many were taken since the start although a person should look:
  // they had shrunk.
  int RefusedCrls() const { return refused_.load(std::memory_order_relaxed); }
  int64_t SuspiciousCrls() const { return suspicious_.load(std::memory_order_relaxed); }
  // VanishedSerials is how many serials CRLs that were taken since the start do not list any more.
  int64_t VanishedSerials() const { return vanished_.load(std::memory_order_relaxed); }
  // MachineClock tells whether the machine's clock went back, as of the last reading.
  const ClockWatch& MachineClock() const { return machine_; }

 private:
  void Run();
  void LookAtMachineClock();

  const std::filesystem::path trust_directory_;
  const std::filesystem::path crl_directory_;
  const absl::Duration reload_every_;
  const Clock& clock_;
  auth::CrlArchive& archive_;
  ClockWatch machine_;
  std::atomic<std::shared_ptr<const CardTrust>> current_;
  // What was read last, whether or not it is shown; of whoever runs Reload.
  std::shared_ptr<const auth::RevocationSnapshot> read_;
  SnapshotAge age_;
  std::atomic<int> refused_{0};
  std::atomic<int64_t> suspicious_{0};
  std::atomic<int64_t> vanished_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
