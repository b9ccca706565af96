#include "server/bench/bench_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "server/bench/commit.h"

namespace kakunin::bench {
namespace {

// Of an even number the lower of the two in the middle: a value that was measured.
double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double MedianOf(const CaseResult& result, double (*value)(const LoadOutcome&)) {
  std::vector<double> values;
  for (const LoadOutcome& run : result.runs) values.push_back(value(run));
  return Median(std::move(values));
}

double Sum(const LoadOutcome& run) { return run.server_us + run.postgres_us; }

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

Summary Summarise(const CaseResult& result) {
  using Run = LoadOutcome;
  Summary summary;
  Run& median = summary.median;
  const double rps = MedianOf(result, [](const Run& run) { return run.rps(); });
  for (const Run& run : result.runs) {
    median.requests += run.requests;
    median.errors += run.errors;
    if (median.first_error.empty()) median.first_error = run.first_error;
    median.shares = run.shares;
  }
  median.seconds = rps > 0 ? static_cast<double>(median.requests) / rps : 0;
  median.server_us = MedianOf(result, [](const Run& run) { return run.server_us; });
  median.postgres_us = MedianOf(result, [](const Run& run) { return run.postgres_us; });
  median.client_us = MedianOf(result, [](const Run& run) { return run.client_us; });
  median.p50_ms = MedianOf(result, [](const Run& run) { return run.p50_ms; });
  median.p99_ms = MedianOf(result, [](const Run& run) { return run.p99_ms; });
  median.memory_mb = MedianOf(result, [](const Run& run) { return run.memory_mb; });
  summary.sum_us = MedianOf(result, &Sum);
  summary.least_sum_us = summary.most_sum_us = Sum(result.runs.front());
  for (const Run& run : result.runs) {
    summary.least_sum_us = std::min(summary.least_sum_us, Sum(run));
    summary.most_sum_us = std::max(summary.most_sum_us, Sum(run));
  }
  return summary;
}

std::string TableHead() {
  return fmt::format("{:<17} {:>9} {:>6} {:>7} {:>8} {:>8} {:>8} {:>15} {:>8} {:>8} {:>8} {:>7}",
                     "case", "requests", "errors", "rps", "srv_us", "pg_us", "sum_us", "(min-max)",
                     "cli_us", "p50_ms", "p99_ms", "mem_MB");
}

std::string TableLine(const CaseResult& result) {
  const Summary summary = Summarise(result);
  const LoadOutcome& median = summary.median;
  return fmt::format(
             "{:<17} {:>9} {:>6} {:>7.0f} {:>8.1f} {:>8.1f} {:>8.1f} {:>15} {:>8.1f} {:>8.2f} "
             "{:>8.2f} "
             "{:>7.0f}{}",
             result.name, median.requests, median.errors, median.rps(), median.server_us,
             median.postgres_us, summary.sum_us,
             fmt::format("({:.1f}-{:.1f})", summary.least_sum_us, summary.most_sum_us),
             median.client_us, median.p50_ms, median.p99_ms, median.memory_mb,
             median.first_error.empty() ? "" : "  first error: " + median.first_error) +
         (median.shares.empty() ? "" : "\n  " + median.shares);
}

std::string Json(const CaseResult& result, const std::string& cpu) {
  const Summary summary = Summarise(result);
  const LoadOutcome& median = summary.median;
  return fmt::format(
      R"({{"name":"{}","requests":{},"errors":{},"rps":{:.0f},"server_us":{:.2f},)"
      R"("postgres_us":{:.2f},"sum_us":{:.2f},"min":{:.2f},"max":{:.2f},"p50_ms":{:.3f},)"
      R"("p99_ms":{:.3f},"persons":{},"streams":{},"commit":"{}","cpu":"{}","client_us":{:.2f},)"
      R"("memory_mb":{:.1f},"runs":{},"shares":"{}"}})",
      result.name, median.requests, median.errors, median.rps(), median.server_us,
      median.postgres_us, summary.sum_us, summary.least_sum_us, summary.most_sum_us, median.p50_ms,
      median.p99_ms, result.persons, result.streams, Commit(), Escaped(cpu), median.client_us,
      median.memory_mb, result.runs.size(), Escaped(median.shares));
}

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const size_t name = line.find(": ");
    if (name == std::string::npos) break;
    return fmt::format("{} x {}", std::thread::hardware_concurrency(), line.substr(name + 2));
  }
  return "unknown";
}

}  // namespace kakunin::bench
