#include "server/observe/failed_rows.h"

#include <spdlog/spdlog.h>

namespace kakunin {

void FailedRows::Add(std::string_view terminal) {
  int64_t of_terminal = 0;
  {
    const std::lock_guard lock(mutex_);
    ++total_;
    auto known = of_terminal_.find(terminal);
    if (known == of_terminal_.end() && of_terminal_.size() < kMostTerminals) {
      known = of_terminal_.emplace(terminal, 0).first;
    }
    if (known != of_terminal_.end()) of_terminal = ++known->second;
  }
  spdlog::error("a row failed alone: terminal {}, {} of it since the start", terminal, of_terminal);
}

int64_t FailedRows::Total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

int64_t FailedRows::Of(std::string_view terminal) const {
  const std::lock_guard lock(mutex_);
  const auto known = of_terminal_.find(terminal);
  return known == of_terminal_.end() ? 0 : known->second;
}

int64_t FailedRows::Terminals() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int64_t>(of_terminal_.size());
}

void FailedRows::AddTo(Metrics& metrics) const {
  metrics.AddCounter("kakunin_rows_failed_alone_total",
                     "Rows that the database refused alone; the log names their terminals.", {},
                     [this] { return static_cast<double>(Total()); });
  metrics.AddGauge("kakunin_rows_failed_alone_terminals", "Terminals that such rows came from.", {},
                   [this] { return static_cast<double>(Terminals()); });
}

}  // namespace kakunin
