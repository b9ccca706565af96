#include "storage/store_error.h"

#include <fmt/format.h>

#include "absl/strings/cord.h"
#include "storage/told_failure.h"

namespace kakunin {
namespace {

constexpr char kFailureUrl[] = "kakunin/store_failure";
constexpr char kSqlStateUrl[] = "kakunin/sqlstate";
constexpr char kDiskFull[] = "53100";

absl::StatusCode CodeOf(StoreFailure failure) {
  switch (failure) {
    case StoreFailure::kUnavailable:
    case StoreFailure::kTimedOut:
    case StoreFailure::kUnknownOutcome:
      return absl::StatusCode::kUnavailable;
    case StoreFailure::kSerialisation:
      return absl::StatusCode::kAborted;
    case StoreFailure::kBadData:
    case StoreFailure::kDenied:
    case StoreFailure::kBroken:
      return absl::StatusCode::kInternal;
  }
  return absl::StatusCode::kInternal;
}

struct Words {
  std::string_view what;
  std::string_view next;
};

Words WordsFor(StoreFailure failure, std::string_view sqlstate) {
  switch (failure) {
    case StoreFailure::kUnavailable:
      if (sqlstate == kDiskFull) {
        return {"has no room left on its disk",
                "make room there, and nothing else: nothing was written by halves, and servers go"
                " on by themselves"};
      }
      return {"cannot be reached, refuses the log-in or is going away",
              "see that PostgreSQL runs there, has room on its disks and admits this role, then try"
              " again"};
    case StoreFailure::kTimedOut:
      return {"did not answer in time",
              "look at its load and at locks that are held, then try again"};
    case StoreFailure::kUnknownOutcome:
      return {"was lost during a commit", "see whether it was done before trying again"};
    case StoreFailure::kBadData:
      return {"refused a row", "run kakunin migrate verify, and report this"};
    case StoreFailure::kSerialisation:
      return {"did another transaction first", "try again"};
    case StoreFailure::kDenied:
      return {"does not let this role do that",
              "log in as the role that the command's help names, and run kakunin migrate up"};
    case StoreFailure::kBroken:
      break;
  }
  return {"does not fit this program", "run kakunin migrate status, then kakunin migrate up"};
}

}  // namespace

absl::Status StoreError(StoreFailure failure, std::string_view sqlstate,
                        std::string_view constraint) {
  const Words words = WordsFor(failure, sqlstate);
  std::string facts;
  if (!sqlstate.empty()) facts = fmt::format("SQLSTATE {}", sqlstate);
  if (!constraint.empty()) {
    facts += fmt::format("{}constraint {}", facts.empty() ? "" : ", ", constraint);
  }
  if (!facts.empty()) facts = fmt::format(" ({})", facts);
  absl::Status status(CodeOf(failure),
                      fmt::format("the database {}{}: {}", words.what, facts, words.next));
  status.SetPayload(kFailureUrl, absl::Cord(std::to_string(static_cast<int>(failure))));
  status.SetPayload(kSqlStateUrl, absl::Cord(std::string(sqlstate)));
  return status;
}

absl::Status AtDatabase(const absl::Status& status, std::string_view database) {
  absl::Status placed(status.code(),
                      fmt::format("{}: {}", database, std::string(status.message())));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { placed.SetPayload(url, payload); });
  return placed;
}

std::optional<StoreFailure> StoreFailureOf(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  const auto payload = status.GetPayload(kFailureUrl);
  if (!payload.has_value()) return StoreFailure::kBroken;
  return static_cast<StoreFailure>(std::stoi(std::string(*payload)));
}

std::string SqlStateOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kSqlStateUrl);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Status WithFailureOf(const absl::Status& store_status, absl::Status status) {
  for (const char* url : {kFailureUrl, kSqlStateUrl}) {
    if (const auto payload = store_status.GetPayload(url)) status.SetPayload(url, *payload);
  }
  return status;
}

std::string WhatToDoAbout(const absl::Status& status) {
  // Of a commit that was lost the store has looked what became of it; the connection is the matter.
  const bool slow = StoreFailureOf(status) == StoreFailure::kTimedOut;
  return std::string(
      StoreError(slow ? StoreFailure::kTimedOut : StoreFailure::kUnavailable, SqlStateOf(status))
          .message());
}

Reason ToldReason(const absl::Status& status) {
  // A failure of a store has a payload of its own and no reason; everything else was made by
  // MakeError or must not be told.
  const Reason reason = *ReasonOf(status);
  if (reason != Reason::kInternal) return reason;
  switch (*StoreFailureOf(status)) {
    case StoreFailure::kUnavailable:
    case StoreFailure::kTimedOut:
    case StoreFailure::kUnknownOutcome:
    case StoreFailure::kSerialisation:
      return Reason::kDatabaseUnavailable;
    case StoreFailure::kBadData:
    case StoreFailure::kDenied:
    case StoreFailure::kBroken:
      return Reason::kInternal;
  }
  return Reason::kInternal;
}

}  // namespace kakunin
