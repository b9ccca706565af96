#pragma once

#include <string>
#include <string_view>

#include "kakunin/v1/operations_service.pb.h"
#include "server/rpc/fields.h"
#include "storage/registry_store.h"

namespace kakunin {

// RequiredFacilityCode and RequiredTerminalId read whose terminal is meant, of operators' requests.
// The check digit is not enforced: codes that fail it occur in the field (domain.md 3).
void RequiredFacilityCode(FieldErrors& errors, std::string_view field, const std::string& code);
void RequiredTerminalId(FieldErrors& errors, std::string_view field, const std::string& id);

// SetTerminal writes a registered terminal.
void SetTerminal(const TerminalRow& row, v1::Terminal& out);

// OctetsText is a digest as the API's bytes.
std::string OctetsText(const Digest32& octets);

}  // namespace kakunin
