#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/actor.h"
#include "server/snapshot_age.h"
#include "storage/registry_store.h"

namespace kakunin {

// PolicyCheck tells whether a policy for abnormal times was signed by this installation.
using PolicyCheck = std::function<bool(const SignedPolicy&)>;

// RegistrySnapshot is who may call, as of one generation. Immutable once published; kept in two
// layers so that a change costs the changed rows and not a copy of 300,000 terminals.
class RegistrySnapshot {
 public:
  // Entry is what one certificate stands for.
  struct Entry {
    std::variant<TerminalRow, PartyRow> row;
    // The facility of a terminal; absent when it is not registered.
    std::shared_ptr<const FacilityRow> facility;
  };

  // Find returns the entry of a certificate fingerprint, or null. Points into the snapshot.
  const Entry* Find(const Digest32& fingerprint) const;
  // TerminalOf is the terminal of an entry that is one, as it stands at `now`, without its user:
  // TERMINAL_REVOKED, CERTIFICATE_EXPIRED, FACILITY_INACTIVE, FACILITY_CLOSED or
  // RESTRICTED_TYPE_ENDED when it may not call. One of a facility in the operation test sees the
  // published test persons alone, as of this snapshot, and may try every form of care.
  absl::StatusOr<Terminal> TerminalOf(const Entry& entry, absl::Time now) const;

  // FindTerminal returns the entry of the certificate that a terminal has now, the newest of
  // several, or null. Points into the snapshot.
  const Entry* FindTerminal(const std::string& facility_code, const std::string& terminal_id) const;
  int64_t generation() const { return generation_; }

  // PoliciesForged counts policies for abnormal times whose signature is not of their content: not
  // in force, and an alarm.
  int PoliciesForged() const { return forged_; }

  // With returns a snapshot that `rows` (all newer than this one) were laid over, the terms of
  // facilities reckoned by `grounds`. Of policies only those count that `verifies`; without it none
  // does.
  std::shared_ptr<const RegistrySnapshot> With(const RegistryRows& rows,
                                               const PolicyCheck& verifies = {},
                                               const RestrictedGroundRules& grounds = {}) const;

 private:
  struct Layer {
    absl::flat_hash_map<std::string, std::shared_ptr<const Entry>>
        by_fingerprint;  // null: no longer bound
    absl::flat_hash_map<std::string, std::shared_ptr<const FacilityRow>> facilities;
    // Owner ("facility/terminal", "insurer/number") -> fingerprint, to drop a replaced certificate.
    absl::flat_hash_map<std::string, std::string> fingerprint_of_owner;
    // facility -> terminals' fingerprints, to renew their entries when the facility changes.
    absl::flat_hash_map<std::string, std::vector<std::string>> terminals_of_facility;
    // Owner -> all that it has beside its own certificate, ended ones too.
    absl::flat_hash_map<std::string, std::vector<FormerCertificate>> formers_of_owner;
  };
  class Change;
  // Replaces what is newer among the policies of `before`.
  void LayPolicies(const RegistrySnapshot& before, const RegistryRows& rows,
                   const PolicyCheck& verifies);
  const Entry* FindKey(const std::string& fingerprint) const;

  int64_t generation_ = 0;
  std::shared_ptr<const Layer> base_ = std::make_shared<Layer>();
  std::shared_ptr<const Layer> recent_ = std::make_shared<Layer>();
  SeesOnly test_persons_ = std::make_shared<const TestPersons>();  // never null
  std::vector<SignedPolicy> policies_;                             // all, forged ones too
  int forged_ = 0;
  std::shared_ptr<const AbnormalTimes> abnormal_times_;  // null: no policy was ever approved
};

// Registry keeps a fresh snapshot: a thread polls the generation row (250 ms) and reads only newer
// rows. Thread-safe.
class Registry {
 public:
  // `database` and `store` outlive the registry.
  // `grounds` is what is configured of the restricted type's grounds.
  Registry(Database& database, RegistryStore& store, PolicyCheck verifies = {},
           const RestrictedGroundRules& grounds = {});
  ~Registry();

  // Start reads everything once and begins to poll. Returns the store's error when the first read
  // fails.
  absl::Status Start();
  void Stop();

  // Current is the newest snapshot, or null when it is older than 10 s: then nobody may be let in,
  // since a revocation could be hidden from us (design.md, Identity).
  std::shared_ptr<const RegistrySnapshot> Current() const;

  // PoliciesForged is the snapshot's, however old.
  int PoliciesForged() const { return snapshot_.load(std::memory_order_acquire)->PoliciesForged(); }

  // Age is the time since the last successful poll.
  absl::Duration Age() const { return age_.Age(); }

 private:
  absl::Status PollWithin(std::chrono::nanoseconds bound);
  void Run();

  Database& database_;
  RegistryStore& store_;
  const PolicyCheck verifies_;
  const RestrictedGroundRules grounds_;
  std::atomic<std::shared_ptr<const RegistrySnapshot>> snapshot_;
  SnapshotAge age_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace kakunin
