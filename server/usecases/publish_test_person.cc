#include "server/usecases/publish_test_person.h"

#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {

absl::StatusOr<TestPersonRow> PublishTestPerson(Transaction& tx, AuditRecord& record,
                                                ProtectionStore& persons, RegistryStore& registry,
                                                const auth::HmacKey& audit_key,
                                                const IndividualNumberHash& number, bool published,
                                                bool validate_only) {
  ASSIGN_OR_RETURN(const auto found, persons.Find(tx, number));
  if (!found) return MakeError(Reason::kPersonNotFound);
  record.person = PseudonymOf(audit_key, found->person);
  AddDetail(record, "published", static_cast<int64_t>(published));
  const TestPersonRow row{.person = found->person, .published = published};
  if (!validate_only) RETURN_IF_ERROR(registry.PutTestPerson(tx, row));
  return row;
}

}  // namespace kakunin
