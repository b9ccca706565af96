#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/month_record.h"
#include "domain/record_kind.h"
#include "domain/retention.h"
#include "storage/record_store.h"

namespace kakunin {

// RecordPlace is where a page begins: at an entry of a stored month of a kind, counted from 0. What
// is stored may change between two pages; then an entry may come twice or not at all.
struct RecordPlace {
  absl::CivilMonth month;
  RecordKind kind = RecordKind::kDrug;
  int entry = 0;

  friend bool operator==(const RecordPlace&, const RecordPlace&) = default;
};

// PageWish is what a page is to hold.
struct PageWish {
  std::optional<RecordPlace> from;  // empty: the first page
  // What has had its time is left out, still stored or not; null: nothing has.
  const FirstDaysKept* kept = nullptr;
  bool receipts_only = false;    // leaves the twins of the e-prescription service out
  bool hide_facilities = false;  // the patient is protected
};

// RecordPage is the records that one answer holds, in its order; the views point into the months.
struct RecordPage {
  std::vector<RecordEntry> entries;
  std::optional<absl::Time> latest_arrival;  // of what is in it
  std::optional<RecordPlace> next;           // empty: nothing follows
};

// CutPage takes a page out of `months`, which are sorted as NewestFirst does: as many entries as
// fit kMostRecordOctets, but at least one, be it as large as the message in which it was pushed.
// INTERNAL when a month is not of this format.
absl::StatusOr<RecordPage> CutPage(std::span<const StoredMonth> months, const PageWish& wish);

// NewestFirst sorts months, and of one month the kinds by their numbers.
void NewestFirst(std::vector<StoredMonth>& months);

// PlaceAfter tells where to go on behind what the store read for a later page, which ends where
// `months`, newest first, pass kMostRecordOctets; empty when they do not: then all was read.
// `kinds` and `oldest` are those of the question.
std::optional<RecordPlace> PlaceAfter(std::span<const StoredMonth> months, const RecordKinds& kinds,
                                      absl::CivilMonth oldest);

}  // namespace kakunin
