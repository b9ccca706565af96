#include "server/observe/crl_partition_gauges.h"

#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auth/encoding.h"
#include "auth/partition_text.h"

namespace kakunin {
namespace {

using Snapshot = std::shared_ptr<const auth::RevocationSnapshot>;

constexpr size_t kKeyIdOctets = 4;

Metrics::Labels LabelsOf(const auth::CrlPartition& partition) {
  const std::string_view issuer(reinterpret_cast<const char*>(partition.issuer.data()),
                                kKeyIdOctets);
  return {{"issuer", auth::HexEncode(issuer)}, {"partition", auth::PartitionText(partition.name)}};
}

// A crlNumber has up to 20 octets; as all of Prometheus' numbers it is exact to 2^53.
double ValueOf(const auth::SerialNumber& number) {
  double value = 0;
  for (const uint8_t octet : number.bytes()) value = value * 256 + octet;
  return value;
}

// HeldPartitions reads what is held, one series a partition. Names are put into text once for a
// snapshot and not for every reading; the snapshot itself is not kept alive.
class HeldPartitions {
 public:
  explicit HeldPartitions(std::function<Snapshot()> held) : held_(std::move(held)) {}

  template <class Value>
  std::vector<Metrics::Reading> Read(const Value& value) {
    const Snapshot snapshot = held_();
    if (snapshot == nullptr) return {};
    const std::lock_guard lock(mutex_);
    const auto partitions = snapshot->partitions();
    if (labelled_.lock() != snapshot) {
      labels_.clear();
      for (const auto& partition : partitions) {
        labels_.emplace(partition.get(), LabelsOf(*partition));
      }
      labelled_ = snapshot;
    }
    std::vector<Metrics::Reading> readings;
    readings.reserve(partitions.size());
    for (const auto& partition : partitions) {
      readings.push_back({labels_.at(partition.get()), value(*partition)});
    }
    return readings;
  }

 private:
  const std::function<Snapshot()> held_;
  std::mutex mutex_;
  std::weak_ptr<const auth::RevocationSnapshot> labelled_;
  std::unordered_map<const auth::CrlPartition*, Metrics::Labels> labels_;
};

}  // namespace

void AddCrlPartitionGauges(Metrics& metrics, std::function<Snapshot()> held, const Clock& clock) {
  const auto partitions = std::make_shared<HeldPartitions>(std::move(held));
  metrics.AddGauges("kakunin_crl_partition_age_seconds", "Age of each CRL, since its thisUpdate.",
                    [partitions, &clock] {
                      const int64_t now = absl::ToUnixSeconds(clock.Now());
                      return partitions->Read([now](const auth::CrlPartition& partition) {
                        return static_cast<double>(now - partition.this_update);
                      });
                    });
  metrics.AddGauges("kakunin_crl_partition_number", "crlNumber of each CRL.", [partitions] {
    return partitions->Read(
        [](const auth::CrlPartition& partition) { return ValueOf(partition.crl_number); });
  });
  metrics.AddGauges("kakunin_crl_partition_entries", "Serials that each CRL lists.", [partitions] {
    return partitions->Read([](const auth::CrlPartition& partition) {
      return static_cast<double>(partition.entries());
    });
  });
}

}  // namespace kakunin
