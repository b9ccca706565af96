#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/coverage.h"
#include "domain/text/individual_number.h"
#include "server/usecases/feed_keys.h"
#include "storage/feed_store.h"

namespace kakunin {

// RowFault is why a row cannot be used as it is. The list grows; names are stable.
enum class RowFault {
  kFieldMissing = 1,
  kFieldMalformed,
  kIndividualNumberInvalid,
  kNoIndividualNumber,
  kDateOrderImpossible,
};

// RowFaultFacts is one row of the table of faults.
struct RowFaultFacts {
  RowFault fault;
  std::string_view reason;   // UPPER_SNAKE
  std::string_view message;  // ja-JP, what the insurer does next
  bool hidden;               // stored and hidden; else the row is refused
};

std::span<const RowFaultFacts> AllRowFaults();

// MessageOfFinding is the sentence beside a stored finding's reason; a general one for a reason
// that the store gave.
std::string_view MessageOfFinding(std::string_view reason);

// FieldFault is one fault of one field; never the field's value.
struct FieldFault {
  RowFault fault = RowFault::kFieldMissing;
  std::string field;  // empty: the row as a whole
};

// kMostFaultsOfRow bounds what is told about one row: a row of garbage must not fill the report.
inline constexpr int kMostFaultsOfRow = 64;

// IncomingRow is one pushed row after the border has read its shape. `coverage` holds what could be
// read, with symbol, number and branch still as the insurer wrote them; `faults` what could not.
struct IncomingRow {
  RowAction action = RowAction::kNew;
  std::optional<IndividualNumber> individual_number;
  Coverage coverage;
  std::vector<FieldFault> faults;

  // AddFault keeps the first fault of each field, and kMostFaultsOfRow in all.
  void AddFault(RowFault fault, std::string field);
};

// JudgedChunk is what a chunk's rows came to.
struct JudgedChunk {
  std::vector<StagedCoverage> staged;
  std::vector<Finding> findings;
  int64_t refused = 0;
};

// JudgeRows decides each row by itself: look-up keys made and the number hashed, or findings. A bad
// row never stops another. `insurer_number` is the certificate's, eight digits whose check digit
// registration looked at; `today` is the JST day on which the rows arrive.
JudgedChunk JudgeRows(std::vector<IncomingRow> rows, int64_t chunk,
                      const std::string& insurer_number, const FeedKeys& keys,
                      absl::CivilDay today);

}  // namespace kakunin
