#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "server/observe/metrics.h"

namespace kakunin {

// FailedRows counts rows that the database refused alone, of which there should be none: each is a
// fault of ours that somebody's desk meets as INTERNAL. A terminal is no label of a metric, there
// are 300,000: the metrics tell how many rows and how many terminals, and an error line for each
// row which terminal it was and how often it has been. Thread-safe.
class FailedRows {
 public:
  // kMostTerminals bounds what is remembered; rows of further terminals count in the total alone.
  static constexpr size_t kMostTerminals = 1024;

  // Add counts one row of `terminal`, "facility/terminal", and writes the line.
  void Add(std::string_view terminal);

  int64_t Total() const;
  // Of is how many rows of `terminal` failed; 0 when it is not remembered.
  int64_t Of(std::string_view terminal) const;
  int64_t Terminals() const;

  // AddTo exposes the totals; this object outlives `metrics`' last reading.
  void AddTo(Metrics& metrics) const;

 private:
  mutable std::mutex mutex_;
  int64_t total_ = 0;
  std::map<std::string, int64_t, std::less<>> of_terminal_;
};

}  // namespace kakunin
