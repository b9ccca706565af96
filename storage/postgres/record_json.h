#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/health_check.h"
#include "domain/receipt.h"

namespace kakunin {

// The lines of records are kept as jsonb arrays of flat objects. Each drug names its day, and the
// lines of one day follow each other; a treatment's days are days of the receipt's month.
std::string JsonOf(const std::vector<DrugDay>& days);
std::string JsonOf(const std::vector<Treatment>& treatments);
std::string JsonOf(const std::vector<HealthCheckItem>& items);

// The readers of the same; empty when the text is not what the writers above make.
std::optional<std::vector<DrugDay>> DrugDaysFrom(std::string_view json);
std::optional<std::vector<Treatment>> TreatmentsFrom(std::string_view json, absl::CivilMonth month);
std::optional<std::vector<HealthCheckItem>> HealthCheckItemsFrom(std::string_view json);

}  // namespace kakunin
