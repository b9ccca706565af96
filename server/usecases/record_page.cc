#include "server/usecases/record_page.h"

#include <algorithm>

#include "domain/error.h"
#include "domain/receipt.h"

namespace kakunin {
namespace {

// A field's number and length before each record.
constexpr size_t kHeadOctets = 5;

// Of a page that begins within this month the entries before its place were sent already.
size_t FirstEntry(const StoredMonth& stored, const std::optional<RecordPlace>& from) {
  const bool begins_here = from && from->month == stored.month && from->kind == stored.kind;
  return begins_here ? static_cast<size_t>(from->entry) : 0;
}

}  // namespace

absl::StatusOr<RecordPage> CutPage(std::span<const StoredMonth> months, const PageWish& wish) {
  RecordPage page;
  size_t octets = 0;
  for (const StoredMonth& stored : months) {
    if (stored.format != kMonthRecordFormat) return MakeError(Reason::kInternal);
    const auto entries = DecodeMonthRecord(stored.octets);
    if (!entries.ok()) return MakeError(Reason::kInternal);
    for (size_t i = FirstEntry(stored, wish.from); i < entries->size(); ++i) {
      RecordEntry entry = (*entries)[i];
      const bool twin = entry.source > static_cast<int>(DrugSource::kReceipt);
      if (wish.kept && !wish.kept->Shows(stored.kind, twin, stored.month, entry.reckoned)) continue;
      if (wish.receipts_only && entry.source != static_cast<int>(DrugSource::kReceipt)) continue;
      if (wish.hide_facilities) entry.facilities = entry.facilities_digest = {};
      octets += kHeadOctets + entry.body.size() + entry.facilities.size();
      if (octets > kMostRecordOctets && !page.entries.empty()) {
        page.next = {stored.month, stored.kind, static_cast<int>(i)};
        return page;
      }
      page.entries.push_back(entry);
      page.latest_arrival = std::max(page.latest_arrival.value_or(stored.arrived), stored.arrived);
    }
  }
  return page;
}

void NewestFirst(std::vector<StoredMonth>& months) {
  std::ranges::sort(months, [](const StoredMonth& a, const StoredMonth& b) {
    return a.month != b.month ? a.month > b.month : a.kind < b.kind;
  });
}

std::optional<RecordPlace> PlaceAfter(std::span<const StoredMonth> months, const RecordKinds& kinds,
                                      absl::CivilMonth oldest) {
  size_t octets = 0;
  for (const StoredMonth& stored : months) octets += stored.octets.size();
  if (octets <= kMostRecordOctets) return std::nullopt;
  const StoredMonth& last = months.back();
  if (static_cast<int>(last.kind) < kinds.last) {
    return RecordPlace{last.month, static_cast<RecordKind>(static_cast<int>(last.kind) + 1)};
  }
  if (last.month <= oldest) return std::nullopt;
  return RecordPlace{last.month - 1, static_cast<RecordKind>(kinds.first)};
}

}  // namespace kakunin
