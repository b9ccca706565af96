#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/application.h"
#include "domain/facility_terms.h"
#include "storage/database.h"

namespace kakunin {

// FacilityOnGround is a facility of the restricted type whose right has an end, or may have one.
struct FacilityOnGround {
  std::string facility_code;
  FacilityTerms terms;
  // The newest day on which it was reminded, and of which last day; empty: never.
  std::optional<absl::CivilDay> reminded;
  std::optional<absl::CivilDay> reminded_of;
};

// NewsReceiver is to whom news about a facility go: the account of its newest application for use.
struct NewsReceiver {
  std::string account;
  ApplicationId application;
};

// WaitingMail is news that are to be mailed.
struct WaitingMail {
  std::string account;
  int64_t number = 0;  // of the news
  absl::Time at;
  std::string to;  // the account's mail address
  std::string facility_name;
  std::string text;
};

// JoiningJobStore is what timed jobs do for facilities that join: reminders of a ground's end,
// mail, and accounts that nobody confirmed. Used by the job role. Thread-safe.
class JoiningJobStore {
 public:
  virtual ~JoiningJobStore() = default;

  // FacilitiesOnGrounds reads those behind `after` in the order of their codes, at most `limit`.
  virtual absl::StatusOr<std::vector<FacilityOnGround>> FacilitiesOnGrounds(
      Transaction& tx, const std::string& after, int limit) = 0;
  // NoteReminder notes that a facility is reminded on `day` of the end of its right; false: it was
  // before.
  virtual absl::StatusOr<bool> NoteReminder(Transaction& tx, const std::string& facility_code,
                                            absl::CivilDay last_day, absl::CivilDay day) = 0;
  // HoldReceiver finds and locks who is told about a facility; empty: nobody applied for it.
  virtual absl::StatusOr<std::optional<NewsReceiver>> HoldReceiver(
      Transaction& tx, const std::string& facility_code) = 0;

  // HoldMail locks the oldest mail that waits and that no other server is at, but for the first
  // `skipped` of them; empty: there is none.
  virtual absl::StatusOr<std::optional<WaitingMail>> HoldMail(Transaction& tx, int skipped) = 0;
  // DropMail takes a mail that was sent off the list, DropMailBefore at most `limit` that nobody
  // could send and that are older than `before`; the news stay.
  virtual absl::Status DropMail(Transaction& tx, const WaitingMail& mail) = 0;
  virtual absl::StatusOr<int64_t> DropMailBefore(Transaction& tx, absl::Time before, int limit) = 0;

  // DeleteUnconfirmed deletes at most `limit` accounts that were registered before `before` and
  // that nobody confirmed.
  virtual absl::StatusOr<int64_t> DeleteUnconfirmed(Transaction& tx, absl::Time before,
                                                    int limit) = 0;
};

}  // namespace kakunin
