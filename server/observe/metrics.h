#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/error.h"
#include "server/lane/lane.h"

namespace kakunin {

// Metrics is what this process counts, written as Prometheus text. Labels are methods, reasons,
// lanes and CRLs: closed sets, and nothing of a caller or a patient. Thread-safe.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // CallEnded counts one call; no reason means OK. The hot path: series are found once.
  void CallEnded(std::string_view method, std::optional<Reason> reason,
                 std::chrono::nanoseconds took);

  // Lane returns the observer of one lane; lives as long as this object. Before serving.
  LaneObserver& Lane(const std::string& name);

  // AddGauge and AddCounter add a value that is read when somebody asks; `read` must be quick and
  // thread-safe, and what it uses outlives this object. NaN when it is not known. Before serving.
  void AddGauge(const std::string& name, const std::string& help, Labels labels,
                std::function<double()> read);
  void AddCounter(const std::string& name, const std::string& help, Labels labels,
                  std::function<double()> read);

  // Reading is the value of one series.
  struct Reading {
    Labels labels;
    double value = 0;
  };
  // AddGauges adds a family whose series are not known before somebody asks, such as one a CRL that
  // is held; otherwise as AddGauge.
  void AddGauges(const std::string& name, const std::string& help,
                 std::function<std::vector<Reading>()> read);

  // Text is everything, in the text format of Prometheus.
  std::string Text() const;

 private:
  struct Inside;
  const std::unique_ptr<Inside> inside_;
};

}  // namespace kakunin
