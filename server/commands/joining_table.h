#pragma once

#include <string>

#include "kakunin/v1/onboarding_service.pb.h"

namespace kakunin {

// ApplicantTable draws one account, ApplicationTable one application with whatever it holds,
// ApplicationLine is one for a list.
std::string ApplicantTable(const v1::Applicant& applicant);
std::string ApplicationTable(const v1::Application& application);
std::string ApplicationLine(const v1::Application& application);

// GroundEndTable draws what a reported end of a ground comes to.
std::string GroundEndTable(
    const google::type::Date& last_day,
    const google::protobuf::RepeatedPtrField<google::type::Date>& reminder_days,
    const std::string& sentence);

// StateText is "SUBMITTED 申請済み".
std::string StateText(v1::ApplicationState state);

}  // namespace kakunin
