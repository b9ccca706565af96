#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "domain/error.h"

namespace kakunin {

// StoreFailure is the closed list of how a store can fail. The status a store returns carries one
// of these, an SQLSTATE and a constraint name, and never PostgreSQL's message: its detail holds key
// values.
enum class StoreFailure {
  kUnavailable = 1,  // no connection, or the server is going away; nothing was written
  kTimedOut,  // our own bound passed and the connection was dropped; nothing is known of a write
  kUnknownOutcome,  // the connection was lost during a commit
  kBadData,         // SQLSTATE class 22 or 23: one row is at fault
  kSerialisation,   // 40001 or 40P01: the same batch may be repeated
  kDenied,          // 42501: the role lacks a grant
  kBroken,          // anything else: schema and binary do not fit
};

// StoreError makes the status: UNAVAILABLE for the first three, ABORTED for kSerialisation,
// INTERNAL else. Its message is for operators: what failed, SQLSTATE and constraint where there
// are, and what to do next.
absl::Status StoreError(StoreFailure failure, std::string_view sqlstate = {},
                        std::string_view constraint = {});

// AtDatabase puts before a StoreError's message which database it is about, such as "database
// kakunin at /run/postgresql, port 5432"; everything else of the status stays.
absl::Status AtDatabase(const absl::Status& status, std::string_view database);

// StoreFailureOf reads the failure back; a non-OK status made elsewhere is kBroken, OK has none.
std::optional<StoreFailure> StoreFailureOf(const absl::Status& status);

// SqlStateOf reads the SQLSTATE back; empty when there is none.
std::string SqlStateOf(const absl::Status& status);

// ToldReason is the reason under which a caller is told an error, which must not be OK:
// DATABASE_UNAVAILABLE for a failure of a store that may pass, what MakeError said, else INTERNAL.
Reason ToldReason(const absl::Status& status);

}  // namespace kakunin
