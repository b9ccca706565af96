#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/confirmation_store.h"
#include "storage/store_error.h"

namespace kakunin {

// ScriptedConfirmationStore keeps in memory what a lane's store keeps in PostgreSQL, and fails as
// told: a write that holds a poisoned actor is bad data, `next_writes` are taken one a write, and
// so on.
class ScriptedConfirmationStore final : public ConfirmationStore {
 public:
  struct PersonRow {
    PersonId person;
    int format = 1;
    std::string octets;
  };

  struct CardRow {
    PersonRow holder;
    int medium = 1;
    bool superseded = false;
  };

  bool Connected() const override { return connected; }
  absl::Status Reconnect(MonotonicTime) override {
    if (!may_connect) return StoreError(StoreFailure::kUnavailable);
    connected = true;
    ++connections;
    return absl::OkStatus();
  }
  void NoticeLoss() override {}

  absl::Status IssueChallenges(std::span<const Challenge> issued, std::span<const AuditRecord> rows,
                               MonotonicTime) override {
    if (const auto failure = Next(next_issues)) return StoreError(*failure);
    for (const Challenge& challenge : issued) challenges[challenge.id] = {challenge, {}};
    audit.insert(audit.end(), rows.begin(), rows.end());
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<ChallengeOutcome>> ConsumeChallenges(
      std::span<const ChallengeUse> uses, absl::Time now, MonotonicTime) override {
    if (const auto failure = Next(next_consumes)) {
      connected = connected && *failure != StoreFailure::kTimedOut;
      return StoreError(*failure);
    }
    std::vector<ChallengeOutcome> outcomes;
    std::set<ChallengeId> seen;
    for (const ChallengeUse& use : uses) {
      repeated_id_in_one_batch = repeated_id_in_one_batch || !seen.insert(use.id).second;
      ChallengeOutcome outcome;
      if (const auto found = challenges.find(use.id); found != challenges.end()) {
        outcome.challenge = found->second.first;
        auto& used = found->second.second;
        outcome.consumed_now = !used;
        if (used) {
          outcome.used_by_request = used->request_id;
          outcome.used_by_digest = used->request_digest;
          outcome.used_by_terminal_id = used->terminal_id;
          outcome.used_at = used_at[use.id];
        } else {
          used = use;
          used_at[use.id] = now;
        }
      }
      outcomes.push_back(outcome);
    }
    return outcomes;
  }

  absl::StatusOr<BatchAnswers> Read(std::span<const KeyHash> keys, std::span<const CardKey> cards,
                                    MonotonicTime) override {
    if (const auto failure = Next(next_reads)) return StoreError(*failure);
    BatchAnswers answers;
    for (const KeyHash& key : keys) {
      auto& found = answers.by_key.emplace_back();
      for (const PersonRow& row : by_key[key])
        found.push_back({.person = row.person,
                         .format = row.format,
                         .octets = row.octets,
                         .in_case = in_cases.contains(row.person)});
    }
    for (const CardKey& card : cards) {
      CardAnswer& answer = answers.by_card.emplace_back();
      const auto found = by_card.find({std::string(card.issuer_key_id), std::string(card.serial)});
      if (found == by_card.end()) continue;
      const CardRow& row = found->second;
      answer = {.linked = true,
                .superseded = row.superseded,
                .medium = row.medium,
                .answer = {.person = row.holder.person,
                           .format = row.holder.format,
                           .octets = row.holder.octets,
                           .in_case = in_cases.contains(row.holder.person)}};
    }
    return answers;
  }

  absl::StatusOr<std::vector<std::vector<std::string>>> ReadReferenceNumbers(
      std::span<const ReferenceQuestion> questions, MonotonicTime) override {
    if (const auto failure = Next(next_number_reads)) return StoreError(*failure);
    std::vector<std::vector<std::string>> numbers;
    for (const ReferenceQuestion& question : questions) {
      numbers.push_back(reference_numbers[{question.person, std::string(question.facility_code)}]);
    }
    return numbers;
  }

  absl::StatusOr<std::vector<PersonAnswer>> ReadPersons(std::span<const PersonId> persons,
                                                        MonotonicTime) override {
    if (const auto failure = Next(next_reads)) return StoreError(*failure);
    std::vector<PersonAnswer> answers;
    for (const PersonId& person : persons) {
      const PersonRow& row = by_person[person];
      answers.push_back({.person = person,
                         .format = row.format,
                         .octets = row.octets,
                         .in_case = in_cases.contains(person)});
    }
    return answers;
  }

  absl::StatusOr<std::vector<RelationRows>> ReadRelations(
      std::span<const RelationQuestion> questions, MonotonicTime) override {
    ++relations_read;
    if (const auto failure = Next(next_reads)) return StoreError(*failure);
    std::vector<RelationRows> rows;
    for (const RelationQuestion& question : questions) {
      rows.push_back(relations[question.person]);
      rows.back().certificates.resize(rows.back().acts.size());
    }
    return rows;
  }

  absl::StatusOr<std::vector<Coverage>> ReadTruth(const PersonId&, MonotonicTime) override {
    ++truths_read;
    return std::vector<Coverage>(1);
  }

  absl::Status Write(std::span<const AuditRecord> rows, std::span<const Confirmation> confirmed,
                     std::span<const ConsentAct> acts, std::span<const NoMatch> unmatched,
                     MonotonicTime) override {
    ++writes;
    if (const auto happens = std::exchange(before_write, nullptr)) happens();
    const auto keep = [&] {
      audit.insert(audit.end(), rows.begin(), rows.end());
      confirmations.insert(confirmations.end(), confirmed.begin(), confirmed.end());
      consents.insert(consents.end(), acts.begin(), acts.end());
      no_matches.insert(no_matches.end(), unmatched.begin(), unmatched.end());
    };
    if (!next_writes.empty()) {
      const auto [failure, happened] = next_writes.front();
      next_writes.erase(next_writes.begin());
      if (happened) keep();
      if (failure == StoreFailure::kUnknownOutcome || failure == StoreFailure::kTimedOut ||
          failure == StoreFailure::kUnavailable) {
        connected = false;
      }
      return StoreError(failure);
    }
    for (const AuditRecord& row : rows) {
      if (!row.user.empty() && row.user == poisoned_user)
        return StoreError(StoreFailure::kBadData, "22021");
    }
    for (const Confirmation& row : confirmed) {
      if (row.held_ends && *row.held_ends != relations[row.person].stored_ends) {
        return StoreError(StoreFailure::kSerialisation, "40001");
      }
    }
    keep();
    return absl::OkStatus();
  }

  absl::StatusOr<bool> AuditRowExists(const AuditId& id, MonotonicTime) override {
    for (const AuditRecord& row : audit) {
      if (row.id.stream == id.stream && row.id.number == id.number) return true;
    }
    return false;
  }

  std::function<void()> before_write;  // once
  std::set<PersonId> in_cases;
  bool connected = false;
  bool may_connect = true;
  int connections = 0;
  int writes = 0;
  int truths_read = 0;
  int relations_read = 0;
  bool repeated_id_in_one_batch = false;
  std::string poisoned_user;
  std::vector<StoreFailure> next_issues;
  std::vector<StoreFailure> next_consumes;
  std::vector<StoreFailure> next_reads;
  std::vector<StoreFailure> next_number_reads;
  std::vector<std::pair<StoreFailure, bool>>
      next_writes;  // what to answer, and whether it happened
  std::map<ChallengeId, std::pair<Challenge, std::optional<ChallengeUse>>> challenges;
  std::map<ChallengeId, absl::Time> used_at;
  std::map<KeyHash, std::vector<PersonRow>> by_key;
  std::map<std::pair<std::string, std::string>, CardRow> by_card;  // issuer key id, serial
  std::map<std::pair<PersonId, std::string>, std::vector<std::string>> reference_numbers;
  std::map<PersonId, PersonRow> by_person;
  std::map<PersonId, RelationRows> relations;
  std::vector<AuditRecord> audit;
  std::vector<Confirmation> confirmations;
  std::vector<ConsentAct> consents;
  std::vector<NoMatch> no_matches;

 private:
  static std::optional<StoreFailure> Next(std::vector<StoreFailure>& script) {
    if (script.empty()) return std::nullopt;
    const StoreFailure failure = script.front();
    script.erase(script.begin());
    return failure;
  }
};

}  // namespace kakunin
