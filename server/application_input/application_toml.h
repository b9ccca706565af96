#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/application_input/application_fields.h"

namespace kakunin {

// ReadApplicationToml reads a facility's application, or with tables [[facility]] a group's, from
// the text of a TOML file. INVALID_ARGUMENT with the line when it is no TOML, or what stands at the
// top is of the wrong kind; values are left to ReadApplication.
absl::StatusOr<ApplicationFile> ReadApplicationToml(std::string_view text);

// ExampleApplicationToml is a commented application that has no faults on `day`, with a start six
// months on.
std::string ExampleApplicationToml(absl::CivilDay day);

}  // namespace kakunin
