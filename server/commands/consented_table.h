#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "kakunin/v1/eligibility_list_service.pb.h"

namespace kakunin {

// ConsentedTable draws those who consented, for the facility's clerk, in Japanese.
std::string ConsentedTable(const google::protobuf::RepeatedPtrField<v1::ConsentedPatient>& list);

// ConfirmedTable draws what a facility was told. Patients have no names in it: the audit id leads
// to the case, their handles are in the message alone.
std::string ConfirmedTable(const v1::ListConfirmationsResponse& told);

}  // namespace kakunin
