#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "storage/database.h"
#include "storage/registry_store.h"

namespace kakunin {

// MemoryDatabase runs acts at once and keeps the audit rows of those that end in OK.
class MemoryDatabase final : public Database {
 public:
  absl::Status Write(MonotonicTime, const std::function<absl::Status(Transaction&)>& act) override {
    if (!unavailable.ok()) return unavailable;
    MemoryTransaction tx(*this);
    const absl::Status status = act(tx);
    if (status.ok()) audit.insert(audit.end(), tx.rows.begin(), tx.rows.end());
    return status;
  }
  absl::Status Read(MonotonicTime deadline,
                    const std::function<absl::Status(Transaction&)>& act) override {
    return Write(deadline, act);
  }

  std::vector<AuditRecord> audit;
  absl::Status unavailable;

 private:
  struct MemoryTransaction final : Transaction {
    explicit MemoryTransaction(MemoryDatabase& database) : next(database.audit.size() + 1) {}
    absl::StatusOr<AuditId> AppendAudit(AuditRecord record) override {
      record.id.number = static_cast<int64_t>(next++);
      rows.push_back(record);
      return record.id;
    }
    size_t next;
    std::vector<AuditRecord> rows;
  };
};

class MemoryRegistry final : public RegistryStore {
 public:
  absl::StatusOr<RegistryRows> ReadSince(Transaction&, int64_t) override { return RegistryRows{}; }
  absl::StatusOr<std::optional<FacilityRow>> FindFacility(Transaction&,
                                                          const std::string& code) override {
    return Find(facilities, code);
  }
  absl::StatusOr<std::optional<TerminalRow>> FindTerminal(Transaction&,
                                                          const std::string& facility_code,
                                                          const std::string& id) override {
    return Find(terminals, facility_code + "/" + id);
  }
  absl::StatusOr<std::optional<PartyRow>> FindParty(Transaction&, ActorKind,
                                                    const std::string& name) override {
    return Find(parties, name);
  }
  absl::StatusOr<bool> FingerprintInUse(Transaction&, const Digest32& fingerprint,
                                        const std::string& except_owner) override {
    const auto uses = [&](const auto& entry) {
      return entry.first != except_owner && entry.second.fingerprint == fingerprint;
    };
    return std::any_of(terminals.begin(), terminals.end(), uses) ||
           std::any_of(parties.begin(), parties.end(), uses);
  }
  absl::StatusOr<bool> FingerprintRevoked(Transaction&, const Digest32& fingerprint) override {
    return revoked.contains(fingerprint) ||
           std::ranges::any_of(terminals,
                               [&](const auto& entry) {
                                 return entry.second.fingerprint == fingerprint &&
                                        entry.second.revoked_at.has_value();
                               }) ||
           std::ranges::any_of(parties, [&](const auto& entry) {
             return entry.second.fingerprint == fingerprint && !entry.second.active;
           });
  }
  absl::Status PutFacility(Transaction&, const FacilityRow& row) override {
    facilities[row.facility_code] = row;
    return absl::OkStatus();
  }
  absl::Status SetOperationTest(Transaction&, const std::string& code,
                                std::optional<absl::Time> began) override {
    facilities[code].test_began = began;
    return absl::OkStatus();
  }
  absl::Status SetTerms(Transaction&, const std::string& code,
                        const FacilityTerms& terms) override {
    facilities[code].terms = terms;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> SetGroundEnd(Transaction&, const std::string& code,
                                    absl::CivilDay ending_day, bool) override {
    facilities[code].terms.ground_ending_day = ending_day;
    return true;
  }
  absl::Status PutTestPerson(Transaction&, const TestPersonRow&) override {
    return absl::OkStatus();
  }
  absl::Status PutTerminal(Transaction&, const TerminalRow& row) override {
    TerminalRow& held = terminals[row.facility_code + "/" + row.terminal_id];
    if (held.revoked_at) revoked.insert(held.fingerprint);
    held = row;
    return absl::OkStatus();
  }
  absl::Status PutParty(Transaction&, const PartyRow& row) override {
    const auto held = parties.find(row.name);
    if (held != parties.end() && !held->second.active) revoked.insert(held->second.fingerprint);
    parties[row.name] = row;
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<TerminalRow>> ReadTerminal(Transaction&,
                                                          const std::string& facility_code,
                                                          const std::string& id) override {
    return Find(terminals, facility_code + "/" + id);
  }
  absl::Status PutFormer(Transaction&, const FormerCertificate& former) override {
    formers.push_back(former);
    return absl::OkStatus();
  }
  absl::StatusOr<int> EndFormers(Transaction&, const std::string& facility_code,
                                 const std::string& id, absl::Time at, bool) override {
    int ended = 0;
    for (FormerCertificate& former : formers) {
      if (former.facility_code != facility_code || former.terminal_id != id) continue;
      if (former.not_after <= at) continue;
      former.not_after = at;
      ++ended;
    }
    return ended;
  }

  std::vector<FormerCertificate> formers;

  std::map<std::string, FacilityRow> facilities;
  std::map<std::string, TerminalRow> terminals;
  std::map<std::string, PartyRow> parties;
  std::set<Digest32> revoked;

 private:
  template <class Row>
  static std::optional<Row> Find(const std::map<std::string, Row>& rows, const std::string& key) {
    const auto found = rows.find(key);
    return found == rows.end() ? std::nullopt : std::optional<Row>(found->second);
  }
};

class MemoryRequests final : public RequestStore {
 public:
  absl::StatusOr<std::optional<RequestOutcome>> Find(Transaction&, const std::string& actor,
                                                     int operation, const RequestId& id) override {
    const auto found = outcomes.find({actor, operation, id});
    return found == outcomes.end() ? std::nullopt : std::optional(found->second);
  }
  absl::Status Put(Transaction&, const std::string& actor, int operation, const RequestId& id,
                   const RequestOutcome& outcome, absl::Time) override {
    outcomes[{actor, operation, id}] = outcome;
    return absl::OkStatus();
  }
  std::map<std::tuple<std::string, int, RequestId>, RequestOutcome> outcomes;
};

}  // namespace kakunin
