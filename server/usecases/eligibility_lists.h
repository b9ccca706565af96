#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/usecases/confirm_eligibility.h"
#include "server/usecases/terminal_call.h"
#include "storage/eligibility_list_store.h"

namespace kakunin {

// ConsentedQuestion is what a terminal asks of those who consented.
struct ConsentedQuestion {
  const Terminal* terminal = nullptr;
  std::string_view actor_name;
  ConsentedRange range;
  // Asked about; empty: with online care the day of each booking, else today.
  std::optional<absl::CivilDay> day;
};

// ConsentedPatient is one patient of that list and what was answered about them.
struct ConsentedPatient {
  ConsentedRow row;
  absl::CivilDay day;  // asked about
  Confirmed confirmed;
};

// ConsentedPage is one page of that list.
struct ConsentedPage {
  std::vector<ConsentedPatient> patients;
  std::optional<ConsentedPlace> next;  // others follow
  AuditId audit_id;
};

// ListConsentedPatients reads a page, its audit row in the same commit, and then asks about each
// patient by `confirm`: with an audit row and a confirmation of their own before anything leaves.
// By `cards` it is looked up what has become of the cards by which they consented.
// Returns the reason of a refusal, or DATABASE_UNAVAILABLE when somebody could not be asked about.
absl::StatusOr<ConsentedPage> ListConsentedPatients(Database& database, EligibilityListStore& store,
                                                    ConfirmEligibility& confirm,
                                                    const CardTrust& cards,
                                                    const TerminalCall& call,
                                                    const ConsentedQuestion& question,
                                                    MonotonicTime deadline);

// PastPage is one page of what a facility was told on a day.
struct PastPage {
  std::vector<PastAnswer> told;
  std::optional<PastPlace> next;             // others follow
  std::optional<absl::Time> complete_until;  // nothing before it is missing; empty: all may be
  AuditId audit_id;
};

// ListConfirmations reads a page, the audit row in the same commit. Returns the reason of a
// refusal, or a StoreError.
absl::StatusOr<PastPage> ListConfirmations(Database& database, EligibilityListStore& store,
                                           const auth::HmacKey& audit_key, const TerminalCall& call,
                                           const PastRange& range, MonotonicTime deadline);

}  // namespace kakunin
