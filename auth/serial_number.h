#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace kakunin::auth {

// SerialNumber is a certificate's serial: a positive number of at most 20 octets (RFC 5280
// 4.1.2.2), kept inline, big endian, without leading zero octets. Beside a person it is personal
// data: it has no formatter.
class SerialNumber {
 public:
  static constexpr size_t kMaxBytes = 20;

  SerialNumber() = default;
  explicit SerialNumber(uint64_t value) {
    while (value != 0 && size_ < sizeof(value)) {
      std::memmove(bytes_.data() + 1, bytes_.data(), size_);
      bytes_[0] = static_cast<uint8_t>(value);
      value >>= 8;
      ++size_;
    }
  }

  // FromBigEndian drops leading zero octets; nullopt for zero or more than 20 octets.
  static std::optional<SerialNumber> FromBigEndian(std::span<const uint8_t> octets) {
    while (!octets.empty() && octets.front() == 0) octets = octets.subspan(1);
    if (octets.empty() || octets.size() > kMaxBytes) return std::nullopt;
    SerialNumber serial;
    std::memcpy(serial.bytes_.data(), octets.data(), octets.size());
    serial.size_ = static_cast<uint8_t>(octets.size());
    return serial;
  }

  // bytes is the big-endian form: the key of card links in storage.
  std::span<const uint8_t> bytes() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }

  // ToUint64 is the value if it has at most 8 octets.
  std::optional<uint64_t> ToUint64() const {
    if (size_ > sizeof(uint64_t)) return std::nullopt;
    uint64_t value = 0;
    for (size_t i = 0; i < size_; ++i) value = value << 8 | bytes_[i];
    return value;
  }

  // Ordered by value: a longer number is a greater one.
  friend std::strong_ordering operator<=>(const SerialNumber& a, const SerialNumber& b) {
    if (a.size_ != b.size_) return a.size_ <=> b.size_;
    return a.bytes_ <=> b.bytes_;  // octets past the size are zero in both
  }
  friend bool operator==(const SerialNumber& a, const SerialNumber& b) = default;

 private:
  std::array<uint8_t, kMaxBytes> bytes_{};
  uint8_t size_ = 0;
};

}  // namespace kakunin::auth
