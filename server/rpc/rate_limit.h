#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace kakunin {

// RateLimit counts what each key does within a window of time and says when it is too much. It
// holds so many keys and no more: while it is full, keys that it does not hold share one count, so
// that whoever comes from everywhere is slowed down and the memory is bounded. Thread-safe.
class RateLimit {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  RateLimit(int most, std::chrono::steady_clock::duration window, size_t most_keys)
      : most_(most), window_(window), most_keys_(most_keys) {}

  // Take counts one and tells whether it is still within the limit.
  bool Take(std::string_view key, Instant now);
  // IsOver tells whether the next would be too much, and counts nothing.
  bool IsOver(std::string_view key, Instant now);

 private:
  struct Window {
    Instant begin;
    int64_t count = 0;
  };

  Window& WindowOf(std::string_view key, Instant now);

  const int most_;
  const std::chrono::steady_clock::duration window_;
  const size_t most_keys_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Window> windows_;
  Window others_;
};

// AddressKey is under what an address is counted: an IPv4 address itself, of IPv6 the network of
// 64 bits, for one household has all of it.
std::string AddressKey(const std::string& address);

// BlockKey is under what the block of an address is counted, such as one customer of a provider
// has: of IPv4 its network of 24 bits, of IPv6 that of 48.
std::string BlockKey(const std::string& address);

}  // namespace kakunin
