#include "server/commands/bulk_request_id.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "auth/uuid.h"
#include "server/rpc/fields.h"

namespace kakunin {
namespace {

constexpr size_t kVersionOctet = 6;
constexpr size_t kVariantOctet = 8;  // from here on it is the digest's
constexpr uint8_t kVersion = 0x80;   // its upper half: 8, of one's own making
constexpr uint8_t kVariant = 0x80;   // its upper two bits

using Octets = std::array<uint8_t, 16>;

// The id's last eight octets.
void PutDigest(const auth::Sha256Digest& digest, Octets& id) {
  std::copy_n(digest.begin(), id.size() - kVariantOctet, id.begin() + kVariantOctet);
  id[kVariantOctet] = static_cast<uint8_t>((id[kVariantOctet] & 0x3f) | kVariant);
}

}  // namespace

auth::Sha256Digest BulkListDigest(const v1::BulkInquiryHeader& header,
                                  std::span<const v1::BulkInquiryRow> rows) {
  auth::Sha256Stream stream;
  v1::BulkInquiryHeader asked = header;
  asked.clear_request_id();
  std::string octets = asked.SerializeAsString();
  // Each with its length before it: else two rows could read as one.
  stream.Update(std::to_string(octets.size()) + ":" + octets);
  for (const v1::BulkInquiryRow& row : rows) {
    octets = row.SerializeAsString();
    stream.Update(std::to_string(octets.size()) + ":" + octets);
  }
  return stream.Finish();
}

std::string MakeBulkRequestId(const auth::Sha256Digest& digest) {
  Octets id = auth::RandomArray<16>();
  id[kVersionOctet] = static_cast<uint8_t>((id[kVersionOctet] & 0x0f) | kVersion);
  PutDigest(digest, id);
  return auth::UuidText(id);
}

bool IsRequestIdOfOther(std::string_view request_id, const auth::Sha256Digest& digest) {
  const std::optional<Octets> id = ParseUuid(request_id);
  if (!id || ((*id)[kVersionOctet] & 0xf0) != kVersion) return false;
  Octets expected = *id;
  PutDigest(digest, expected);
  return expected != *id;
}

}  // namespace kakunin
