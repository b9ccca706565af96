#include "server/rpc/onboarding_limits.h"

#include <chrono>

namespace kakunin {
namespace {

constexpr std::chrono::minutes kCallWindow(1);
constexpr std::chrono::hours kCodeWindow(1);
// Some 10 MB at most.
constexpr size_t kMostAddresses = 50'000;
constexpr char kEverybody[] = "";

}  // namespace

OnboardingLimits::OnboardingLimits(int calls_per_address, int calls_in_all)
    : by_address_(calls_per_address, kCallWindow, kMostAddresses),
      by_block_(calls_per_address * kAddressesOfBlock, kCallWindow, kMostAddresses),
      first_calls_(kFirstCalls, kCallWindow, kMostAddresses),
      in_all_(calls_in_all, kCallWindow, 1),
      reserve_(calls_in_all, kCallWindow, 1),
      told_(1, kCallWindow, kMostAddresses),
      wrong_by_address_(kWrongCodesPerAddress, kCodeWindow, kMostAddresses),
      wrong_in_all_(kWrongCodesInAll, kCodeWindow, 1) {}

OnboardingLimits::Verdict OnboardingLimits::Take(const std::string& address, Instant now) {
  const std::string key = AddressKey(address);
  const bool first = first_calls_.Take(key, now);
  if (by_address_.Take(key, now) && by_block_.Take(BlockKey(address), now) &&
      (in_all_.Take(kEverybody, now) || (first && reserve_.Take(kEverybody, now)))) {
    return Verdict::kWithin;
  }
  return told_.Take(key, now) ? Verdict::kFirstOver : Verdict::kOver;
}

bool OnboardingLimits::MayTryCode(const std::string& address, Instant now) {
  return !wrong_by_address_.IsOver(AddressKey(address), now) &&
         !wrong_in_all_.IsOver(kEverybody, now);
}

void OnboardingLimits::WrongCode(const std::string& address, Instant now) {
  wrong_by_address_.Take(AddressKey(address), now);
  wrong_in_all_.Take(kEverybody, now);
}

}  // namespace kakunin
