#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "domain/audit_chain.h"

namespace kakunin {

// kMonthRecordFormat numbers the encoding of a month's records, the serialised public messages in
// it included. A server that meets another number reads the truth instead; a job rebuilds the rows.
inline constexpr int kMonthRecordFormat = 3;

// RecordEntry is one facility's part of a person's month: a drug or treatment month, or one
// examination.
struct RecordEntry {
  // DrugSource of the public API where the entry holds drugs, else 0. Entries of one facility
  // follow one another, the lower one first: it outranks the others.
  int source = 0;
  // A serialised DrugMonth, TreatmentMonth or HealthCheck without its facilities.
  std::string_view body;
  // The fields that name facilities: appended to `body`, one message that names them. Left out for
  // a patient who is protected.
  std::string_view facilities;
  // The day that its retention is reckoned from (domain/retention.h); empty: the last of its month.
  std::optional<absl::CivilDay> reckoned;
  // The first kEntryDigestOctets of the SHA-256 of `body` and of `facilities`; set by
  // DecodeMonthRecord alone. An answer's digest is made of them: hashing tens of kilobytes anew for
  // every answer would cost more than reading them.
  std::string_view body_digest;
  std::string_view facilities_digest;
};
inline constexpr size_t kEntryDigestOctets = 16;

// EncodeMonthRecord makes the octets of one person's month of one kind; nothing in them depends on
// who asks. `hash` is SHA-256.
std::string EncodeMonthRecord(std::span<const RecordEntry> entries, HashFunction hash);

// DecodeMonthRecord reads them back; the views point into `octets`, which must outlive the result.
// Returns DATA_LOSS when the octets are no such record.
absl::StatusOr<std::vector<RecordEntry>> DecodeMonthRecord(std::string_view octets);

}  // namespace kakunin
