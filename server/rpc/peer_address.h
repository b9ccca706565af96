#pragma once

#include <string>
#include <string_view>

namespace kakunin {

// AddressOfPeer is the address in gRPC's name of a peer ("ipv4:192.0.2.1:50000",
// "ipv6:%5B2001:db8::1%5D:50000"), without its port; the whole name when it has another form.
std::string AddressOfPeer(std::string_view peer);

}  // namespace kakunin
