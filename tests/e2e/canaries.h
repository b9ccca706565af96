#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "absl/time/civil_time.h"

namespace kakunin::e2e {

// Canaries are what may stand nowhere but in answers: names, kana, addresses, long numbers, birth
// dates and individual numbers of a nation.
class Canaries {
 public:
  // AddText looks for `text` anywhere; AddNumber for a run of letters and digits that is exactly
  // it, so that a longer number, such as an instant in microseconds or a hash, is no find.
  void AddText(std::string text);
  void AddNumber(std::string digits);

  // FoundIn counts the finds in `text`, and prints what kind and how long each is: not the canary.
  // Numbers of fewer than `least_digits` are let pass, for PostgreSQL's log: it counts its octets
  // and transactions in numbers as long as an insured number.
  static constexpr size_t kEveryNumber = 7;
  static constexpr size_t kLongNumbers = 10;
  int FoundIn(std::string_view text, size_t least_digits = kEveryNumber) const;

  size_t size() const { return texts_.size() + numbers_.size(); }

 private:
  std::vector<std::string> texts_;
  std::bitset<0x10000> begins_;  // the first two octets of any of them
  std::multimap<std::string, size_t, std::less<>> by_prefix_;  // of their first octets, to texts_
  std::unordered_set<std::string> numbers_;
};

// CanariesOf are those of the test persons and of a nation with seed 1.
Canaries CanariesOf(absl::CivilDay today, int64_t persons);

// AuditText is every row of every audit table, of alarms and of request outcomes as text. Throws
// when the database does not answer.
std::string AuditText(const std::string& socket_folder);

}  // namespace kakunin::e2e
