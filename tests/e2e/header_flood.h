#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace kakunin::e2e {

// HeaderFlood is what a flood came to.
struct HeaderFlood {
  int64_t octets = 0;   // that were taken
  int connections = 0;  // until each was closed by the other side
};

// FloodHeaders sends HTTP/2 headers that never end (HEADERS without END_HEADERS, then CONTINUATION
// after CONTINUATION) to a port of this machine with a client certificate, anew whenever the
// connection is closed, for `span` and over at most 500 connections. Throws when it cannot connect
// at all.
HeaderFlood FloodHeaders(int port, const std::filesystem::path& certificate,
                         const std::filesystem::path& key, std::chrono::milliseconds span);

}  // namespace kakunin::e2e
