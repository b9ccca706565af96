#pragma once

#include <string>
#include <string_view>

namespace kakunin::auth {

// PartitionText is a partition's name for operators' eyes, from the encoded GeneralName of its
// distribution point: a directory's name as RFC 4514 has it ("CN=City-13221 CRLDP,OU=..."), a URI
// as it stands, "full" for the empty name of a full CRL. Control characters are escaped. What is
// neither, or longer than 256 octets, is the partition's id (PartitionIdOf) in 16 hexadecimal
// digits. Some microseconds: keep it.
std::string PartitionText(std::string_view name);

}  // namespace kakunin::auth
