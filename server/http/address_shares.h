#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace kakunin {

// AddressShares bounds how many of something there are at a time: in all, of a block of addresses
// and of an address (BlockKey and AddressKey). What it holds is bounded by the first. Thread-safe.
class AddressShares {
 public:
  struct Limits {
    size_t all = 0;
    size_t of_block = 0;
    size_t of_address = 0;
  };

  // Share is one of them until it is destroyed. The AddressShares outlive it.
  class Share {
   public:
    Share(Share&& other) noexcept;
    Share& operator=(Share&&) = delete;
    ~Share();

   private:
    friend class AddressShares;
    Share(AddressShares& shares, std::string address, std::string block);

    AddressShares* shares_;
    std::string address_;
    std::string block_;
  };

  explicit AddressShares(const Limits& limits) : limits_(limits) {}

  // Take gives nothing when there are as many as there may be.
  std::optional<Share> Take(const std::string& address);

  // Taken is how many there are, Refused how often there was none to give.
  size_t Taken() const;
  int64_t Refused() const;

 private:
  using Counts = absl::flat_hash_map<std::string, size_t>;

  void GiveBack(const Share& share);

  const Limits limits_;
  mutable std::mutex mutex_;
  Counts addresses_;
  Counts blocks_;
  size_t taken_ = 0;
  int64_t refused_ = 0;
};

}  // namespace kakunin
