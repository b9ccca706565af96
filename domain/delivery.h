#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace kakunin {

// CoverageEvent is what happened to somebody that a feed told of.
enum class CoverageEvent { kBegun = 1, kEnded };

// kLagBounds are the lower bounds, in days, of the classes in which lags are counted: known by the
// day itself, within the five days that an insurer has after it was told (ordinance of 2023-06-01,
// domain.md 4), within the five that an employer has besides, a month, three months, later.
inline constexpr std::array<int, 6> kLagBounds = {0, 1, 6, 11, 31, 91};

// LagCounts are rows by class of kLagBounds.
using LagCounts = std::array<int64_t, kLagBounds.size()>;

// DeliveryDelay is how long an insurer has delivered nothing.
struct DeliveryDelay {
  std::optional<absl::CivilDay> last_delivery;  // JST; empty: nothing that is not undone
  int64_t days = 0;                             // since then
};

// DelayOf tells whether an insurer whose last delivery began at `through` (empty: none is that is
// not undone) is more than `tolerated_days` civil days behind (JST); empty: it is not.
std::optional<DeliveryDelay> DelayOf(std::optional<absl::Time> through, absl::Time now,
                                     int tolerated_days);

// DelaySentence tells a clerk who found nobody, ja-JP.
std::string DelaySentence(const DeliveryDelay& delay);

}  // namespace kakunin
