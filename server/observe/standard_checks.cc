#include "server/observe/standard_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kakunin {
namespace {

using HeldCrls = std::function<std::shared_ptr<const auth::RevocationSnapshot>()>;

// CrlAges sums up what is held; each partition by itself is told by crl_partition_gauges.h.
struct CrlAges {
  int partitions = 0;
  int stale = 0;
  double oldest_seconds = 0;
  double first_end_seconds = std::numeric_limits<double>::infinity();
};

CrlAges AgesOf(const auth::RevocationSnapshot* held, absl::Time now, absl::Duration max_age) {
  CrlAges ages;
  if (held == nullptr) return ages;
  const int64_t at = absl::ToUnixSeconds(now);
  for (const auto& partition : held->partitions()) {
    const int64_t age = at - partition->this_update;
    ++ages.partitions;
    ages.oldest_seconds = std::max(ages.oldest_seconds, static_cast<double>(age));
    ages.first_end_seconds =
        std::min(ages.first_end_seconds, static_cast<double>(partition->next_update - at));
    if (age < 0 || at >= partition->next_update || absl::Seconds(age) > max_age) {
      ++ages.stale;
    }
  }
  return ages;
}

}  // namespace

ReadinessCheck RegistryCheck(const std::string& port, std::function<absl::Duration()> age) {
  return {"registry of port " + port, [age = std::move(age)]() -> CheckFinding {
            const absl::Duration now = age();
            if (now <= kRegistryFaultAge) {
              return {Health::kFine, fmt::format("{:.3f} s old", absl::ToDoubleSeconds(now))};
            }
            return {Health::kFault,
                    "not read for more than 10 s, so nobody is let in: look at the database"};
          }};
}

ReadinessCheck PolicyCheckOf(const std::string& port, std::function<int()> forged) {
  return {"abnormal times of port " + port, [forged = std::move(forged)]() -> CheckFinding {
            const int now = forged();
            if (now == 0) return {};
            return {Health::kWarning,
                    fmt::format("{} policies are not signed by the key of [keys] abnormal_times: "
                                "not in force; somebody wrote them past the service, or this "
                                "server has another key or none",
                                now)};
          }};
}

void AddPoliciesForged(Metrics& metrics, const std::string& port, std::function<int()> forged) {
  metrics.AddGauge("kakunin_abnormal_times_forged",
                   "Policies for abnormal times whose signature is wrong; 1 is an alarm.",
                   {{"port", port}},
                   [forged = std::move(forged)] { return static_cast<double>(forged()); });
}

ReadinessCheck LaneCheck(std::function<int()> connected, int lanes) {
  return {"lanes", [connected = std::move(connected), lanes]() -> CheckFinding {
            const int now = connected();
            if (now >= lanes) return {Health::kFine, fmt::format("all {} connected", lanes)};
            return {now == 0 ? Health::kFault : Health::kWarning,
                    fmt::format("{} of {} connected: look at the database and its "
                                "max_connections",
                                now, lanes)};
          }};
}

ReadinessCheck CrlCheck(HeldCrls held, const Clock& clock, absl::Duration max_age) {
  return {"crl", [held = std::move(held), &clock, max_age]() -> CheckFinding {
            const auto snapshot = held();
            const CrlAges ages = AgesOf(snapshot.get(), clock.Now(), max_age);
            if (ages.partitions == 0) {
              return {Health::kFault,
                      "no CRL is held, or none is shown (machine clock): "
                      "fetch them into crl_directory of [cards]"};
            }
            if (ages.stale == 0) {
              return {Health::kFine, fmt::format("{} held, all fresh", ages.partitions)};
            }
            return {ages.stale == ages.partitions ? Health::kFault : Health::kWarning,
                    fmt::format("{} of {} are stale, and their cards refused: fetch newer ones "
                                "into crl_directory of [cards]",
                                ages.stale, ages.partitions)};
          }};
}

