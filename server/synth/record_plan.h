#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/synth/nation.h"

namespace kakunin::synth {

// Reviewer is one claims reviewer (審査支払機関). The real ones are one a prefecture; here one of
// each body carries everything, so that a sandbox needs two certificates.
struct Reviewer {
  std::string_view number;  // three digits
  std::string_view name;
};

// Reviewers are 支払基金 (claims of employees' insurance) and 国保連 (国保 and the late-elderly).
std::span<const Reviewer> Reviewers();

// RecordSubject is whose records are made.
struct RecordSubject {
  std::string individual_number;
  std::span<const InsurerRow> rows;  // the coverages reported, the oldest first; not empty
  uint64_t number = 0;               // unique in the nation; references and draws hang on it
  bool source_drugs = false;         // takes the four drugs of the source documents, every month
  bool surgery = false;              // had an operation a year ago
  bool at_test_facilities = false;   // goes to those of test_facility alone
};

// EmitRecords passes three to five years of somebody's records as of `today`: receipts of the
// months that have arrived by then (domain.md 3: about the 11th of the next month), the twins of
// the e-prescription service of the last 100 days, and one check-up a year: 特定健診 by the insurer
// from 40 to 74, 後期高齢者健診 by the late-elderly association from 75. Nothing is claimed for
// days without coverage, nor for a self-defence card, a day labourer or medical aid. Depends on its
// arguments only.
void EmitRecords(uint64_t seed, absl::CivilDay today, const RecordSubject& subject,
                 const RecordSinks& sinks);

}  // namespace kakunin::synth
