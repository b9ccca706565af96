#include "auth/der_writer.h"

#include <absl/time/civil_time.h>
#include <fmt/format.h>

#include "auth/der_reader.h"
#include "auth/oid.h"

namespace kakunin::auth {

std::string DerTlv(uint8_t tag, std::string_view content) {
  std::string length;
  for (size_t rest = content.size(); rest != 0; rest >>= 8) {
    length.insert(length.begin(), static_cast<char>(rest & 0xff));
  }
  std::string out(1, static_cast<char>(tag));
  out.reserve(content.size() + 6);
  if (content.size() < 0x80) {
    out += static_cast<char>(content.size());
  } else {
    out += static_cast<char>(0x80 | length.size());
    out += length;
  }
  out += content;
  return out;
}

std::string DerSequence(std::initializer_list<std::string_view> elements) {
  std::string content;
  for (const std::string_view element : elements) content += element;
  return DerTlv(der::kSequence, content);
}

std::string DerInteger(uint64_t value) {
  std::string big_endian;
  for (int shift = 56; shift >= 0; shift -= 8) {
    big_endian += static_cast<char>(value >> shift & 0xff);
  }
  return DerUnsigned(big_endian);
}

std::string DerUnsigned(std::string_view big_endian) {
  while (big_endian.size() > 1 && big_endian[0] == '\0') big_endian.remove_prefix(1);
  std::string content;
  if (big_endian.empty() || (big_endian[0] & 0x80) != 0) content += '\0';
  content += big_endian;
  return DerTlv(der::kInteger, content);
}

std::string DerOid(std::string_view dotted) { return DerTlv(der::kOid, EncodeOid(dotted).value()); }

std::string DerBitString(std::string_view octets) {
  std::string content(1, '\0');
  content += octets;
  return DerTlv(der::kBitString, content);
}

std::string DerTime(absl::Time time) {
  const absl::CivilSecond utc = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const std::string rest = fmt::format("{:02}{:02}{:02}{:02}{:02}Z", utc.month(), utc.day(),
                                       utc.hour(), utc.minute(), utc.second());
  if (utc.year() < 2050) {
    return DerTlv(der::kUtcTime, fmt::format("{:02}", utc.year() % 100) + rest);
  }
  return DerTlv(der::kGeneralizedTime, fmt::format("{:04}", utc.year()) + rest);
}

std::string MakeName(const std::vector<NamePart>& parts) {
  std::string content;
  for (const NamePart& part : parts) {
    const uint8_t tag = part.oid == kOidCountry ? der::kPrintableString : der::kUtf8String;
    content += DerTlv(der::kSet, DerSequence({DerOid(part.oid), DerTlv(tag, part.text)}));
  }
  return DerTlv(der::kSequence, content);
}

}  // namespace kakunin::auth
