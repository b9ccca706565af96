#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kakunin::auth {

// DerTlv encodes one element with a definite minimal length.
std::string DerTlv(uint8_t tag, std::string_view content);

// DerSequence encodes a SEQUENCE of elements that are already encoded.
std::string DerSequence(std::initializer_list<std::string_view> elements);

// DerInteger encodes a non-negative number; DerUnsigned one given as big-endian octets.
std::string DerInteger(uint64_t value);
std::string DerUnsigned(std::string_view big_endian);

// DerOid encodes a dotted OID, which must be valid.
std::string DerOid(std::string_view dotted);

// DerBitString encodes whole octets, no spare bits.
std::string DerBitString(std::string_view octets);

// DerTime encodes whole seconds as UTCTime until 2049, as GeneralizedTime from 2050.
std::string DerTime(absl::Time time);

// NamePart is one RDN: attribute OID and text. Country is written as PrintableString, everything
// else as UTF8String.
struct NamePart {
  std::string oid;
  std::string text;
};

// Attribute OIDs of names.
inline constexpr const char* kOidCountry = "2.5.4.6";
inline constexpr const char* kOidOrganization = "2.5.4.10";
inline constexpr const char* kOidOrganizationalUnit = "2.5.4.11";
inline constexpr const char* kOidCommonName = "2.5.4.3";

// MakeName encodes a Name with one attribute an RDN, in this order.
std::string MakeName(const std::vector<NamePart>& parts);

}  // namespace kakunin::auth
