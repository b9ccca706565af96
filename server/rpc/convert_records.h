#pragma once

#include <string>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "kakunin/v1/record_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/read_records.h"

namespace kakunin {

// The border of RecordService, both directions side by side. The Read functions return
// INVALID_FIELDS with every violation at once; another facility's code is no violation but
// `refused`, so that it is audited. The Write functions append a serialised response: what is shown
// is stored as serialised messages and spliced in as it is.

absl::Status ReadDrugHistory(const v1::GetDrugHistoryRequest& request, const Call& call,
                             const auth::HmacKey& look_up, RecordInquiry& inquiry);
void WriteDrugHistory(const RecordAnswer& answer, std::string& out);

absl::Status ReadTreatmentHistory(const v1::GetTreatmentHistoryRequest& request, const Call& call,
                                  const auth::HmacKey& look_up, RecordInquiry& inquiry);
void WriteTreatmentHistory(const RecordAnswer& answer, std::string& out);

absl::Status ReadHealthChecks(const v1::GetHealthChecksRequest& request, const Call& call,
                              const auth::HmacKey& look_up, RecordInquiry& inquiry);
void WriteHealthChecks(const RecordAnswer& answer, std::string& out);

absl::Status ReadCertificates(const v1::GetCertificatesRequest& request, const Call& call,
                              const auth::HmacKey& look_up, RecordInquiry& inquiry);
void WriteCertificates(const RecordAnswer& answer, std::string& out);

}  // namespace kakunin
