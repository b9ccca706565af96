#pragma once

#include <map>
#include <pqxx/transaction_base>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "domain/retroactive_notice.h"
#include "storage/postgres/array_parameters.h"

namespace kakunin {

// What facilities asked by number when there was no such coverage (no_match_inquiry, 0042). A row
// names nobody; it becomes a question about a person when a delivery gives the person a coverage
// under that very number and birth date.

// kAskedInVain is a pair of common table expressions of a statement in which $5 is the insurer and
// `c.person_id` a person; kWasAskedInVain is a condition after them: whether one of the person's
// visible coverages, as the instant $1 left them, is what somebody asked for in vain.
extern const char kAskedInVain[];
extern const char kWasAskedInVain[];

// ChangeOfCoverages is one delivery's: whose rows changed, when, and until when somebody may have
// been told the old answer.
struct ChangeOfCoverages {
  std::string insurer;
  absl::Time at;
  absl::Time last_asked;
};

// AddNoMatches adds to `asked` who asked by a number that one of `persons` has, or had until the
// change, and was told that there is no such coverage. A number by which several persons are found
// today leads to none of them: whoever asks again is told so. Throws what libpqxx throws.
void AddNoMatches(pqxx::transaction_base& work, const BinaryArray& persons,
                  const ChangeOfCoverages& change,
                  std::map<PersonId, std::vector<AskedAnswer>>& asked);

}  // namespace kakunin
