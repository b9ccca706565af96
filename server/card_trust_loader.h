#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "auth/crl_memory.h"
#include "server/clock.h"
#include "server/snapshot_age.h"
#include "server/usecases/confirm_eligibility.h"

namespace kakunin {

// CardTrustLoader keeps what cards are judged by: the pinned roots and the CRLs, read from
// directories by a thread of its own and replaced whole, so that no lane ever waits. Thread-safe.
class CardTrustLoader {
 public:
  // `clock` and `archive` outlive the loader.
  CardTrustLoader(std::filesystem::path trust_directory, std::filesystem::path crl_directory,
                  absl::Duration reload_every, const Clock& clock, auth::CrlArchive& archive);
  ~CardTrustLoader();

  // Start reads everything once and begins to watch. FAILED_PRECONDITION when there is no usable
  // root; CRLs that are missing are no error: the cards they belong to are answered UNAVAILABLE.
  absl::Status Start();

  CardTrust Current() const;

  // Reload reads the directories now. A trust directory that cannot be used leaves the held roots.
  absl::Status Reload();

  // Age is how long ago the directories were last read and the roots usable.
  absl::Duration Age() const { return age_.Age(); }
  // RefusedCrls is how many files the last reading refused, each of which left an older CRL or none
  // in place. SuspiciousCrls is how many were taken since the start although a person should look:
  // they had shrunk.
  int RefusedCrls() const { return refused_.load(std::memory_order_relaxed); }
  int64_t SuspiciousCrls() const { return suspicious_.load(std::memory_order_relaxed); }

 private:
  void Run();

  const std::filesystem::path trust_directory_;
  const std::filesystem::path crl_directory_;
  const absl::Duration reload_every_;
  const Clock& clock_;
  auth::CrlArchive& archive_;
  std::atomic<std::shared_ptr<const CardTrust>> current_;
  SnapshotAge age_;
  std::atomic<int> refused_{0};
  std::atomic<int64_t> suspicious_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
