#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/dev/card_authorities.h"
#include "server/dev/sandbox_config.h"
#include "server/dev/sandbox_paths.h"
#include "server/synth/nation_files.h"

namespace kakunin::dev {

// PushCounts says what was delivered.
struct PushCounts {
  int feeds = 0;       // published by this call
  int feeds_kept = 0;  // published before
  int64_t rows = 0;
  int64_t refused_rows = 0;
  int64_t card_links = 0;
};

// InsurersWithRows are the insurers that have anything to say in this nation.
absl::StatusOr<std::vector<const synth::Insurer*>> InsurersWithRows(
    const synth::NationFiles& nation);

// PushNation delivers the nation as the real parties would: each insurer its coverages and
// check-ups, each claims reviewer its receipts, over their own certificates and port, the operator
// the card links for J-LIS. What was delivered before is left. `progress` receives the feeds done
// and the feeds in all; an error of it ends the delivery.
absl::StatusOr<PushCounts> PushNation(
    const SandboxPaths& paths, const SandboxPorts& ports, const synth::NationFiles& nation,
    const CardAuthorities& cards, const std::function<absl::Status(int64_t, int64_t)>& progress);

}  // namespace kakunin::dev
