#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "kakunin/v1/reference_number_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/reference_numbers.h"

namespace kakunin {

// The border of ReferenceNumberService. The Read functions return INVALID_FIELDS with every
// violation at once, but for what is wrong inside a unit of a batch: that stands in its `fault`.
// `look_up` is the key of look-ups by number.
absl::Status ReadChangeReferenceNumbers(const v1::ChangeReferenceNumbersRequest& request,
                                        const Call& call, const auth::HmacKey& audit_key,
                                        const auth::HmacKey& look_up, TerminalCall& asked,
                                        ReferenceNumberChange& change);
absl::Status ReadBatchChangeReferenceNumbers(const v1::BatchChangeReferenceNumbersRequest& request,
                                             const Call& call, const auth::HmacKey& audit_key,
                                             const auth::HmacKey& look_up, TerminalCall& asked,
                                             std::vector<ReferenceNumberChange>& changes);
absl::Status ReadListReferenceNumbers(const v1::ListReferenceNumbersRequest& request,
                                      const Call& call, const auth::HmacKey& audit_key,
                                      const auth::HmacKey& look_up, TerminalCall& asked,
                                      NamedPatient& patient);

void WriteChangeReferenceNumbers(const KnownNumbers& known,
                                 v1::ChangeReferenceNumbersResponse& response);
// `results` are one a unit of `request`.
void WriteBatchChangeReferenceNumbers(const v1::BatchChangeReferenceNumbersRequest& request,
                                      std::span<const KnownNumbers> results,
                                      v1::BatchChangeReferenceNumbersResponse& response);
void WriteListReferenceNumbers(const KnownNumbers& known,
                               v1::ListReferenceNumbersResponse& response);

}  // namespace kakunin
