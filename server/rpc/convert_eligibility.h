#pragma once

#include <string>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "domain/next_step.h"
#include "kakunin/v1/bulk_service.pb.h"
#include "kakunin/v1/eligibility_list_service.pb.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/confirm_eligibility.h"

namespace kakunin {

// The border of EligibilityService, both directions side by side. The Read functions return
// INVALID_FIELDS with every violation at once; another facility's code is no violation but
// `refused`, so that it is audited.

absl::Status ReadBegin(const v1::BeginCardAuthenticationRequest& request, const Call& call,
                       IssueInquiry& inquiry);
// WriteBegin appends a serialised BeginCardAuthenticationResponse.
void WriteBegin(const Issued& issued, std::string& out);

// CardActOctets owns what an inquiry by card only views, and what the answer repeats.
struct CardActOctets {
  std::string certificate;
  std::string signature;
  int prescription_form = 0;
};

absl::Status ReadByCard(const v1::ConfirmByCardRequest& request, const Call& call,
                        CardActOctets& octets, Inquiry& inquiry);
// WriteByCard appends a serialised ConfirmByCardResponse: the message without its coverages, then
// those as the octets they are stored in.
void WriteByCard(const Confirmed& confirmed, int prescription_form, const Contact& contact,
                 std::string& out);

absl::Status ReadByNumber(const v1::ConfirmByInsuredNumberRequest& request, const Call& call,
                          const auth::HmacKey& look_up, Inquiry& inquiry);
void WriteByNumber(const Confirmed& confirmed, const Contact& contact, std::string& out);

// WriteWarnings adds an answer's warnings in words.
void WriteWarnings(const Confirmed& confirmed, google::protobuf::RepeatedPtrField<v1::Warning>& to);

// WriteBulkAnswer writes what an answer to a row of a list has in common with those at the desk,
// without its coverages.
void WriteBulkAnswer(const Confirmed& confirmed, v1::BulkAnswer& answer);
// WriteConsentedAnswer does so for a patient of the list of those who consented.
void WriteConsentedAnswer(const Confirmed& confirmed, v1::ConsentedEligibility& answer);

}  // namespace kakunin
