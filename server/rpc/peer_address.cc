#include "server/rpc/peer_address.h"

namespace kakunin {
namespace {

// gRPC writes the brackets of an IPv6 address as percent signs and digits.
std::string WithoutBrackets(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view three = text.substr(i, 3);
    if (three == "%5B" || three == "%5D" || three == "%5b" || three == "%5d") {
      i += 2;
    } else if (text[i] != '[' && text[i] != ']') {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::string AddressOfPeer(std::string_view peer) {
  constexpr std::string_view kIpv4 = "ipv4:";
  constexpr std::string_view kIpv6 = "ipv6:";
  if (!peer.starts_with(kIpv4) && !peer.starts_with(kIpv6)) return std::string(peer);
  std::string_view address = peer.substr(kIpv4.size());
  if (const size_t port = address.rfind(':'); port != std::string_view::npos) {
    address = address.substr(0, port);
  }
  return WithoutBrackets(address);
}

}  // namespace kakunin
