#pragma once

#include <string>

namespace kakunin::architecture {

// AccessPolicyDocument is docs/access_policy.md as the table of domain/access_policy.cc has it.
std::string AccessPolicyDocument();

}  // namespace kakunin::architecture
