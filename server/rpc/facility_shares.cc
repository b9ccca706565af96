#include "server/rpc/facility_shares.h"

namespace kakunin {

std::shared_ptr<void> FacilityShares::Take(const std::string& facility) {
  {
    const std::lock_guard lock(mutex_);
    int& held = held_[facility];
    if (held >= most_) return nullptr;
    ++held;
  }
  return {this, [this, facility](void*) { Give(facility); }};
}

void FacilityShares::Give(const std::string& facility) {
  const std::lock_guard lock(mutex_);
  const auto held = held_.find(facility);
  if (--held->second == 0) held_.erase(held);
}

}  // namespace kakunin
