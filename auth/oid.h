#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/der_reader.h"

namespace kakunin::auth {

// ContainsOid tells whether a list of OID elements (extended_key_usage) holds this OID content.
bool ContainsOid(DerBytes oid_elements, DerBytes oid_content);

// EncodeOid turns "1.2.840" into OID content octets; nullopt when it is not a dotted OID.
std::optional<std::string> EncodeOid(std::string_view dotted);

}  // namespace kakunin::auth
