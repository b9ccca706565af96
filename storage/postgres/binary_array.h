#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/person_id.h"

namespace kakunin {

// ElementType is the type of an array's elements by its PostgreSQL object id; built-in types keep
// their ids in every version and installation.
enum class ElementType : uint32_t {
  kBool = 16,
  kOctets = 17,     // bytea
  kInt8 = 20,       // bigint
  kInt2 = 21,       // smallint
  kInt4 = 23,       // integer
  kText = 25,       // text
  kDay = 1082,      // date
  kInstant = 1184,  // timestamptz
  kUuid = 2950,
  kJson = 3802,  // jsonb
};

// BinaryArray is one one-dimensional array in PostgreSQL's binary parameter format. The buffer is
// kept from one use to the next, so that a lane's batches allocate nothing. Not thread-safe.
class BinaryArray {
 public:
  // Begin empties the array and announces `count` elements; exactly so many must follow.
  void Begin(ElementType type, size_t count);

  void Null();
  void Bool(bool value);
  void Int2(int value);
  void Int4(int32_t value);
  void Int8(int64_t value);
  // Day stores a civil day; empty is null.
  void Day(const std::optional<absl::CivilDay>& day);
  // Instant stores whole microseconds; the infinite future and past are PostgreSQL's own.
  void Instant(absl::Time at);
  // Octets stores text (which must be UTF-8) or octets.
  void Octets(std::string_view octets);
  // Json stores the text of a jsonb value.
  void Json(std::string_view text);
  template <class Tag>
  void Uuid(const Id128<Tag>& id) {
    Octets({reinterpret_cast<const char*>(id.octets.data()), id.octets.size()});
  }

  std::string_view octets() const { return octets_; }

 private:
  void Put32(uint32_t value);
  void Put64(uint64_t value);

  std::string octets_;
};

// BinaryScalar is one fixed-width value in the same format.
class BinaryScalar {
 public:
  explicit BinaryScalar(absl::Time at);
  explicit BinaryScalar(int64_t value);
  template <class Tag>
  explicit BinaryScalar(const Id128<Tag>& id) : size_(id.octets.size()) {
    std::memcpy(octets_.data(), id.octets.data(), size_);
  }

  std::string_view octets() const { return {octets_.data(), size_}; }

 private:
  std::array<char, 16> octets_;
  size_t size_;
};

// The readers of binary result cells; `cell` must have the type's width.
int16_t Int2From(std::string_view cell);
int32_t Int4From(std::string_view cell);
int64_t Int8From(std::string_view cell);
absl::CivilDay DayFrom(std::string_view cell);
absl::Time InstantFrom(std::string_view cell);
template <class Id>
Id UuidFrom(std::string_view cell) {
  Id id;
  std::memcpy(id.octets.data(), cell.data(), id.octets.size());
  return id;
}

}  // namespace kakunin
