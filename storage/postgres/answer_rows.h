#pragma once

#include <cstdint>
#include <pqxx/transaction_base>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/feed_store.h"

namespace kakunin {

// WriteAnswers rewrites the answer rows of `persons` from the truth, by `build`; persons without a
// visible coverage get an empty row. Returns a StoreError when a stored coverage cannot be read;
// throws what libpqxx throws.
absl::Status WriteAnswers(pqxx::transaction_base& work, std::span<const PersonId> persons,
                          const AnswerBuilder& build);

// AnswerDifferences is what CompareAnswers found wrong.
struct AnswerDifferences {
  int64_t persons = 0;         // looked at
  int64_t answers_differ = 0;  // rows that are not what the truth gives, or that are missing
  int64_t lookups_missing = 0;
  int64_t lookups_unfounded = 0;
};

// CompareAnswers proves that every answer row and every look-up row is what the truth gives, person
// by person. For tests and `kakunin migrate verify`; returns a StoreError.
absl::StatusOr<AnswerDifferences> CompareAnswers(Transaction& tx, const AnswerBuilder& build);

// RebuildAnswers rewrites up to `limit` answer rows whose format is not kAnswerFormat; returns how
// many. Returns a StoreError. Used by the job role after an upgrade, until it returns 0.
absl::StatusOr<int64_t> RebuildAnswers(Transaction& tx, const AnswerBuilder& build, int limit);

}  // namespace kakunin
