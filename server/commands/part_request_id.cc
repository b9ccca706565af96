#include "server/commands/part_request_id.h"

#include <algorithm>
#include <array>

#include "auth/digest.h"
#include "auth/uuid.h"

namespace kakunin {

std::string PartRequestId(std::string_view request_id, int part) {
  if (part == 0) return std::string(request_id);
  const auto digest =
      auth::Sha256("kakunin part\n" + std::string(request_id) + "\n" + std::to_string(part));
  std::array<uint8_t, 16> octets{};
  std::copy_n(digest.begin(), octets.size(), octets.begin());
  octets[6] = static_cast<uint8_t>((octets[6] & 0x0F) | 0x80);
  octets[8] = static_cast<uint8_t>((octets[8] & 0x3F) | 0x80);
  return auth::UuidText(octets);
}

}  // namespace kakunin
