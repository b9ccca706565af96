#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/digest.h"
#include "auth/siv_key.h"
#include "domain/next_step.h"
#include "kakunin/v1/bulk_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/bulk_intake.h"
#include "server/usecases/bulk_run.h"

namespace kakunin {

// The border of BulkService, both directions side by side. The Read functions return INVALID_FIELDS
// with every violation at once.

// BulkHeaderRead is a header as it came.
struct BulkHeaderRead {
  BulkHeader header;
  TerminalCall call;
  std::optional<auth::SivKey> echo;  // empty: names and addresses are dropped
};
absl::StatusOr<BulkHeaderRead> ReadBulkHeader(const v1::BulkInquiryHeader& header, const Call& call,
                                              const auth::HmacKey& audit_key);

// ReadBulkRow turns a row into the form in which it waits; what is wrong with it goes with it.
// `is_new` is false when another row of the list has its id.
std::string ReadBulkRow(const v1::BulkInquiryRow& row, const BulkHeaderRead& list, bool is_new,
                        absl::CivilDay today, const auth::HmacKey& look_up);
// PiecesOfRows puts rows as ReadBulkRow made them into rounds; the first is row `first_row`.
std::vector<BulkPiece> PiecesOfRows(const std::vector<std::string>& rows, int64_t first_row);
// RowIdsOf reads the ids of the rows in a piece.
std::vector<std::string> RowIdsOf(std::string_view octets);

// BulkCodecFor is what a lane that runs lists reads and writes.
BulkCodec BulkCodecFor();

absl::Status ReadGet(const v1::BulkServiceGetRequest& request, const Call& call,
                     const auth::HmacKey& audit_key, TerminalCall& asked, BulkId& id);
absl::Status ReadCancel(const v1::BulkServiceCancelRequest& request, const Call& call,
                        const auth::HmacKey& audit_key, TerminalCall& asked, BulkId& id);
absl::Status ReadDelete(const v1::BulkServiceDeleteRequest& request, const Call& call,
                        const auth::HmacKey& audit_key, TerminalCall& asked, BulkId& id);
// ResultsAsked is where results are to be read from.
struct ResultsAsked {
  BulkId id;
  int64_t after = 0;  // the last row that was sent before
  std::optional<auth::SivKey> echo;
};
absl::Status ReadStreamResults(const v1::BulkServiceStreamResultsRequest& request, const Call& call,
                               const auth::HmacKey& audit_key, TerminalCall& asked,
                               ResultsAsked& where);

// WriteBulkInquiry writes a list as the facility sees it.
void WriteBulkInquiry(const BulkInquiryRow& row, v1::BulkInquiry& out);
// WriteResults appends the results behind row `after` of a stored piece; false when it is none.
bool WriteResults(const BulkPiece& piece, int64_t after, const std::optional<auth::SivKey>& echo,
                  v1::BulkServiceStreamResultsResponse& out);

}  // namespace kakunin
