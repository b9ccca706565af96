#pragma once

#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store_error.h"

namespace kakunin {

// FailureForSqlState classifies what PostgreSQL refused.
StoreFailure FailureForSqlState(std::string_view sqlstate);

// StatusOfCurrentException turns the libpqxx exception being handled into a StoreError. Nothing of
// its text is kept: it holds key values. Call it from a catch block only.
absl::Status StatusOfCurrentException();

// RunStatements runs `act`, which returns a status or a StatusOr, and turns what libpqxx throws
// into the status: every store's method is wrapped in it, so that no exception leaves this folder.
template <class Act>
auto RunStatements(Act&& act) -> std::invoke_result_t<Act> {
  try {
    return std::forward<Act>(act)();
  } catch (const std::exception&) {
    return StatusOfCurrentException();
  }
}

}  // namespace kakunin
