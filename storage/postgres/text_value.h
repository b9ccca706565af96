#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/person_id.h"

namespace kakunin {

// The text forms of values in statements that are not hot. Sessions run with TimeZone UTC and
// DateStyle ISO, which PostgresDatabase sets.

// HexText writes octets as lower-case hex digits; a uuid is read in this form too.
std::string HexText(std::string_view octets);
// OctetsFromHex reads hex digits, hyphens skipped; stops at the first other character.
std::string OctetsFromHex(std::string_view text);

template <class Tag>
std::string UuidText(const Id128<Tag>& id) {
  return HexText({reinterpret_cast<const char*>(id.octets.data()), id.octets.size()});
}
template <class Id>
Id UuidFromText(std::string_view text) {
  Id id;
  const std::string octets = OctetsFromHex(text);
  if (octets.size() == id.octets.size()) {
    std::memcpy(id.octets.data(), octets.data(), octets.size());
  }
  return id;
}

// ByteaText is `\x` and hex digits.
std::string ByteaText(std::string_view octets);
template <size_t N>
std::string ByteaText(const std::array<uint8_t, N>& octets) {
  return ByteaText({reinterpret_cast<const char*>(octets.data()), octets.size()});
}
std::string ByteaFromText(std::string_view text);
template <size_t N>
std::array<uint8_t, N> DigestFromText(std::string_view text) {
  std::array<uint8_t, N> digest{};
  const std::string octets = ByteaFromText(text);
  if (octets.size() == N) std::memcpy(digest.data(), octets.data(), N);
  return digest;
}

// InstantText is UTC with microseconds; the infinite future is `infinity`.
std::string InstantText(absl::Time at);
absl::Time InstantFromText(std::string_view text);

std::string DayText(absl::CivilDay day);
absl::CivilDay DayFromText(std::string_view text);

// TextArray is an array literal; any text may be an element.
std::string TextArray(std::span<const std::string> elements);

}  // namespace kakunin
