#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace kakunin {

// What a peer may ask; OUR choices. A path of ours has less than 100 octets.
inline constexpr size_t kMostRequestLine = 1 << 10;
inline constexpr size_t kMostRequestHead = 16 << 10;
inline constexpr size_t kMostRequestBody = 16 << 10;

// WebRequest is one request, whole, as httplib may read it: of its fields only those that the door
// knows. httplib serves thousands of ranges at once, and unpacks compressed bodies without end, for
// whoever asks for it.
struct WebRequest {
  std::string octets;  // empty: it is nothing to answer
  bool last = false;   // nobody can tell where the next one would begin
};

// TakeRequest cuts the first request off what was asked; nothing while it is not whole. `asked`
// need not hold more than a head and a body at their most.
std::optional<WebRequest> TakeRequest(std::string& asked);

}  // namespace kakunin
