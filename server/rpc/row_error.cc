#include "server/rpc/row_error.h"

#include "domain/error.h"

namespace kakunin {

v1::BulkRowError RowErrorOf(const absl::Status& status) {
  v1::BulkRowError error;
  const ReasonFacts& facts = FactsOf(*ReasonOf(status));
  error.set_reason(facts.name.data(), facts.name.size());
  error.set_message(facts.sentence.data(), facts.sentence.size());
  for (const FieldViolation& violation : ViolationsOf(status)) {
    v1::BulkFieldViolation& out = *error.add_violations();
    out.set_field(violation.field);
    out.set_description(violation.description);
  }
  return error;
}

}  // namespace kakunin
