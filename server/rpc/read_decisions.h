#pragma once

#include <google/protobuf/repeated_field.h>

#include "domain/consent.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "server/rpc/fields.h"

namespace kakunin {

// ReadDecisions reads what a patient decided under the path "decisions": one decision for every
// kind.
ConsentDecisions ReadDecisions(
    FieldErrors& errors, const google::protobuf::RepeatedPtrField<v1::ConsentDecision>& decisions);

}  // namespace kakunin
