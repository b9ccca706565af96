#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/coverage.h"
#include "server/synth/place_table.h"

namespace kakunin::synth {

// NationOptions is everything a synthetic nation depends on.
struct NationOptions {
  uint64_t seed = 1;
  int64_t persons = 10'000;
  // Of them, the first so many have medical records; the test persons have theirs in every nation.
  int64_t records_for = 0;
  // JST day that every date is relative to.
  absl::CivilDay today;
  // Cards share this many keys (auth::OpenKeyPool): making an RSA key a card would take days.
  int key_pool_size = 64;
};

// Identity is who somebody is, as an insurer's row says it.
struct Identity {
  PersonName name;
  PersonName other_name;  // 通称; empty for most
  Sex sex = Sex::kUnspecified;
  absl::CivilDay birth_date;
};

// HouseholdKind is how the household's head is insured.
enum class HouseholdKind {
  kEmployee,
  kNationalHealth,
  kNationalHealthSociety,
  kLateElderly,
  kSelfDefence,
  kDayLabourer,
  kMedicalAidAlone,
  kRetired,
};

// HouseholdHistory is what happened to the household's insurance, and what has been reported of it.
enum class HouseholdHistory {
  kSteady,
  kMoved,             // old coverage lost, the new one begun
  kNewNotReported,    // the loss reported, the new coverage not yet: late registration
  kLossNotReported,   // the new coverage reported, the old one still open
  kLost,              // lost, nothing after
  kPublicAssistance,  // lost because public assistance began
};

// Household is a family at one address: under one symbol and number, unless the kind has neither.
struct Household {
  int64_t id = 0;  // unique in the nation
  HouseholdKind kind = HouseholdKind::kEmployee;
  HouseholdHistory history = HouseholdHistory::kSteady;
  const Municipality* home = nullptr;
  std::string address;
  std::string postal_code;
  int64_t first_person = 0;  // members are consecutive persons
  std::vector<Identity> members;
  size_t insurer = 0;
  size_t previous_insurer = 0;  // meaningful unless kSteady, kLost or kPublicAssistance
  absl::CivilDay begin;         // first day of the present coverage; of the lost one if kLost...
  absl::CivilDay previous_begin;
  // The first day not covered by what was lost, when something was.
  absl::CivilDay end;
};

// BlockOf returns the block of persons a person belongs to: households are cut from blocks of ten
// consecutive persons, so that any of them can be made without the ones before.
inline constexpr int kBlockSize = 10;
inline int64_t BlockOf(int64_t person) { return person / kBlockSize; }

// MakeBlock makes the households of one block. The last block of a nation may end in the middle of
// a family. Depends on its arguments only.
std::vector<Household> MakeBlock(const NationOptions& options, int64_t block);

// AgeOn is the age in whole years; the birthday itself counts (the law's "day before" is left to
// the rules that need it).
int AgeOn(absl::CivilDay birth_date, absl::CivilDay day);

// Birthday is the day somebody turns `age`; 29 February becomes 28 February in a common year.
absl::CivilDay Birthday(absl::CivilDay birth_date, int age);

}  // namespace kakunin::synth
