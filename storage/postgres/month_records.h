#pragma once

#include <compare>
#include <cstdint>
#include <pqxx/transaction_base>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "storage/feed_store.h"
#include "storage/housekeeping_store.h"
#include "storage/postgres/answer_rows.h"

namespace kakunin {

// PersonMonth is what a month record is about, beside its kind.
struct PersonMonth {
  PersonId person;
  absl::CivilMonth month;

  friend bool operator==(const PersonMonth&, const PersonMonth&) = default;
  friend bool operator<(const PersonMonth& a, const PersonMonth& b) {
    return a.person != b.person ? a.person < b.person : a.month < b.month;
  }
};

// WriteReceiptMonths rewrites the month records of `months` of the kinds that come from receipts,
// from the truth, by `build`. `may_shrink`: records that nothing is left of are removed; without it
// every record that was there stays founded. Returns a StoreError when a stored row cannot be read;
// throws what libpqxx throws.
absl::Status WriteReceiptMonths(pqxx::transaction_base& work, std::span<const PersonMonth> months,
                                const ReceiptMonthBuilder& build, bool may_shrink);
// WriteHealthCheckMonths does so with the health checks.
absl::Status WriteHealthCheckMonths(pqxx::transaction_base& work,
                                    std::span<const PersonMonth> months,
                                    const HealthCheckMonthBuilder& build, bool may_shrink);

// RebuildMonthRecords looks at the month records of the next `limit` persons after `after` and
// rewrites, from the truth, those whose format is older than kMonthRecordFormat, or another: as
// RebuildAnswers does with answer rows, step by step. Returns a StoreError.
absl::StatusOr<RebuiltAnswers> RebuildMonthRecords(Transaction& tx, const CopyBuilders& build,
                                                   WhichFormats which, const PersonId& after,
                                                   int limit);

// MonthRecordDifferences is what CompareMonthRecords found wrong.
struct MonthRecordDifferences {
  int64_t persons = 0;    // looked at
  int64_t records = 0;    // that the truth gives
  int64_t differ = 0;     // are there, and not what the truth gives
  int64_t missing = 0;    // the truth gives them, and they are not there
  int64_t unfounded = 0;  // are there, and nothing in the truth gives them
};

// CompareMonthRecords proves that the month records are what the truth gives, person by person. For
// tests and `kakunin migrate verify`; returns a StoreError.
absl::StatusOr<MonthRecordDifferences> CompareMonthRecords(Transaction& tx,
                                                           const CopyBuilders& build);

}  // namespace kakunin
