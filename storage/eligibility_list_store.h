#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/access_policy.h"
#include "domain/audit_record.h"
#include "domain/consent.h"
#include "domain/coverage.h"
#include "storage/database.h"

namespace kakunin {

// ConsentedPlace is a place in a list of those who consented.
struct ConsentedPlace {
  std::optional<absl::CivilDay> booking;  // of a list by bookings
  absl::Time given;
  AuditId act;
};

// BookingDays are days of bookings, JST; both are meant.
struct BookingDays {
  absl::CivilDay first;
  absl::CivilDay last;
};

// ConsentedRange is what of that list is read: acts given in [from, to), or, online care only, of
// the bookings of some days; behind `after` when there is one, `limit` of them.
struct ConsentedRange {
  FormOfCare form_of_care = FormOfCare::kHomeVisit;
  absl::Time from;
  absl::Time to;
  std::optional<BookingDays> bookings;
  std::string booking_name;  // of the link by which they came; empty: every one
  std::optional<ConsentedPlace> after;
  int limit = 0;
};

// ConsentedRow is the latest act by card of one person, in online care about one booking.
struct ConsentedRow {
  PersonId person;
  ConsentedPlace place;
  std::optional<absl::CivilDay> booking;
  LinkId link;               // all zero: by none, or it is not known
  std::string booking_name;  // the facility's own; empty: none, or it is not known
};

// PastPlace is a place in a list of what a facility was told.
struct PastPlace {
  absl::Time at;
  AuditId audit_id;
};

// PastRange is what of that list is read: answers in [from, to), behind `after`, `limit` of them.
struct PastRange {
  absl::Time from;
  absl::Time to;
  std::optional<PastPlace> after;
  int limit = 0;
};

// PastAnswer is one answer about eligibility to a terminal of the facility.
struct PastAnswer {
  PastPlace place;
  Operation operation = Operation::kConfirmByCard;
  std::string terminal_id;
  Validity validity = Validity::kNotFound;
  std::optional<PersonId> person;     // empty: nobody, or nobody alone, was found
  std::optional<absl::CivilDay> day;  // asked about; with a person
};

struct PastAnswers {
  std::vector<PastAnswer> rows;
  // How far the calls are copied; empty: none was copied yet.
  std::optional<absl::Time> copied_through;
};

// EligibilityListStore reads a facility's lists, as the terminals' role. Results are a StoreError
// when they fail. Thread-safe.
class EligibilityListStore {
 public:
  virtual ~EligibilityListStore() = default;
  // ListConsented reads by the time of the acts, or by bookings and then by time.
  virtual absl::StatusOr<std::vector<ConsentedRow>> ListConsented(Transaction& tx,
                                                                  std::string_view facility_code,
                                                                  const ConsentedRange& range) = 0;
  virtual absl::StatusOr<PastAnswers> ListPast(Transaction& tx, std::string_view facility_code,
                                               const PastRange& range) = 0;
};

}  // namespace kakunin
