#pragma once

#include <span>
#include <string>

#include "absl/time/civil_time.h"
#include "server/synth/nation_files.h"

namespace kakunin::synth {

// The JSON files of a nation's directory, as text. Keys are in a fixed order: the same nation gives
// the same octets. `rows` are the rows of each insurer's feed, by position.
std::string NationJson(const NationSummary& summary);
std::string InsurersJson(std::span<const int64_t> rows);
std::string FacilitiesJson();
std::string PersonsJson(absl::CivilDay today);
std::string CardsJson(absl::CivilDay today);

// ParseNationJson reads nation.json. DATA_LOSS when a value is missing or of another kind.
absl::StatusOr<NationSummary> ParseNationJson(const std::string& text);

}  // namespace kakunin::synth
