#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "domain/joining_application.h"
#include "server/application_input/application_fields.h"

namespace kakunin {

// ReadApplicationFile reads an application or a group's from a TOML file, or a group's from a
// comma-separated one (UTF-8 or CP932; the first line names the columns by fields or their Japanese
// names). NOT_FOUND when it cannot be read, INVALID_ARGUMENT with the line, never a value.
absl::StatusOr<ApplicationFile> ReadApplicationFile(const std::string& path);

// ApplicationFinding is what came of a file.
struct ApplicationFinding {
  ApplicationFile file;
  GroupFinding finding;  // of one facility: a group of one, its group faults empty
  bool IsGood() const { return finding.IsGood(); }
};

// CheckApplicationFile reads every row and checks it as of `day`.
ApplicationFinding CheckApplicationFile(ApplicationFile file, const JoiningRules& rules,
                                        absl::CivilDay day);

// ApplicationFindingTable shows every fault in Japanese, ApplicationFindingJson as one object.
std::string ApplicationFindingTable(const ApplicationFinding& finding);
std::string ApplicationFindingJson(const ApplicationFinding& finding, const std::string& path);

// ExampleGroupCsv is a group's file with two facilities, good on `day`.
std::string ExampleGroupCsv(absl::CivilDay day);

}  // namespace kakunin
