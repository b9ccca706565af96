#pragma once

#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/synth/card_record.h"
#include "server/synth/nation.h"

namespace kakunin::synth {

// ResidentIdentityWriter writes the register of the nation's residents, as
// server/resident_identity_file.h reads it (mode 0600): whoever any row is about, with that row's
// facts, since a nation's insurers are never wrong about them. Take gets every row, those of one
// person behind each other.
class ResidentIdentityWriter {
 public:
  explicit ResidentIdentityWriter(const std::filesystem::path& path);

  void Take(const v1::CoverageRow& row);
  // Finish returns INTERNAL when the file could not be written.
  absl::Status Finish();

 private:
  const std::filesystem::path path_;
  std::ofstream file_;
  std::string last_number_;
};

// WriteResidentIdentities writes the same register of a nation that is there.
absl::Status WriteResidentIdentities(const std::filesystem::path& path, const Nation& nation);

// WriteResidentCards writes whose every card of the nation's random persons is, linked or not, as
// server/resident_file.h reads it (mode 0600); `issuer_key_ids` are those of generations 1 to 3.
// Test persons stay out: their one unlinked card is to stay of nobody (docs/test_persons.md).
absl::Status WriteResidentCards(const std::filesystem::path& path, const Nation& nation,
                                std::span<const std::string, kCardGenerations> issuer_key_ids);

}  // namespace kakunin::synth
