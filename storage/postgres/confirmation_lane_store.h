#pragma once

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "storage/confirmation_store.h"
#include "storage/postgres/audit_columns.h"
#include "storage/postgres/binary_array.h"
#include "storage/postgres/confirmation_statements.h"
#include "storage/postgres/lane_connection.h"
#include "storage/postgres/remembered_facilities.h"
#include "storage/postgres/remembered_persons.h"

namespace kakunin {

// PostgresConfirmationStore is the ConfirmationStore of one lane on a connection of its own.
class PostgresConfirmationStore : public ConfirmationStore {
 public:
  // `statements` begin with ConfirmationStatements() and outlive the store.
  explicit PostgresConfirmationStore(
      ConnectionParameters parameters, AuditFence* fence = nullptr,
      std::span<const LaneStatement> statements = ConfirmationStatements())
      : connection_(std::move(parameters), statements, fence) {}

  bool Connected() const override { return connection_.Connected(); }
  absl::Status Reconnect(MonotonicTime deadline) override {
    return connection_.Reconnect(deadline);
  }
  void NoticeLoss() override { connection_.DropIfClosed(); }
  absl::Status IssueChallenges(std::span<const Challenge> challenges,
                               std::span<const AuditRecord> audit, MonotonicTime deadline) override;
  absl::StatusOr<std::vector<ChallengeOutcome>> ConsumeChallenges(
      std::span<const ChallengeUse> uses, absl::Time now, MonotonicTime deadline) override;
  absl::StatusOr<BatchAnswers> Read(std::span<const KeyHash> keys, std::span<const CardKey> cards,
                                    MonotonicTime deadline) override;
  absl::StatusOr<std::vector<std::vector<std::string>>> ReadReferenceNumbers(
      std::span<const ReferenceQuestion> questions, MonotonicTime deadline) override;
  absl::StatusOr<std::vector<PersonAnswer>> ReadPersons(std::span<const PersonId> persons,
                                                        MonotonicTime deadline) override;
  absl::StatusOr<std::vector<RelationRows>> ReadRelations(
      std::span<const RelationQuestion> questions, MonotonicTime deadline) override;
  absl::StatusOr<std::vector<Coverage>> ReadTruth(const PersonId& person,
                                                  MonotonicTime deadline) override;
  absl::Status Write(std::span<const AuditRecord> audit,
                     std::span<const Confirmation> confirmations,
                     std::span<const ConsentAct> consents, std::span<const NoMatch> no_matches,
                     MonotonicTime deadline) override;
  absl::StatusOr<bool> AuditRowExists(const AuditId& id, MonotonicTime deadline) override;

 protected:
  LaneConnection& connection() { return connection_; }

 private:
  static constexpr size_t kConfirmationArrays = 10;
  static constexpr size_t kConsentArrays = 15;
  static constexpr size_t kHeldArrays = 3;
  static constexpr size_t kNoMatchArrays = 6;

  // The arrays of a statement are filled from the first one on, in the order of its parameters;
  // each Fill returns the first one left.
  BinaryArray* FillConfirmations(BinaryArray* next, std::span<const Confirmation> confirmations);
  BinaryArray* FillConsents(BinaryArray* next, std::span<const ConsentAct> consents);
  BinaryArray* FillHeld(BinaryArray* next, std::span<const Confirmation> held);
  BinaryArray* FillNoMatches(BinaryArray* next, std::span<const NoMatch> no_matches);
  BinaryArray* FillChallenges(BinaryArray* next, std::span<const Challenge> challenges);
  absl::StatusOr<LaneResult> RunFilled(ConfirmationStatement statement, const BinaryArray* end,
                                       MonotonicTime deadline);
  // RunWrite runs a statement that begins with what all rows of `audit` have in common.
  absl::Status RunWrite(ConfirmationStatement statement, std::span<const AuditRecord> audit,
                        const BinaryArray* end, MonotonicTime deadline);

  // FindInCases asks the table about everybody in `read`.
  absl::StatusOr<absl::flat_hash_set<PersonId>> FindInCases(const LaneResult& read,
                                                            MonotonicTime deadline);
  // AnswersIn takes the persons of `read`, a row each, and what is remembered of them.
  absl::StatusOr<std::vector<PersonAnswer>> AnswersIn(const LaneResult& read,
                                                      MonotonicTime deadline);

  LaneConnection connection_;
  std::array<BinaryArray,
             kAuditArrays + kConfirmationArrays + kConsentArrays + kHeldArrays + kNoMatchArrays>
      arrays_;
  LaneResult read_;          // behind the views of the last Read
  LaneResult read_persons_;  // of the last ReadPersons
  RememberedPersons protected_;
  RememberedPersons in_cases_;
  RememberedFacilities with_numbers_;
};

}  // namespace kakunin
