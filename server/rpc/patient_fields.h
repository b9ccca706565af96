#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/time/civil_time.h"
#include "auth/digest.h"
#include "domain/text/insured_key.h"
#include "google/type/date.pb.h"
#include "kakunin/v1/record_service.pb.h"
#include "kakunin/v1/types.pb.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/fields.h"

namespace kakunin {

// What the requests of more than one service of the terminal port say of the visit and the patient.

// TerminalOf is the caller of a call that dispatch admitted for terminals alone.
const Terminal& TerminalOf(const Call& call);

// ReadFacilityCode sets `refused` when the request names another facility than the certificate's.
void ReadFacilityCode(FieldErrors& errors, const std::string& code, const Call& call,
                      std::optional<Reason>& refused);

// FirstBooking is the earliest booking that may be asked about on `today`, ten years back: that one
// is over is no fault of a request, it is refused with its consent (CONSENT_EXPIRED).
absl::CivilDay FirstBooking(absl::CivilDay today);

// ReadForm reads the form of care and, exactly with online care, the appointment day, which is not
// before `first_booking`: today where the patient acts; `prefix` is the path of what holds both.
FormOfCare ReadForm(FieldErrors& errors, v1::FormOfCare form, const google::type::Date& appointment,
                    absl::CivilDay first_booking, std::optional<absl::CivilDay>& appointment_day,
                    const std::string& prefix = "");

// InsuredFields are the fields that name a patient by the card. The views outlive the call.
struct InsuredFields {
  std::string_view insurer_number;
  std::string_view symbol;
  std::string_view number;
  std::string_view branch_number;
  const google::type::Date& birth_date;
  std::string_view prefix = "";  // "patient.insured."
};

// ReadInsuredKey reads them; empty when something is wrong, which `errors` then says. A branch
// number is dropped where the coverage has none (late-elderly, self-defence): one that was typed
// all the same must not hide the person (domain.md 3).
std::optional<InsuredKey> ReadInsuredKey(FieldErrors& errors, const InsuredFields& fields,
                                         absl::CivilDay today);

// PatientField is whom a PatientKey names: a sealed handle, or the keyed hash of a number, whose
// clear values stay at the border.
struct PatientField {
  std::variant<std::string, KeyHash> patient;
  bool without_branch = false;  // a number that has branches, sent without one
};

// ReadPatient reads the patient of a call under the path `prefix`; empty when something is wrong.
// Home visits and online care need the branch number (seed 002).
std::optional<PatientField> ReadPatient(FieldErrors& errors, const v1::PatientKey& patient,
                                        std::optional<FormOfCare> form, absl::CivilDay today,
                                        const auth::HmacKey& look_up,
                                        const std::string& prefix = "");

// RequireBranchAtHome finds it a fault when a branch number is missing with home visits or online
// care (domain.md 1.5 and 4): there is nobody at a desk to tell twins apart.
void RequireBranchAtHome(FieldErrors& errors, const std::string& path, const InsuredKey& key,
                         std::optional<FormOfCare> form);

// HasBranchNumbers tells whether coverages of this insurer carry branch numbers.
bool HasBranchNumbers(const InsurerNumber& insurer);

// AppendMessage appends a field that holds a serialised message, given in two parts that make one.
void AppendMessage(int field_number, std::string_view body, std::string_view rest,
                   std::string& out);

}  // namespace kakunin
