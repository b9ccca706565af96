#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/applicant.h"
#include "domain/application.h"
#include "kakunin/v1/onboarding_service.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_terminals.h"
#include "server/rpc/fields.h"
#include "server/usecases/applications.h"
#include "server/usecases/ground_end.h"
#include "storage/applicant_store.h"
#include "storage/application_store.h"

namespace kakunin {

// ReadApplicantName reads the name of an account.
void ReadApplicantName(FieldErrors& errors, const std::string& account);

// ReadRegistration reads who wants an account.
ApplicantAccount ReadRegistration(FieldErrors& errors, const v1::RegisterApplicantRequest& request);

// ReadOldPassword reads a password that is compared, ReadNewPassword one that `account` wants: all
// faults at once. Both are normalised.
std::string ReadOldPassword(FieldErrors& errors, std::string_view field, const std::string& typed);
std::string ReadNewPassword(FieldErrors& errors, std::string_view field, const std::string& typed,
                            const ApplicantAccount& account);

// ReadSubmission reads what is handed in. Faults of the message are `errors`; those of a form stay
// with it, to be told with what its rules find.
Submission ReadSubmission(FieldErrors& errors, const v1::SubmitApplicationRequest& request);

// ReadApplicationPage and ReadApplicantPage read which page is asked for.
void ReadApplicationPage(FieldErrors& errors, int32_t page_size, const std::string& page_token,
                         ApplicationRange& range);
void ReadApplicantPage(FieldErrors& errors, int32_t page_size, const std::string& page_token,
                       ApplicantRange& range);
std::string PageAfter(const Application& last);
std::string PageAfter(const ApplicantAccount& last);

// ReadGroundEnd reads a report of either side.
template <class Request>
GroundEndReport ReadGroundEnd(FieldErrors& errors, const Request& request, bool may_put_off) {
  RequiredFacilityCode(errors, "facility_code", request.facility_code());
  const auto day = RequiredDay(errors, "ending_day", request.ending_day());
  return {.facility_code = request.facility_code(),
          .ending_day = day.value_or(absl::CivilDay()),
          .may_put_off = may_put_off};
}
template <class Response>
void SetGroundEnd(const ReportedGroundEnd& reported, Response& out) {
  *out.mutable_last_day() = DayToProto(reported.last_day);
  for (const absl::CivilDay day : reported.reminder_days)
    *out.add_reminder_days() = DayToProto(day);
  out.set_sentence(reported.sentence);
}

void SetApplicant(const ApplicantAccount& account, absl::Time now, v1::Applicant& out);
void SetApplication(const Application& application, v1::Application& out);
void SetShown(const ShownApplication& shown, v1::Application& out);

}  // namespace kakunin
