#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace kakunin::e2e {

// Hostility is what a peer with a valid client certificate may do to an HTTP/2 server.
enum class Hostility {
  kEndlessHeaders = 1,  // HEADERS without END_HEADERS, then CONTINUATION after CONTINUATION
  kCostlyHeaders,       // one long value in frames of a few octets, decoded anew behind each
  kRapidReset,          // requests, each reset at once
  kDeafToSettings,      // requests without end; never reads, never acknowledges settings
  kNoWindow,            // requests whose answers it gives no room
  kPings,               // ping after ping; never reads
  kSilence,             // connections that say nothing behind the handshake
  kHalfHandshake,       // connections that stop in the middle of the handshake
  kPlainText,           // HTTP without TLS
};
const char* HostilityName(Hostility hostility);

// HostileWork is what it came to.
struct HostileWork {
  int64_t octets = 0;   // that were taken
  int connections = 0;  // one after the other, or at once where they are silent
};

// BeHostile does it to a port of this machine, anew whenever the connection is closed, until `over`
// says so and over at most 500 connections; without a certificate when `certificate` is empty.
// Throws when it cannot connect at all.
HostileWork BeHostile(Hostility hostility, int port, const std::filesystem::path& certificate,
                      const std::filesystem::path& key, const std::function<bool()>& over);

}  // namespace kakunin::e2e
