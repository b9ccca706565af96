#pragma once

#include "kakunin/v1/identity_case_service.pb.h"
#include "storage/identity_case_store.h"

namespace kakunin {

// SetIdentityCase tells a case without the persons whom it concerns.
void SetIdentityCase(const IdentityCase& told, v1::IdentityCase& out);

}  // namespace kakunin
