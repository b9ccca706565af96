#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "server/dev/feed_client.h"
#include "server/synth/insurer_table.h"

namespace kakunin::bench {

// FeedInsurers are `count` insurers whom only the bench delivers for. The table lives for ever.
std::vector<const synth::Insurer*> FeedInsurers(int count);

// FirstFeed is the first delivery of FeedInsurers()[insurer]: a coverage each of `rows` persons
// whom nobody knows.
dev::FeedToPush FirstFeed(int insurer, int64_t rows, absl::CivilDay today);

// FeedAgain is delivery `number` (from 2) of the same persons: two in a hundred have moved since
// the one before, others each time.
dev::FeedToPush FeedAgain(int insurer, int64_t number, int64_t rows, absl::CivilDay today);

// WriteResidents writes the register that agrees with all of them.
absl::Status WriteResidents(const std::filesystem::path& file, int insurers, int64_t rows);

// FeedStepSeconds reads from the admin port how long the steps of feeds have taken so far.
absl::StatusOr<std::map<std::string, double>> FeedStepSeconds(int admin_port);

// StepShares tells each step's share of what passed between two readings: "read 12 %, ...".
std::string StepShares(const std::map<std::string, double>& before,
                       const std::map<std::string, double>& after);

}  // namespace kakunin::bench
