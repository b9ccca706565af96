#include "server/serve_metrics.h"

#include <fmt/format.h>

#include <utility>

#include "server/observe/crl_partition_gauges.h"
#include "server/observe/standard_checks.h"

namespace kakunin {

void AddAdmissionCounters(Metrics& metrics, const Admission& admission) {
  constexpr char kName[] = "kakunin_calls_not_admitted_total";
  constexpr char kWhat[] = "Calls refused for being too many, by whose bound.";
  metrics.AddCounter(kName, kWhat, {{"bound", "certificate"}}, [&admission] {
    return static_cast<double>(admission.RefusedByCertificate());
  });
  const std::pair<const char*, Precedence> of_all[] = {{"desk", Precedence::kDesk},
                                                       {"records", Precedence::kRecords},
                                                       {"lists", Precedence::kLists},
                                                       {"feeds", Precedence::kFeeds}};
  for (const auto& [name, precedence] : of_all) {
    metrics.AddCounter(kName, kWhat, {{"bound", name}}, [&admission, of = precedence] {
      return static_cast<double>(admission.RefusedByAll(of));
    });
  }
}

void AddFirstUseCounters(Metrics& metrics, const FirstUse& first_use) {
  using enum FirstUse::Outcome;
  const std::pair<const char*, FirstUse::Outcome> outcomes[] = {
      {"linked", kLinked}, {"unknown", kUnknown}, {"failed", kFailed}, {"dropped", kDropped}};
  for (const auto& [name, outcome] : outcomes) {
    metrics.AddCounter(
        "kakunin_first_use_cards", "Cards of nobody by what looking for the holder came to.",
        {{"outcome", name}},
        [&first_use, wanted = outcome] { return static_cast<double>(first_use.Count(wanted)); });
  }
}

void AddIdentityCaseGauges(Metrics& metrics, const IdentityCaseWatch& watch) {
  for (size_t age = 0; age < IdentityCaseWatch::kLeastDays.size(); ++age) {
    metrics.AddGauge("kakunin_identity_cases_open",
                     "Cases of mistaken identity that are open for so many days or longer.",
                     {{"least_days", fmt::format("{}", IdentityCaseWatch::kLeastDays[age])}},
                     [&watch, age] { return static_cast<double>(watch.Open(age)); });
  }
}

void AddAlarmGauges(Metrics& metrics, const AlarmWatch& watch) {
  metrics.AddGauge("kakunin_inquiry_alarms",
                   "Facilities and terminals that asked by number beyond a limit, by hour, in the "
                   "last 24 hours; above 0 is an alarm.",
                   {}, [&watch] { return static_cast<double>(watch.Raised()); });
}

void AddPartitionGauges(Metrics& metrics, const PartitionWatch& watch) {
  metrics.AddGauge("kakunin_partition_days_left",
                   "Days until a month without a partition of its own.", {},
                   [&watch] { return static_cast<double>(watch.DaysLeft()); });
  metrics.AddGauge("kakunin_default_partitions_holding_rows",
                   "Tables whose default partition holds rows; above 0 is an alarm.", {},
                   [&watch] { return static_cast<double>(watch.DefaultsHoldingRows()); });
}

void AddPortGauges(Metrics& metrics, const OpenedPort& port, const std::string& name) {
  for (const auto& [pool, database] :
       {std::pair{"calls", port.database.get()}, std::pair{"control", port.control.get()}}) {
    metrics.AddGauge("kakunin_pool_waiting", "Calls that wait for a database connection.",
                     {{"port", name}, {"pool", pool}},
                     [database = database] { return static_cast<double>(database->Waiting()); });
  }
  metrics.AddGauge(
      "kakunin_denials_dropped", "Audit rows of denials that did not fit", {{"port", name}},
      [denials = port.denials.get()] { return static_cast<double>(denials->Dropped()); });
}

void AddCardTrustGauges(Metrics& metrics, const CardTrustLoader& cards, const Clock& clock) {
  AddCrlGauges(
      metrics, [&cards] { return cards.Current().revocations; }, clock);
  AddCrlPartitionGauges(
      metrics, [&cards] { return cards.Current().revocations; }, clock);
  AddSnapshotAge(metrics, "card_trust", "terminal", [&cards] { return cards.Age(); });
  metrics.AddGauge("kakunin_crl_refused",
                   "CRL files that the last reading refused; above 0 is an alarm.", {},
                   [&cards] { return static_cast<double>(cards.RefusedCrls()); });
  metrics.AddCounter("kakunin_crl_suspicious_total",
                     "CRLs taken although a person should look: they had shrunk.", {},
                     [&cards] { return static_cast<double>(cards.SuspiciousCrls()); });
  metrics.AddCounter("kakunin_crl_vanished_serials_total",
                     "Serials that a CRL listed and the one that came in its place does not.", {},
                     [&cards] { return static_cast<double>(cards.VanishedSerials()); });
  metrics.AddGauge("kakunin_machine_clock_back_seconds",
                   "How far the machine's clock went back, by the monotonic one; from 300 on no "
                   "card is accepted.",
                   {}, [&cards] { return absl::ToDoubleSeconds(cards.MachineClock().Back()); });
}

void AddHousekeepingGauges(Metrics& metrics, const Housekeeping& housekeeping) {
  metrics.AddCounter("kakunin_housekeeping_failures_total",
                     "Deletions and rebuilding steps of housekeeping that failed.", {},
                     [&housekeeping] { return static_cast<double>(housekeeping.Failures()); });
  metrics.AddGauge(
      "kakunin_notice_work_waiting_seconds",
      "Age of the oldest published change whose notices are still looked for.", {},
      [&housekeeping] { return absl::ToDoubleSeconds(housekeeping.NoticeWorkWaits()); });
}

std::unique_ptr<Clock> MakeClock(const EnvironmentConfig& config, Metrics& metrics) {
  if (config.clock_offset_file.empty()) return std::make_unique<SystemClock>();
  auto clock = std::make_unique<SandboxClock>(config.clock_offset_file.string());
  metrics.AddGauge("kakunin_clock_offset_seconds",
                   "How far the sandbox's clock is from the machine's.", {},
                   [clock = clock.get()] { return absl::ToDoubleSeconds(clock->Offset()); });
  return clock;
}

void AddJoiningGauge(Metrics& metrics, const JoiningJobs& jobs) {
  metrics.AddGauge("kakunin_joining_job_failures",
                   "Steps of the jobs of joining that failed since the start.", {},
                   [&jobs] { return static_cast<double>(jobs.Failures()); });
}

}  // namespace kakunin
