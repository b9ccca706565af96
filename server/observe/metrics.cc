#include "server/observe/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/access_policy.h"

namespace kakunin {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// One more than the last reason; 0 stands for OK.
constexpr size_t kReasonSlots = static_cast<size_t>(Reason::kInternal) + 1;

const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
const prometheus::Histogram::BucketBoundaries kBatchSizes = {1, 2, 4, 8, 16, 32, 64, 128};

double SecondsOf(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

// MethodSeries are the series of one method; its counters are made at their first use, so that the
// text lists only reasons that happened.
struct MethodSeries {
  std::string method;
  prometheus::Histogram* took = nullptr;
  std::array<std::atomic<prometheus::Counter*>, kReasonSlots> ended{};
};

class LaneSeries final : public LaneObserver {
 public:
  LaneSeries(prometheus::Histogram& sizes, prometheus::Histogram& waits,
             prometheus::Histogram& times)
      : sizes_(sizes), waits_(waits), times_(times) {}
  void BatchRan(size_t size, std::chrono::nanoseconds oldest_waited,
                std::chrono::nanoseconds took) override {
    sizes_.Observe(static_cast<double>(size));
    waits_.Observe(SecondsOf(oldest_waited));
    times_.Observe(SecondsOf(took));
  }

 private:
  prometheus::Histogram& sizes_;
  prometheus::Histogram& waits_;
  prometheus::Histogram& times_;
};

// Readings are the values that are read when somebody asks.
class Readings final : public prometheus::Collectable {
 public:
  void Add(MetricType type, const std::string& name, const std::string& help,
           Metrics::Labels labels, std::function<double()> read) {
    const std::lock_guard lock(mutex_);
    auto found = std::find_if(families_.begin(), families_.end(),
                              [&](const Family& family) { return family.name == name; });
    if (found == families_.end()) {
      families_.push_back({type, name, help, {}, {}});
      found = std::prev(families_.end());
    }
    found->readings.emplace_back(std::move(labels), std::move(read));
  }

  void Add(const std::string& name, const std::string& help,
           std::function<std::vector<Metrics::Reading>()> read) {
    const std::lock_guard lock(mutex_);
    families_.push_back({MetricType::Gauge, name, help, {}, std::move(read)});
  }

  std::vector<MetricFamily> Collect() const override {
    const std::lock_guard lock(mutex_);
    std::vector<MetricFamily> result;
    for (const Family& family : families_) {
      MetricFamily& out = result.emplace_back();
      out.name = family.name;
      out.help = family.help;
      out.type = family.type;
      for (const auto& [labels, read] : family.readings) AddTo(out, {labels, read()});
      if (!family.read_all) continue;
      for (const Metrics::Reading& reading : family.read_all()) AddTo(out, reading);
    }
    return result;
  }

 private:
  struct Family {
    MetricType type;
    std::string name;
    std::string help;
    std::vector<std::pair<Metrics::Labels, std::function<double()>>> readings;
    std::function<std::vector<Metrics::Reading>()> read_all;  // or empty
  };

  static void AddTo(MetricFamily& family, const Metrics::Reading& reading) {
    ClientMetric& metric = family.metric.emplace_back();
    for (const auto& [name, value] : reading.labels) metric.label.push_back({name, value});
    metric.gauge.value = metric.counter.value = reading.value;
  }

  mutable std::mutex mutex_;
  std::vector<Family> families_;
};

}  // namespace

struct Metrics::Inside {
  prometheus::Registry registry;
  Readings readings;
  prometheus::Family<prometheus::Counter>& ended =
      prometheus::BuildCounter()
          .Name("kakunin_calls_total")
          .Help("Calls that ended, by method and reason; OK has the reason OK.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& took = prometheus::BuildHistogram()
                                                        .Name("kakunin_call_seconds")
                                                        .Help("Time from admission to the answer.")
                                                        .Register(registry);
  prometheus::Family<prometheus::Histogram>& batch_sizes =
      prometheus::BuildHistogram()
          .Name("kakunin_lane_batch_size")
          .Help("Calls that a lane ran in one batch.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& batch_waits =
      prometheus::BuildHistogram()
          .Name("kakunin_lane_queue_seconds")
          .Help("Time that the oldest call of a batch had waited when it began.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& batch_times = prometheus::BuildHistogram()
                                                               .Name("kakunin_lane_batch_seconds")
                                                               .Help("Time that a batch took.")
                                                               .Register(registry);
  std::deque<MethodSeries> methods;
  std::unordered_map<std::string_view, MethodSeries*> by_name;  // keys point into `methods`
  std::vector<std::unique_ptr<LaneSeries>> lanes;

  MethodSeries& AddMethod(const std::string& method) {
    MethodSeries& series = methods.emplace_back();
    series.method = method;
    series.took = &took.Add({{"method", method}}, kSeconds);
    by_name.emplace(series.method, &series);
    return series;
  }

  prometheus::Counter& CounterOf(MethodSeries& series, std::optional<Reason> reason) {
    auto& slot = series.ended[reason ? static_cast<size_t>(*reason) : 0];
    if (prometheus::Counter* known = slot.load(std::memory_order_acquire)) return *known;
    // Two threads may come here at once: the family hands both the same counter.
    prometheus::Counter& made =
        ended.Add({{"method", series.method},
                   {"reason", reason ? std::string(FactsOf(*reason).name) : "OK"}});
    slot.store(&made, std::memory_order_release);
    return made;
  }
};

Metrics::Metrics() : inside_(std::make_unique<Inside>()) {
  for (const MethodPolicy& row : AllMethodPolicies()) inside_->AddMethod(std::string(row.method));
  // A name that is in no table was chosen by the caller: it must not become a label.
  inside_->AddMethod("other");
}

Metrics::~Metrics() = default;

void Metrics::CallEnded(std::string_view method, std::optional<Reason> reason,
                        std::chrono::nanoseconds took) {
  const auto found = inside_->by_name.find(method);
  MethodSeries& series = found == inside_->by_name.end() ? inside_->methods.back() : *found->second;
  inside_->CounterOf(series, reason).Increment();
  series.took->Observe(SecondsOf(took));
}

LaneObserver& Metrics::Lane(const std::string& name) {
  const prometheus::Labels labels = {{"lane", name}};
  return *inside_->lanes.emplace_back(std::make_unique<LaneSeries>(
      inside_->batch_sizes.Add(labels, kBatchSizes), inside_->batch_waits.Add(labels, kSeconds),
      inside_->batch_times.Add(labels, kSeconds)));
}

void Metrics::AddGauge(const std::string& name, const std::string& help, Labels labels,
                       std::function<double()> read) {
  inside_->readings.Add(MetricType::Gauge, name, help, std::move(labels), std::move(read));
}

void Metrics::AddCounter(const std::string& name, const std::string& help, Labels labels,
                         std::function<double()> read) {
  inside_->readings.Add(MetricType::Counter, name, help, std::move(labels), std::move(read));
}

void Metrics::AddGauges(const std::string& name, const std::string& help,
                        std::function<std::vector<Reading>()> read) {
  inside_->readings.Add(name, help, std::move(read));
}

std::string Metrics::Text() const {
  std::vector<MetricFamily> families = inside_->registry.Collect();
  for (MetricFamily& family : inside_->readings.Collect()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace kakunin
