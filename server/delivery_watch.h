#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "server/clock.h"
#include "server/rounds.h"
#include "server/snapshot_age.h"
#include "server/usecases/insurer_delays.h"
#include "storage/database.h"
#include "storage/delivery_store.h"

namespace kakunin {

// DeliveryWatch asks the database once a minute which insurers are behind. What it last heard
// counts for ten minutes; then it says of nobody that they are: a warning that is not true costs
// trust.
class DeliveryWatch final : public InsurerDelays {
 public:
  // All references outlive the watch. Looks once before it returns.
  DeliveryWatch(Database& database, DeliveryStore& deliveries, const Clock& clock,
                int tolerated_days);

  std::optional<DeliveryDelay> Of(std::string_view insurer_number) const override;

  // Behind is how many registered insurers are behind.
  int Behind() const;
  // Age is how old what it knows is.
  absl::Duration Age() const { return age_.Age(); }

 private:
  using Delays = absl::flat_hash_map<std::string, DeliveryDelay>;

  void Look();

  Database& database_;
  DeliveryStore& deliveries_;
  const Clock& clock_;
  const int tolerated_days_;
  std::atomic<std::shared_ptr<const Delays>> delays_;
  SnapshotAge age_;
  std::optional<Rounds> rounds_;  // last, so that it ends first
};

}  // namespace kakunin
