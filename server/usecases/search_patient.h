#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "domain/abnormal_times.h"
#include "domain/four_items.h"
#include "server/usecases/confirm_eligibility.h"
#include "server/usecases/inquiry_guard.h"
#include "server/usecases/terminal_call.h"
#include "storage/abnormal_times_store.h"
#include "storage/database.h"

namespace kakunin {

// StatedConsent is what the user stated of one view.
struct StatedConsent {
  std::optional<OralConsent> oral;
  std::optional<NoConsentReason> not_obtained;  // exactly with kNotObtained
};

// PatientSearch is one search of a terminal in abnormal times.
struct PatientSearch {
  const Terminal* terminal = nullptr;
  std::string_view actor_name;
  Situation situation = Situation::kDisaster;
  std::variant<KeyHash, FourItems> patient;
  StatedConsent consent;
  std::optional<PolicyId> policy;  // empty: any that is in force
};

// FoundPatient is what a search came to.
struct FoundPatient {
  AbnormalTimesPolicy policy;
  int persons_found = 0;    // 2: several, of whom none is shown
  Confirmed confirmed;      // counts when one was found
  std::string view_handle;  // empty: nothing was opened
  absl::Time view_end;
  AuditId audit_id;
};

// EmergencyOpening is one opening of a terminal in an emergency.
struct EmergencyOpening {
  std::string_view handle;  // of the card act
  NoConsentReason reason = NoConsentReason::kUnconscious;
  std::optional<PolicyId> policy;  // empty: any that is in force
};

// OpenedView is what an emergency's card act has opened.
struct OpenedView {
  AbnormalTimesPolicy policy;
  std::string handle;
  absl::Time end;
  AuditId audit_id;
};

// PatientSearchParts is what searches and views stand on; the references outlive the object.
struct PatientSearchParts {
  Database& database;  // of the terminals' role
  AbnormalTimesStore& store;
  InquiryGuard& guard;          // counts them as it does questions by number
  ConfirmEligibility& confirm;  // used by this call alone while it runs
  const auth::HmacKey& audit_key;
  const auth::PatientHandleKey& handles;
};

// SearchPatient finds a patient and answers eligibility for today; in a disaster it opens a view of
// the patient's records. Its use, and what the patient is shown of it, is committed with its audit
// row before anything is answered. Returns the reason of a refusal: call.refused, kInquiryLimit,
// kAbnormalTimesNotInForce, or that of the confirmation; or a StoreError.
absl::StatusOr<FoundPatient> SearchPatient(const PatientSearchParts& parts,
                                           const TerminalCall& call, const PatientSearch& search,
                                           MonotonicTime deadline);

// OpenEmergencyView opens the records of a patient by the handle of a card act in an emergency.
// Returns the reason of a refusal: call.refused, kPatientHandleRefused, kEmergencyRightMissing,
// kIdentityInQuestion while an open case concerns the patient; or a StoreError.
absl::StatusOr<OpenedView> OpenEmergencyView(const PatientSearchParts& parts,
                                             const TerminalCall& call, const Terminal& terminal,
                                             const EmergencyOpening& opening,
                                             MonotonicTime deadline);

}  // namespace kakunin
