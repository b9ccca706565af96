#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "domain/abnormal_times.h"
#include "domain/person_id.h"
#include "kakunin/v1/abnormal_times_policy_service.pb.h"
#include "server/usecases/abnormal_times_policies.h"

namespace kakunin {

// The border of AbnormalTimesPolicyService. ReadProposeAbnormalTimes returns INVALID_FIELDS with
// every violation at once.

absl::Status ReadProposeAbnormalTimes(const v1::ProposeAbnormalTimesRequest& request,
                                      absl::Time now, RequestId& id, AbnormalTimesPolicy& policy);
void SetPolicy(const ToldPolicy& told, absl::Time now, v1::AbnormalTimesPolicy& out);
void SetUse(const ReportedUse& use, v1::AbnormalTimesUse& out);

// The place of a page of policies, or of a report's, as a token.
std::string PolicyPlaceText(const PolicyPlace& place);
std::optional<PolicyPlace> PolicyPlaceFrom(std::string_view token);
std::string UsePlaceText(const UsePlace& place);
std::optional<UsePlace> UsePlaceFrom(std::string_view token);

}  // namespace kakunin
