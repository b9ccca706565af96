#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/card_link.h"
#include "domain/coverage.h"
#include "domain/delivered_certificate.h"
#include "domain/health_check.h"
#include "domain/receipt.h"
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
  kIndividualNumberInClear,
  kDateOrderImpossible,
  kDateInFuture,
  kMonthNotKept,
  kDayOutsideMonth,
  kProgrammeNotOfRegistrar,
  kCharacterUnmappable,
  // Told by the store, of a coverage as a whole, when the feed is judged.
  kIdentityMismatch,
  kIdentityMismatchBeside,
  kResidentUnknown,
  // Told by the store, of a certificate as a whole, when the feed is judged.
  kCoverageUnknown,
  kCoverageHidden,
  kCertificateOfOtherCoverage,
  kCertificateOutsideCoverage,
  kCertificateOverlap,
  // Told by the store, of a row of any kind, when the feed is judged.
  kRefusedBeside,
  // Likewise of a coverage, which is taken all the same.
  kCoverageOverlap,
  // Of a card link.
  kCardReplacesItself,
  // Told by the store, of a row of any kind, when the feed is judged.
  kPersonConflict,
  // Likewise of a card link.
  kCardMediumDiffers,
  kCardReplacedInCircle,
  kCardReplacesUnknown,
  // Told by the store, of a row of any kind, when the feed is judged.
  kRowOutdated,
};

// RowFaultFacts is one row of the table of faults.
struct RowFaultFacts {
  RowFault fault;
  std::string_view reason;   // UPPER_SNAKE
  std::string_view message;  // ja-JP, what the party does next
  bool hidden;               // stored and hidden; else the row is refused, but for an overlap
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

// IncomingHead is what a pushed row of any kind has beside its record.
struct IncomingHead {
  RowAction action = RowAction::kNew;
  std::optional<IndividualNumber> individual_number;
  std::vector<FieldFault> faults;

  // AddFault keeps the first fault of each field, and kMostFaultsOfRow in all.
  void AddFault(RowFault fault, std::string field);
  // IsRefused tells whether any fault so far is more than a reason to hide the row.
  bool IsRefused() const;
};

// Incoming is one pushed row after the border has read its shape: `record` holds what could be
// read, `faults` what could not.
template <class Record>
struct Incoming : IncomingHead {
  Record record;
};
using IncomingCoverage = Incoming<Coverage>;
using IncomingReceipt = Incoming<Receipt>;
using IncomingHealthCheck = Incoming<HealthCheck>;
using IncomingElderly = Incoming<DeliveredElderly>;
using IncomingLimit = Incoming<DeliveredLimit>;
using IncomingDisease = Incoming<DeliveredDisease>;
using IncomingCardLink = Incoming<DeliveredCardLink>;

// IncomingRows are a chunk's rows, of one kind; the alternatives stand in the order of FeedKind.
using IncomingRows = std::variant<std::vector<IncomingCoverage>, std::vector<IncomingReceipt>,
                                  std::vector<IncomingHealthCheck>, std::vector<IncomingElderly>,
                                  std::vector<IncomingLimit>, std::vector<IncomingDisease>,
                                  std::vector<IncomingCardLink>>;

// Judged is what a chunk's rows came to.
template <class Record>
struct Judged {
  std::vector<Staged<Record>> staged;
  std::vector<Finding> findings;
  int64_t refused = 0;
  std::vector<Digest32> refused_numbers;  // ChunkRecord
};

// CheckIndividualNumber tells of a number whose check digit is wrong, and of one that is missing.
void CheckIndividualNumber(IncomingHead& row);

// AddFindings tells a judged row's faults.
void AddFindings(const IncomingHead& row, int64_t chunk, int32_t index,
                 const std::string& reference, std::vector<Finding>& findings);

// JudgeEach decides each row by itself, by `judge` (which completes the record or adds faults).
// `reference` names a record. Who else falls with a refused one is decided at the seal.
template <class Record, class Judge>
Judged<Record> JudgeEach(std::vector<Incoming<Record>> rows, int64_t chunk, const FeedKeys& keys,
                         std::string Record::*reference, Judge&& judge) {
  Judged<Record> judged;
  judged.staged.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    Incoming<Record>& row = rows[i];
    const auto index = static_cast<int32_t>(i);
    judge(row);
    CheckIndividualNumber(row);
    AddFindings(row, chunk, index, row.record.*reference, judged.findings);
    if (row.IsRefused()) {
      ++judged.refused;
      if (row.individual_number && row.individual_number->HasValidCheckDigit()) {
        judged.refused_numbers.push_back(
            HashOf(keys.individual_number, *row.individual_number).hash);
      }
      continue;
    }
    Staged<Record> staged{.row_index = index, .action = row.action};
    if (row.individual_number) {
      staged.individual = HashOf(keys.individual_number, *row.individual_number);
    }
    staged.record = std::move(row.record);
    judged.staged.push_back(std::move(staged));
  }
  return judged;
}

}  // namespace kakunin
