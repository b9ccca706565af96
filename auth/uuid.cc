#include "auth/uuid.h"

#include "auth/digest.h"
#include "auth/encoding.h"

namespace kakunin::auth {

std::string UuidText(const std::array<uint8_t, 16>& octets) {
  std::string text = HexEncode(octets);
  for (const size_t hyphen : {8, 13, 18, 23}) text.insert(hyphen, 1, '-');
  return text;
}

std::string RandomUuid() {
  auto octets = RandomArray<16>();
  octets[6] = static_cast<uint8_t>((octets[6] & 0x0f) | 0x40);
  octets[8] = static_cast<uint8_t>((octets[8] & 0x3f) | 0x80);
  return UuidText(octets);
}

}  // namespace kakunin::auth
