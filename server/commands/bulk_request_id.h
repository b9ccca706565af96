#pragma once

#include <span>
#include <string>
#include <string_view>

#include "auth/digest.h"
#include "kakunin/v1/bulk_service.pb.h"

namespace kakunin {

// A list that broke off is gone on with by its request id. The server knows how many chunks it has
// and not what the file held, so that nobody would notice a file that was changed meanwhile: rows
// twice, or never. Hence an id made here is half chance and half a digest of the list (a UUID of
// version 8, RFC 9562).

// BulkListDigest is over all that a list asks: its day, its form of care and its rows in their
// order.
auth::Sha256Digest BulkListDigest(const v1::BulkInquiryHeader& header,
                                  std::span<const v1::BulkInquiryRow> rows);

// MakeBulkRequestId is a fresh id for the list of this digest.
std::string MakeBulkRequestId(const auth::Sha256Digest& digest);

// IsRequestIdOfOther tells whether an id was made here for another list than that of this digest;
// false for ids that others made, of which it knows nothing.
bool IsRequestIdOfOther(std::string_view request_id, const auth::Sha256Digest& digest);

}  // namespace kakunin
