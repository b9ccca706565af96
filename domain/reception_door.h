#pragma once

#include <string_view>

#include "domain/actor.h"

namespace kakunin {

// A patient at home stands before no terminal. The door makes one of its own for every session, so
// that what was built for terminals (challenges that no other terminal can use, the policy, the
// writes) serves at home, too, and no second way through it exists.

// kReceptionTerminal begins the name of every such terminal: no certificate can name one (a
// terminal's id holds no "@", auth/peer_certificate.h).
inline constexpr std::string_view kReceptionTerminal = "@web";

// ReceptionDoor is the terminal of one session of the reception at home. `session` tells sessions
// apart; a challenge of one is no other's.
Terminal ReceptionDoor(std::string_view facility_code, FacilityType type, std::string_view session);

// IsReceptionDoor tells whether a call came from a patient at home: its audit says so.
bool IsReceptionDoor(const Terminal& terminal);

}  // namespace kakunin
