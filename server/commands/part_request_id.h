#pragma once

#include <string>
#include <string_view>

namespace kakunin {

// PartRequestId is the id of part `part`, from 0, of a write that is sent in several calls under
// one request id: the first part's is the id itself, each other's is made of it (a UUID of version
// 8, RFC 9562), so that whoever repeats the write by its one id repeats every part.
std::string PartRequestId(std::string_view request_id, int part);

}  // namespace kakunin
