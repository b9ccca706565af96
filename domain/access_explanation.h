#pragma once

#include <string>
#include <string_view>

#include "domain/record_access.h"

namespace kakunin {

// Explanation is a decision in words (ja-JP) for the clerk who asks why. It says nothing of a
// person that the decision did not: a person who is not there reads like one without consent.
struct Explanation {
  bool allowed = false;
  std::string_view reason;  // name of the Reason; empty: allowed
  std::string rule;         // the rule that decided
  std::string_view source;  // where the policy's row comes from; empty: not the policy's
  std::string consent;      // the consent used, or that came nearest; empty: none
  std::string time_left;    // how long it still lasts; empty: refused
  std::string remedy;       // what would make it allowed; empty: it is
};

// ExplainRecordAccess puts `decision`, made from `call`, into words. Instants are told in JST. An
// allowed decision whose consent is not at hand is explained without it.
Explanation ExplainRecordAccess(const RecordCall& call, const RecordDecision& decision);

}  // namespace kakunin
