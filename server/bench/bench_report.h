#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/bench/load_plan.h"

namespace kakunin::bench {

// CaseResult is one case's runs.
struct CaseResult {
  std::string name;
  int64_t persons = 0;
  int streams = 0;
  std::vector<LoadOutcome> runs;
};

// Summary is a case's medians; the counts are sums.
struct Summary {
  LoadOutcome median;
  double sum_us = 0;  // of server and PostgreSQL, the median of the runs' sums
  double least_sum_us = 0;
  double most_sum_us = 0;
};

// Summarise takes at least one run.
Summary Summarise(const CaseResult& result);

// TableHead and TableLine make a table of fixed columns for a human.
std::string TableHead();
std::string TableLine(const CaseResult& result);

// Json is one object on one line. `cpu` is the processor's name.
std::string Json(const CaseResult& result, const std::string& cpu);

// ProcessorName is what the kernel calls this machine's processor.
std::string ProcessorName();

}  // namespace kakunin::bench
