#include "server/rpc/onboarding_limits.h"

#include <chrono>

namespace kakunin {
namespace {

constexpr std::chrono::minutes kCallWindow(1);
constexpr std::chrono::hours kCodeWindow(1);
// Some 10 MB at most.
constexpr size_t kMostAddresses = 50'000;
constexpr char kEverybody[] = "";
constexpr char kOfBlock[] = "block ";

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
  const std::string block = BlockKey(address);
  const bool first = first_calls_.Take(key, now);
  // A block takes no more of the reserve than an address may: else ten of them used it up, and
  // whoever has a block has all its addresses.
  const auto of_reserve = [&] {
    return first && first_calls_.Take(kOfBlock + block, now) && reserve_.Take(kEverybody, now);
  };
  if (by_address_.Take(key, now) && by_block_.Take(block, now) &&
      (in_all_.Take(kEverybody, now) || of_reserve())) {
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
