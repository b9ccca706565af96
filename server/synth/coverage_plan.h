#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "absl/time/civil_time.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/synth/household.h"

namespace kakunin::synth {

// RowSink takes one row of the feed of the insurer at a position in Insurers(). The row is only
// valid during the call.
using RowSink = std::function<void(size_t insurer, const v1::CoverageRow& row)>;

// DeathDay is the day a member died; nullopt for nearly everybody.
std::optional<absl::CivilDay> DeathDay(const NationOptions& options, const Household& household,
                                       size_t member);

// EmitRows passes every coverage of one member to `sink`, the oldest first: what insurers have
// reported by now, each as a NEW row that holds its end as well. `scratch` is any message; it is
// overwritten and saves the allocation of one a row.
void EmitRows(const NationOptions& options, const Household& household, size_t member,
              v1::CoverageRow& scratch, const RowSink& sink);

// SetPerson fills what a row says about the person and the address.
void SetPerson(v1::CoverageRow& row, const Identity& person, const PersonName& insured_name,
               const std::string& address, const std::string& postal_code);

}  // namespace kakunin::synth
