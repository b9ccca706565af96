#include "storage/postgres/binary_array.h"

#include <limits>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

// PostgreSQL counts days and microseconds from 2000-01-01 UTC.
constexpr int kEpochDay = 10957;
constexpr int64_t kEpochMicroseconds = int64_t{kEpochDay} * 86'400'000'000;
constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
constexpr int64_t kMinusInfinity = std::numeric_limits<int64_t>::min();

template <class Word>
Word BigEndian(std::string_view cell) {
  Word word = 0;
  for (size_t i = 0; i < sizeof(Word); ++i) {
    word = static_cast<Word>(word << 8 | static_cast<uint8_t>(cell[i]));
  }
  return word;
}

int64_t MicrosecondsOf(absl::Time at) {
  if (at == absl::InfiniteFuture()) return kInfinity;
  if (at == absl::InfinitePast()) return kMinusInfinity;
  return absl::ToUnixMicros(at) - kEpochMicroseconds;
}

}  // namespace

void BinaryArray::Put32(uint32_t value) {
  value = __builtin_bswap32(value);
  octets_.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void BinaryArray::Put64(uint64_t value) {
  value = __builtin_bswap64(value);
  octets_.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void BinaryArray::Begin(ElementType type, size_t count) {
  octets_.clear();
  Put32(1);  // dimensions
  Put32(0);  // no statement about nulls: the server looks for itself
  Put32(static_cast<uint32_t>(type));
  Put32(static_cast<uint32_t>(count));
  Put32(1);  // lower bound
}

void BinaryArray::Null() { Put32(0xFFFFFFFF); }

void BinaryArray::Bool(bool value) {
  Put32(1);
  octets_.push_back(value ? 1 : 0);
}

void BinaryArray::Int2(int value) {
  Put32(2);
  octets_.push_back(static_cast<char>(value >> 8));
  octets_.push_back(static_cast<char>(value));
}

void BinaryArray::Int4(int32_t value) {
  Put32(4);
  Put32(static_cast<uint32_t>(value));
}

void BinaryArray::Int8(int64_t value) {
  Put32(8);
  Put64(static_cast<uint64_t>(value));
}

void BinaryArray::Day(const std::optional<absl::CivilDay>& day) {
  if (!day) return Null();
  Int4(DayNumber(*day) - kEpochDay);
}

void BinaryArray::Instant(absl::Time at) { Int8(MicrosecondsOf(at)); }

void BinaryArray::Octets(std::string_view octets) {
  Put32(static_cast<uint32_t>(octets.size()));
  octets_.append(octets);
}

void BinaryArray::Json(std::string_view text) {
  Put32(static_cast<uint32_t>(text.size()) + 1);
  octets_.push_back(1);  // the version of the format
  octets_.append(text);
}

BinaryScalar::BinaryScalar(absl::Time at) : BinaryScalar(MicrosecondsOf(at)) {}

BinaryScalar::BinaryScalar(int64_t value) : size_(sizeof(value)) {
  const uint64_t word = __builtin_bswap64(static_cast<uint64_t>(value));
  std::memcpy(octets_.data(), &word, sizeof(word));
}

int16_t Int2From(std::string_view cell) { return static_cast<int16_t>(BigEndian<uint16_t>(cell)); }
int32_t Int4From(std::string_view cell) { return static_cast<int32_t>(BigEndian<uint32_t>(cell)); }
int64_t Int8From(std::string_view cell) { return static_cast<int64_t>(BigEndian<uint64_t>(cell)); }

absl::CivilDay DayFrom(std::string_view cell) { return DayFromNumber(Int4From(cell) + kEpochDay); }

absl::Time InstantFrom(std::string_view cell) {
  const int64_t microseconds = Int8From(cell);
  if (microseconds == kInfinity) return absl::InfiniteFuture();
  if (microseconds == kMinusInfinity) return absl::InfinitePast();
  return absl::FromUnixMicros(microseconds + kEpochMicroseconds);
}

}  // namespace kakunin
