#pragma once

#include <string>

#include "kakunin/v1/access_log_service.pb.h"

namespace kakunin {

// AccessTable shows one page of a list of accesses, in Japanese: to the facility's administrator,
// or to the patient. Patients have no names in it; their handles are in the message alone.
std::string AccessTable(const v1::ListFacilityAccessResponse& answer);
std::string AccessTable(const v1::ListPatientAccessResponse& answer);

}  // namespace kakunin
