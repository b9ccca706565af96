#include "server/usecases/explain_coverage.h"

#include "domain/error.h"
#include "server/usecases/feed_keys.h"

namespace kakunin {

absl::StatusOr<std::vector<CoverageVersion>> ExplainCoverage(
    Transaction& tx, AuditRecord& record, CoverageHistoryStore& histories,
    const auth::HmacKey& look_up, const CoverageSubject& subject,
    const std::optional<std::string>& only_of) {
  std::vector<PersonId> persons;
  if (const auto* reference = std::get_if<std::string>(&subject.by)) {
    ASSIGN_OR_RETURN(persons, histories.PersonsByReference(tx, subject.insurer_number, *reference));
  } else {
    const auto& key = std::get<InsuredKey>(subject.by);
    ASSIGN_OR_RETURN(persons,
                     histories.PersonsByKey(tx, LookUpHash(look_up, key, key.branch.has_value())));
  }
  ASSIGN_OR_RETURN(auto versions, histories.History(tx, persons, only_of));
  AddDetail(record, "persons", static_cast<int64_t>(persons.size()));
  AddDetail(record, "versions", static_cast<int64_t>(versions.size()));
  return versions;
}

}  // namespace kakunin
