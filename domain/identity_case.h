#pragma once

namespace kakunin {

// IdentityCaseKind is what may be mistaken. Numbers of operations_service.proto.
enum class IdentityCaseKind {
  kRowDisagrees = 1,  // an insurer's row and the register of residents
  kTwoAreOne,         // two persons who may be one
  kOneIsTwo,          // one person who may be two
  kCardMoves,         // whose a linked card is, and whose a card link says it is
};

// IdentityCaseState is where a case stands. An ended one is never opened again.
enum class IdentityCaseState {
  kOpen = 1,
  kReleased,  // the insurer confirmed the row as it is
  kClosed,    // repaired, or nothing of it is left
};

}  // namespace kakunin
