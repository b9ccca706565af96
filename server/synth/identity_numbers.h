#pragma once

#include <cstdint>
#include <string>

namespace kakunin::synth {

// IndividualNumberOf is person `person`'s 12-digit individual number: valid check digit, different
// for every person of a nation. It belongs to nobody: the generator does not know the real ones.
std::string IndividualNumberOf(uint64_t seed, int64_t person);

// TestIndividualNumber is the individual number of test person `n` (0 and up); no other person of
// any nation has it.
std::string TestIndividualNumber(int n);

// HouseholdNumber is the 番号 that a household has with any insurer, below 10^8, different for
// every household of a nation.
int64_t HouseholdNumber(uint64_t seed, int64_t household);

// LateElderlyNumber is a person's own number of eight digits, RecipientNumber the recipient's
// number of medical aid with seven; different for every person.
std::string LateElderlyNumber(uint64_t seed, int64_t person);
std::string RecipientNumber(uint64_t seed, int64_t person);

}  // namespace kakunin::synth