ReadinessCheck MachineClockCheck(std::function<absl::Duration()> back, absl::Duration most) {
  return {"machine clock", [back = std::move(back), most]() -> CheckFinding {
            const absl::Duration now = back();
            if (now < most) return {};
            return {Health::kFault,
                    fmt::format("it went back by {} s, so no card is accepted: have it put right, "
                                "or, if it had run ahead and is right now, start this server anew",
                                absl::ToInt64Seconds(now))};
          }};
}

ReadinessCheck PartitionCheck(std::function<int()> days_left,
                              std::function<int()> defaults_holding_rows) {
  return {"partitions",
          [days_left = std::move(days_left),
           defaults_holding_rows = std::move(defaults_holding_rows)]() -> CheckFinding {
            const int days = days_left();
            if (defaults_holding_rows() > 0) {
              return {Health::kWarning,
                      "a default partition holds rows: run `kakunin migrate partitions`"};
            }
            if (days < kPartitionWarningDays) {
              return {Health::kWarning,
                      fmt::format("months are made for {} days only: run `kakunin migrate "
                                  "partitions` and look at its timer",
                                  days)};
            }
            return {Health::kFine, fmt::format("months are made for {} days", days)};
          }};
}

ReadinessCheck ResidentsCheck(std::function<int64_t()> count) {
  return {"residents", [count = std::move(count)]() -> CheckFinding {
            if (!count) {
              return {Health::kWarning,
                      "coverages are compared with no register of residents (without_register in "
                      "[feeds])"};
            }
            const int64_t known = count();
            if (known == 0) {
              return {Health::kWarning,
                      "the register of residents cannot be used, coverages are refused: look at "
                      "the file that [feeds] names"};
            }
            return {Health::kFine, fmt::format("coverages are compared with {} residents", known)};
          }};
}

void AddSnapshotAge(Metrics& metrics, const std::string& snapshot, const std::string& port,
                    std::function<absl::Duration()> age) {
  Metrics::Labels labels = {{"snapshot", snapshot}};
  if (!port.empty()) labels.emplace("port", port);
  metrics.AddGauge("kakunin_snapshot_age_seconds",
                   "Time since a snapshot was last known to be true.", std::move(labels),
                   [age = std::move(age)] { return absl::ToDoubleSeconds(age()); });
}

void AddCrlGauges(Metrics& metrics, HeldCrls held, const Clock& clock) {
  const auto add = [&](const char* name, const char* help, auto pick) {
    metrics.AddGauge(name, help, {}, [held, &clock, pick] {
      const auto snapshot = held();
      return pick(AgesOf(snapshot.get(), clock.Now(), absl::InfiniteDuration()), snapshot.get());
    });
  };
  using Snapshot = const auth::RevocationSnapshot*;
  add("kakunin_crl_partitions", "CRLs held.",
      [](const CrlAges& ages, Snapshot) { return static_cast<double>(ages.partitions); });
  add("kakunin_crl_entries", "Revoked serials held.", [](const CrlAges&, Snapshot snapshot) {
    return snapshot == nullptr ? 0.0 : static_cast<double>(snapshot->entries());
  });
  add("kakunin_crl_former_entries", "Serials held that CRLs listed before and no longer do.",
      [](const CrlAges&, Snapshot snapshot) {
        return snapshot == nullptr ? 0.0 : static_cast<double>(snapshot->former_entries());
      });
  add("kakunin_crl_oldest_age_seconds", "Age of the oldest CRL held, since its thisUpdate.",
      [](const CrlAges& ages, Snapshot) {
        return ages.partitions == 0 ? std::nan("") : ages.oldest_seconds;
      });
  add("kakunin_crl_first_end_seconds", "Time until the first nextUpdate; negative: past.",
      [](const CrlAges& ages, Snapshot) {
        return ages.partitions == 0 ? std::nan("") : ages.first_end_seconds;
      });
}

void AddFeedTimes(Metrics& metrics, const FeedTimes& times) {
  for (size_t i = 0; i < kFeedWorkNames.size(); ++i) {
    metrics.AddCounter(
        "kakunin_feed_seconds_total",
        "Time that the steps of feeds have taken, waiting for the database included.",
        {{"step", kFeedWorkNames[i]}},
        [&times, i] { return times.Seconds(static_cast<FeedWork>(i)); });
  }
}

}  // namespace kakunin
