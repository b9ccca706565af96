#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "storage/feed_store.h"

namespace kakunin {

// kMostCardLinks bounds one request, so that its transaction stays short.
inline constexpr int kMostCardLinks = 5000;

// PushCardLinks stores links of card certificates to persons, within `tx`, all or none. The rows
// hold the keyed hashes of individual numbers, never the numbers. Returns PERSON_CONFLICT when a
// certificate belongs to somebody else, or a StoreError.
absl::StatusOr<CardLinkCounts> PushCardLinks(Transaction& tx, AuditRecord& record,
                                             CardLinkStore& links,
                                             std::span<const CardLinkRow> rows);

}  // namespace kakunin
