#include "server/http/address_shares.h"

#include <utility>

#include "server/rpc/rate_limit.h"

namespace kakunin {
namespace {

size_t CountOf(const absl::flat_hash_map<std::string, size_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

void CountDown(absl::flat_hash_map<std::string, size_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  if (--found->second == 0) counts.erase(found);
}

}  // namespace

AddressShares::Share::Share(AddressShares& shares, std::string address, std::string block)
    : shares_(&shares), address_(std::move(address)), block_(std::move(block)) {}

AddressShares::Share::Share(Share&& other) noexcept
    : shares_(std::exchange(other.shares_, nullptr)),
      address_(std::move(other.address_)),
      block_(std::move(other.block_)) {}

AddressShares::Share::~Share() {
  if (shares_ != nullptr) shares_->GiveBack(*this);
}

std::optional<AddressShares::Share> AddressShares::Take(const std::string& address) {
  std::string key = AddressKey(address);
  std::string block = BlockKey(address);
  const std::lock_guard lock(mutex_);
  if (taken_ >= limits_.all || CountOf(blocks_, block) >= limits_.of_block ||
      CountOf(addresses_, key) >= limits_.of_address) {
    ++refused_;
    return std::nullopt;
  }
  ++taken_;
  ++addresses_[key];
  ++blocks_[block];
  return Share(*this, std::move(key), std::move(block));
}

void AddressShares::GiveBack(const Share& share) {
  const std::lock_guard lock(mutex_);
  --taken_;
  CountDown(addresses_, share.address_);
  CountDown(blocks_, share.block_);
}

size_t AddressShares::Taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

int64_t AddressShares::Refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace kakunin
