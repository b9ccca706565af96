#pragma once

#include <optional>
#include <span>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/coverage_history.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/rpc/fields.h"
#include "server/usecases/explain_coverage.h"

namespace kakunin {

// Explained is what ExplainCoverage asks about, on either port.
struct Explained {
  CoverageSubject subject;
  absl::CivilDay day;  // JST
  absl::Time known_at;
};

// ReadExplained reads it; `now` stands in for what is absent. Empty when something is wrong, which
// `errors` then says.
std::optional<Explained> ReadExplained(FieldErrors& errors, const std::string& insurer_number,
                                       const v1::CoverageSubject& subject,
                                       const google::type::Date* day,
                                       const google::protobuf::Timestamp* known_time,
                                       absl::Time now);

void SetVersions(std::span<const CoverageVersion> versions, const Explained& asked,
                 google::protobuf::RepeatedPtrField<v1::CoverageVersion>& out);

}  // namespace kakunin
