#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "domain/facility_settings.h"
#include "domain/session.h"
#include "server/clock.h"
#include "server/snapshot_age.h"
#include "storage/account_store.h"

namespace kakunin {

// KnownSession is one session and when this server last saw it used.
class KnownSession {
 public:
  KnownSession(Session session, absl::Time used);

  const Session& session() const { return session_; }
  // LastUsed is the later of what is stored and what this server saw.
  absl::Time LastUsed() const;
  // Use notes a use. Thread-safe, since calls share the snapshot.
  void Use(absl::Time at) const;

 private:
  const Session session_;
  mutable std::atomic<int64_t> used_micros_;
};

// AccountSnapshot is who has logged in and how facilities use the service, as of one generation.
// Immutable once published but for the uses; in two layers, as RegistrySnapshot, so that a log-in
// costs its row and not a copy of all.
class AccountSnapshot {
 public:
  // Find returns a session by the hash of its token, or null. Points into the snapshot.
  const KnownSession* Find(const Digest32& token_hash) const;
  // SettingsOf are a facility's settings; the default ones when it never set anything.
  FacilitySettings SettingsOf(const std::string& facility_code) const;
  int64_t generation() const { return generation_; }

  // With returns a snapshot that `changes` (all newer) were laid over. What is over at `now` may be
  // forgotten.
  std::shared_ptr<const AccountSnapshot> With(const AccountChanges& changes, absl::Time now) const;

  // UnwrittenUses lists the sessions that this server saw used `since_stored` or more after what is
  // stored.
  std::vector<SessionUse> UnwrittenUses(absl::Duration since_stored) const;

 private:
  struct Layer {
    absl::flat_hash_map<std::string, std::shared_ptr<const KnownSession>> sessions;
    absl::flat_hash_map<std::string, FacilitySettings> settings;
  };

  int64_t generation_ = 0;
  std::shared_ptr<const Layer> base_ = std::make_shared<Layer>();
  std::shared_ptr<const Layer> recent_ = std::make_shared<Layer>();
};

// AccountWatch keeps a fresh snapshot for the terminals' port: a thread polls the generation row
// (250 ms) and reads only newer rows, and once a minute writes down uses that are five minutes
// newer than what is stored. Thread-safe.
class AccountWatch {
 public:
  // All references outlive the watch.
  AccountWatch(Database& database, AccountStore& store, const Clock& clock);
  ~AccountWatch();

  // Start reads everything once and begins to poll. Returns the store's error when the first read
  // fails.
  absl::Status Start();
  void Stop();

  // Current is the newest snapshot, or null when it is older than 10 s: then no terminal may be let
  // in, since the end of a session, or a setting, could be hidden from us.
  std::shared_ptr<const AccountSnapshot> Current() const;

  // CatchUp reads what is newer now, up to `deadline`, so that whoever logged in or out at this
  // server finds it so with the next call. A failure is the next poll's business.
  void CatchUp(std::chrono::steady_clock::time_point deadline);

  // Age is the time since the last successful poll.
  absl::Duration Age() const { return age_.Age(); }

 private:
  absl::Status Poll(std::chrono::steady_clock::time_point deadline);
  void WriteUses();
  void Run();

  Database& database_;
  AccountStore& store_;
  const Clock& clock_;
  std::mutex polling_;  // one reading at a time: a slow one must not replace a newer snapshot
  std::atomic<std::shared_ptr<const AccountSnapshot>> snapshot_;
  SnapshotAge age_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
