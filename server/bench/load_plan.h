#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace kakunin::bench {

// LoadKind is what the clients do.
enum class LoadKind {
  kNoop,           // health checks
  kNumber,         // ConfirmByInsuredNumber of random existing persons
  kNumberConsent,  // the same with the oral consent to show the limit certificate
  kBegin,          // BeginCardAuthentication
  kCard,           // ConfirmByCard over challenges fetched and signed before
  kNumberPaced,    // kNumber at a fixed rate, whatever the server does
  kConsents,       // ConfirmByCard of every prepared card once, agreeing to all records
  kDrugs,          // GetDrugHistory of those who agreed
  kExamination,    // GetHealthChecks of the same
  kOverload,       // kNumber at five times the rate that is admitted, then at half of it
  kConnections,    // many connections with one kNumber each
};

// LoadPlan is what one run of the client process has to do.
struct LoadPlan {
  LoadKind kind = LoadKind::kNoop;
  std::filesystem::path directory;  // of the installation
  int port = 0;                     // of its terminal listener
  pid_t server = 0;                 // whose CPU is measured
  pid_t postmaster = 0;
  int streams = 64;  // calls under way at once
  int channels = 16;
  double seconds = 3;  // measured, after a sixth of it to warm up
  int cards = 20'000;  // kCard: calls in a run, whatever `seconds` says
  int rate = 2000;     // kNumberPaced: calls a second
  int connections = 1000;
};

// LoadOutcome is what a run found. CPU and latencies are of the measured span alone.
struct LoadOutcome {
  int64_t requests = 0;  // answered rightly
  int64_t errors = 0;    // refused, failed or answered wrongly
  double seconds = 0;
  double server_us = 0;  // a request
  double postgres_us = 0;
  double client_us = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double memory_mb = 0;     // of the server, at the end
  std::string first_error;  // of one line; empty: none
  std::string shares;       // of feeds: how long each step took
  std::vector<float> took;  // kNumberPaced: milliseconds of every call, in no order

  double rps() const { return seconds > 0 ? static_cast<double>(requests) / seconds : 0; }
};

// Quantile is the value below which `share` of them lie; reorders them. 0 of none.
double Quantile(std::vector<float>& values, double share);

// Together is one outcome of several runs of a paced load, one behind the other: sums, figures of a
// request, and latencies of all their calls. Takes at least one run; its texts are the first's that
// has any.
LoadOutcome Together(std::vector<LoadOutcome> runs);

// Arguments and PlanFromArguments carry a plan over to the client process.
std::vector<std::string> Arguments(const LoadPlan& plan);
absl::StatusOr<LoadPlan> PlanFromArguments(const std::vector<std::string>& arguments);

// ToText and OutcomeFromText carry an outcome back.
std::string ToText(const LoadOutcome& outcome);
absl::StatusOr<LoadOutcome> OutcomeFromText(std::string_view text);

}  // namespace kakunin::bench
