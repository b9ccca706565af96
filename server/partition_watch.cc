#include "server/partition_watch.h"

#include <chrono>

#include "storage/postgres/partitions.h"

namespace kakunin {

PartitionWatch::PartitionWatch(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {
  Look();
  rounds_.emplace(std::chrono::minutes(1), [this] { Look(); });
}

void PartitionWatch::Look() {
  const auto asked = std::chrono::steady_clock::now();
  PartitionReport report;
  const absl::Status status =
      database_.Read(asked + std::chrono::seconds(5), [&](Transaction& tx) -> absl::Status {
        auto read = ReadPartitions(tx, clock_.Now());
        if (!read.ok()) return read.status();
        report = *std::move(read);
        return absl::OkStatus();
      });
  // What was known stays: the months do not go away because the database is busy.
  if (!status.ok()) return;
  days_left_.store(report.days_left, std::memory_order_relaxed);
  defaults_.store(static_cast<int>(report.default_holds_rows.size()), std::memory_order_relaxed);
  age_.Renew(asked);
}

}  // namespace kakunin
