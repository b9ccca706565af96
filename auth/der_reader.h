#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kakunin::auth {

using DerBytes = std::span<const uint8_t>;

// Tags of X.690 as they stand in the octets (class, constructed bit, number).
namespace der {
inline constexpr uint8_t kBoolean = 0x01;
inline constexpr uint8_t kInteger = 0x02;
inline constexpr uint8_t kBitString = 0x03;
inline constexpr uint8_t kOctetString = 0x04;
inline constexpr uint8_t kNull = 0x05;
inline constexpr uint8_t kOid = 0x06;
inline constexpr uint8_t kEnumerated = 0x0a;
inline constexpr uint8_t kUtf8String = 0x0c;
inline constexpr uint8_t kPrintableString = 0x13;
inline constexpr uint8_t kIa5String = 0x16;
inline constexpr uint8_t kUtcTime = 0x17;
inline constexpr uint8_t kGeneralizedTime = 0x18;
inline constexpr uint8_t kSequence = 0x30;
inline constexpr uint8_t kSet = 0x31;
// ContextPrimitive and ContextConstructed are the tags of `[n] IMPLICIT` fields.
constexpr uint8_t ContextPrimitive(uint8_t n) { return static_cast<uint8_t>(0x80 | n); }
constexpr uint8_t ContextConstructed(uint8_t n) { return static_cast<uint8_t>(0xa0 | n); }
}  // namespace der

// DerElement is one tag-length-value; both views point into the reader's input.
struct DerElement {
  uint8_t tag = 0;
  DerBytes content;
  DerBytes encoded;  // with tag and length
};

// DerReader walks the elements of one level. Lengths are definite, minimal and at most 4 octets;
// tags are of the one-octet form. It neither copies nor allocates. After a failure the reader
// stays where it was.
class DerReader {
 public:
  explicit DerReader(DerBytes input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  DerBytes rest() const { return rest_; }

  // NextIs tells whether another element starts with this tag.
  bool NextIs(uint8_t tag) const { return !rest_.empty() && rest_.front() == tag; }

  // ReadAny returns the next element whatever its tag.
  std::optional<DerElement> ReadAny();

  // Read returns the next element if it has this tag.
  std::optional<DerElement> Read(uint8_t tag);

 private:
  DerBytes rest_;
};

// ReadWhole returns the single element that fills `input` and has this tag; nullopt when
// anything follows it.
std::optional<DerElement> ReadWhole(DerBytes input, uint8_t tag);

// kMaxDerDepth bounds nesting; certificates of the profiles here stay below 12.
inline constexpr int kMaxDerDepth = 16;

// IsStrictDer checks every element of `input`, which must be exactly one element: universal types
// have the right primitive or constructed form, BOOLEAN is 00 or FF, INTEGER is minimal, OIDs are
// minimal, BIT STRING spare bits are zero, SET elements are sorted, strings hold their characters.
// OCTET STRING content and primitive context tags are opaque. Time is linear in the input.
bool IsStrictDer(DerBytes input);

// IsMinimalInteger tells whether content octets are a minimal two's complement number.
bool IsMinimalInteger(DerBytes content);

// ParseDerTime reads a UTCTime (years 1950-2049) or GeneralizedTime (from 2050, RFC 5280 4.1.2.5)
// of the exact forms YYMMDDHHMMSSZ and YYYYMMDDHHMMSSZ as seconds since 1970-01-01T00:00:00Z;
// nullopt for any other form or an impossible date.
std::optional<int64_t> ParseDerTime(const DerElement& element);

}  // namespace kakunin::auth
