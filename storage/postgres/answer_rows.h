#pragma once

#include <cstdint>
#include <pqxx/transaction_base>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/feed_store.h"
#include "storage/housekeeping_store.h"

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

// WhichFormats tells which rows a rebuild takes for wrong. While servers of two versions run, only
// the newer one may rebuild, or they undo each other's work for ever; after a step back to an older
// version somebody asks for it.
enum class WhichFormats { kOlder, kOther };

// RebuildAnswers looks at the next `limit` answer rows after that of `after` and rewrites those
// whose format is older than kAnswerFormat, or another. Returns a StoreError. Used step by step
// from PersonId() on, until a step finds no row: what is made behind it has the format already.
absl::StatusOr<RebuiltAnswers> RebuildAnswers(Transaction& tx, const AnswerBuilder& build,
                                              WhichFormats which, const PersonId& after, int limit);

}  // namespace kakunin
