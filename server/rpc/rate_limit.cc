#include "server/rpc/rate_limit.h"

#include <arpa/inet.h>

#include <array>

namespace kakunin {

RateLimit::Window& RateLimit::WindowOf(std::string_view key, Instant now) {
  const auto renewed = [&](Window& window) -> Window& {
    if (now - window.begin >= window_) window = {.begin = now};
    return window;
  };
  const auto found = windows_.find(std::string(key));
  if (found != windows_.end()) return renewed(found->second);
  if (windows_.size() >= most_keys_) {
    absl::erase_if(windows_,
                   [&](const auto& entry) { return now - entry.second.begin >= window_; });
  }
  if (windows_.size() >= most_keys_) return renewed(others_);
  return windows_[std::string(key)] = {.begin = now};
}

bool RateLimit::Take(std::string_view key, Instant now) {
  const std::lock_guard lock(mutex_);
  return ++WindowOf(key, now).count <= most_;
}

bool RateLimit::IsOver(std::string_view key, Instant now) {
  const std::lock_guard lock(mutex_);
  return WindowOf(key, now).count >= most_;
}

std::string AddressKey(const std::string& address) {
  std::array<uint8_t, 16> octets{};
  if (inet_pton(AF_INET6, address.c_str(), octets.data()) != 1) return address;
  // An IPv4 address in IPv6 clothes counts as itself.
  const bool mapped = IN6_IS_ADDR_V4MAPPED(reinterpret_cast<const in6_addr*>(octets.data())) != 0;
  const size_t kept = mapped ? 16 : 8;
  return "6:" + std::string(octets.begin(), octets.begin() + static_cast<int>(kept));
}

std::string BlockKey(const std::string& address) {
  constexpr size_t kOctets4 = 3;
  constexpr size_t kOctets6 = 6;
  std::array<uint8_t, 16> octets{};
  if (inet_pton(AF_INET, address.c_str(), octets.data()) == 1) {
    return "4:" + std::string(octets.begin(), octets.begin() + kOctets4);
  }
  if (inet_pton(AF_INET6, address.c_str(), octets.data()) != 1) return address;
  if (IN6_IS_ADDR_V4MAPPED(reinterpret_cast<const in6_addr*>(octets.data())) != 0) {
    return "4:" + std::string(octets.end() - 4, octets.end() - 4 + kOctets4);
  }
  return "6:" + std::string(octets.begin(), octets.begin() + kOctets6);
}

}  // namespace kakunin
