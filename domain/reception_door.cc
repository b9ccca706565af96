#include "domain/reception_door.h"

namespace kakunin {

Terminal ReceptionDoor(std::string_view facility_code, FacilityType type,
                       std::string_view session) {
  Terminal terminal;
  terminal.facility_code = facility_code;
  terminal.terminal_id = std::string(kReceptionTerminal) + ":" + std::string(session);
  terminal.facility_type = type;
  terminal.kind = TerminalKind::kMobile;
  terminal.role = Role::kGeneral;
  terminal.role_evidence = RoleEvidence::kProven;
  return terminal;
}

bool IsReceptionDoor(const Terminal& terminal) {
  return std::string_view(terminal.terminal_id).starts_with(kReceptionTerminal);
}

}  // namespace kakunin
