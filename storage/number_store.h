#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "storage/database.h"
#include "storage/feed_store.h"

namespace kakunin {

// NumberChange is a person's individual number replaced by another (番号法 第7条第2項).
struct NumberChange {
  IndividualNumberHash from;
  IndividualNumberHash to;
  absl::CivilDay day;  // JST; first day of the new number
};

// NumberChangeOutcome is what came of one change; from kTwoPersons on it was refused and left
// nothing.
enum class NumberChangeOutcome {
  kChanged = 1,
  kUnchanged,        // told before
  kTwoPersons,       // the two numbers lead to two persons already
  kAlreadyReplaced,  // the old number was replaced by a third one
  kWouldReturn,      // the old number replaced the new one before, itself or through others
};

// NumberStore keeps the individual numbers of persons, with history. Thread-safe.
class NumberStore {
 public:
  virtual ~NumberStore() = default;
  // Change takes the changes one after the other. Afterwards both hashes of each that was not
  // refused lead to one person, whom they make when nobody has either; the old one was known until
  // `at`. Returns one outcome a change, or a StoreError.
  virtual absl::StatusOr<std::vector<NumberChangeOutcome>> Change(
      Transaction& tx, std::span<const NumberChange> changes, absl::Time at) = 0;
};

}  // namespace kakunin
