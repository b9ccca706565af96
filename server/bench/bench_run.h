#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/bench/bench_installation.h"
#include "server/bench/bench_report.h"
#include "server/bench/load_plan.h"

namespace kakunin::bench {

// BenchOptions is what `kakunin bench` is told.
struct BenchOptions {
  InstallationOptions installation;
  std::vector<std::string> cases;  // of CaseNames
  int runs = 5;
  int64_t feed_rows = 1'000'000;  // of each feed
  int64_t bulk_rows = 1'000'000;  // of each list
  LoadPlan plan;                  // streams, channels, seconds and sizes; the rest is filled in
};

// CaseNames are all cases: CardCaseNames those of confirmations, DefaultCaseNames of these the ones
// that need no cards, RecordCaseNames those that need records, FeedCaseNames those of feeds,
// BulkCaseNames those of lists.
std::vector<std::string> CaseNames();
std::vector<std::string> DefaultCaseNames();
std::vector<std::string> CardCaseNames();
std::vector<std::string> RecordCaseNames();
std::vector<std::string> FeedCaseNames();
std::vector<std::string> BulkCaseNames();

// RunBench measures the cases round by round, so that what changes on the machine meanwhile meets
// all of them. A result has the order of `cases`. Returns what hindered it; errors of single calls
// are counted in the results instead.
absl::StatusOr<std::vector<CaseResult>> RunBench(
    const BenchOptions& options, const std::function<void(const std::string&)>& say);

}  // namespace kakunin::bench
