#include "storage/store_error.h"

#include <fmt/format.h>

#include "absl/strings/cord.h"

namespace kakunin {
namespace {

constexpr char kFailureUrl[] = "kakunin/store_failure";
constexpr char kSqlStateUrl[] = "kakunin/sqlstate";

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

}  // namespace

absl::Status StoreError(StoreFailure failure, std::string_view sqlstate,
                        std::string_view constraint) {
  absl::Status status(CodeOf(failure),
                      fmt::format("store failure {} sqlstate={} constraint={}",
                                  static_cast<int>(failure), sqlstate, constraint));
  status.SetPayload(kFailureUrl, absl::Cord(std::to_string(static_cast<int>(failure))));
  status.SetPayload(kSqlStateUrl, absl::Cord(std::string(sqlstate)));
  return status;
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

}  // namespace kakunin
