#include "server/usecases/terminal_audit.h"

#include <algorithm>

#include "domain/reception_door.h"

namespace kakunin {

AuditRecord AuditRecordFor(const Terminal& terminal, std::string_view actor_name,
                           Operation operation, FormOfCare form, absl::Time now,
                           const auth::HmacKey& key) {
  AuditRecord record;
  record.at = now;
  record.operation = static_cast<int>(operation);
  record.actor_kind = ActorKind::kTerminal;
  record.actor = actor_name;
  record.user = terminal.user;
  record.role = static_cast<int>(terminal.role);
  record.role_evidence = static_cast<int>(terminal.role_evidence);
  if (IsReceptionDoor(terminal)) {
    record.actor_kind = ActorKind::kPatient;
    record.role = 0;
    record.role_evidence = 0;
  }
  record.form_of_care = static_cast<int>(form);
  if (terminal.sees_only != nullptr) record.situation = kOperationTestSituation;
  record.key_id = key.key_id();
  return record;
}

void SetSituation(Situation situation, bool rehearsal, AuditRecord& record) {
  if (situation == Situation::kNormal || record.situation == kOperationTestSituation) return;
  record.situation = static_cast<int>(situation) + (rehearsal ? kRehearsalSituation : 0);
}

PersonPseudonym KeyedDigest(const auth::HmacKey& key, std::string_view octets) {
  const auto mac = key.Mac(octets);
  PersonPseudonym keyed;
  std::copy_n(mac.begin(), keyed.octets.size(), keyed.octets.begin());
  return keyed;
}

PersonPseudonym PseudonymOf(const auth::HmacKey& key, const PersonId& person) {
  return KeyedDigest(key,
                     {reinterpret_cast<const char*>(person.octets.data()), person.octets.size()});
}

}  // namespace kakunin
