#pragma once

#include <span>
#include <string_view>

#include "absl/time/civil_time.h"
#include "server/synth/nation.h"

namespace kakunin::synth {

// TestRecords says which test person has medical records, and what they show.
struct TestRecords {
  std::string_view person;       // "TP01"
  bool source_drugs = false;     // the four drugs of the source documents, every month
  bool surgery = false;          // an operation a year ago
  std::string_view description;  // ja-JP, for docs/test_persons.md
};

// AllTestRecords is the table; every test person who is not in it has no records at all.
std::span<const TestRecords> AllTestRecords();

// EmitTestRecords passes the records of the test persons as of `today`; they depend on nothing
// else.
void EmitTestRecords(absl::CivilDay today, const RecordSinks& sinks);

}  // namespace kakunin::synth
