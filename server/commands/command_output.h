#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kakunin {

// FailCommand ends a subcommand with exit code 1, unless told another, after telling why, on
// standard error; by throwing what main turns into the exit code.
[[noreturn]] void FailCommand(std::string_view command, const absl::Status& status,
                              int exit_code = 1);

// OrFail is the value, or FailCommand.
template <class T>
T OrFail(std::string_view command, absl::StatusOr<T> value) {
  if (!value.ok()) FailCommand(command, value.status());
  return *std::move(value);
}
inline void OrFail(std::string_view command, const absl::Status& status) {
  if (!status.ok()) FailCommand(command, status);
}

// JsonObject writes one JSON object, its members in the order they are added.
class JsonObject {
 public:
  JsonObject& Text(std::string_view name, std::string_view value);
  JsonObject& Number(std::string_view name, long long value);
  JsonObject& Flag(std::string_view name, bool value);
  // Raw adds a value that is JSON already.
  JsonObject& Raw(std::string_view name, std::string_view json);
  JsonObject& Texts(std::string_view name, const std::vector<std::string>& values);
  std::string ToString() const { return "{" + members_ + "}"; }

 private:
  void Name(std::string_view name);
  std::string members_;
};

// JsonArray joins values that are JSON already.
std::string JsonArray(const std::vector<std::string>& values);

}  // namespace kakunin
