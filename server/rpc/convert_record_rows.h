#pragma once

#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/usecases/feed_row.h"

namespace kakunin {

// ReadReceiptRow and ReadHealthCheckRow read one pushed row each, as ReadCoverageRow does. Of a
// lost row only its names are read. A drug's class that we do not know is kept as it was received.
IncomingReceipt ReadReceiptRow(v1::ReceiptRow& row);
IncomingHealthCheck ReadHealthCheckRow(v1::HealthCheckRow& row);

// ReadMonth reads "YYYY-MM"; empty for anything else.
std::optional<absl::CivilMonth> ReadMonth(std::string_view text);

// MonthText is the inverse of ReadMonth.
std::string MonthText(absl::CivilMonth month);

}  // namespace kakunin
