#pragma once

#include <string>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "kakunin/v1/consent_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/consent_desk.h"

namespace kakunin {

// The border of ConsentService, both directions side by side. The Read functions return
// INVALID_FIELDS with every violation at once; another facility's code is no violation but
// `refused`, so that it is audited. The Write functions append a serialised response.

absl::Status ReadListConsents(const v1::ListConsentsRequest& request, const Call& call,
                              const auth::HmacKey& look_up, ConsentInquiry& inquiry);
void WriteListConsents(const ConsentAnswer& answer, std::string& out);

absl::Status ReadRevokeConsent(const v1::RevokeConsentRequest& request, const Call& call,
                               const auth::HmacKey& look_up, ConsentInquiry& inquiry);
void WriteRevokeConsent(const ConsentAnswer& answer, std::string& out);

absl::Status ReadCheckConsentEnd(const v1::CheckConsentEndRequest& request, const Call& call,
                                 const auth::HmacKey& look_up, ConsentInquiry& inquiry);
void WriteCheckConsentEnd(const ConsentAnswer& answer, std::string& out);

absl::Status ReadExplainDecision(const v1::ExplainDecisionRequest& request, const Call& call,
                                 const auth::HmacKey& look_up, ConsentInquiry& inquiry);
void WriteExplainDecision(const ConsentAnswer& answer, std::string& out);

}  // namespace kakunin
