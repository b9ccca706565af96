#pragma once

#include <string_view>

namespace kakunin {

// IdentityCaseKind is what may be mistaken. Numbers of operations_service.proto.
enum class IdentityCaseKind {
  // A row and the register of residents, or, of the reason kReasonOfConflict, a row and whom its
  // reference is of by what is known.
  kRowDisagrees = 1,
  kTwoAreOne,  // two persons who may be one
  kOneIsTwo,   // one person who may be two
  kCardMoves,  // whose a linked card is, and whose a card link says it is
};

// kReasonOfConflict is the reason of a case that a refused row has opened.
inline constexpr std::string_view kReasonOfConflict = "PERSON_CONFLICT";

// IdentityCaseState is where a case stands. An ended one is never opened again.
enum class IdentityCaseState {
  kOpen = 1,
  kReleased,  // the insurer confirmed the row as it is
  kClosed,    // repaired, or nothing of it is left
};

}  // namespace kakunin
