// Files that people write: the first octet chooses a configuration or a facility's application. A
// configuration that is taken prints as one that is taken and prints the same.
#include <string>
#include <string_view>

#include "server/application_input/application_toml.h"
#include "server/config/config.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

void CheckConfig(std::string_view text) {
  const auto config = ParseConfig(text, "/etc/kakunin/fuzzed.toml");
  if (!config.ok()) {
    Require(!config.status().message().empty(), "a refusal says why");
    return;
  }
  const std::string printed = PrintConfig(*config);
  const auto again = ParseConfig(printed, "/etc/kakunin/fuzzed.toml");
  Require(again.ok(), "what is printed can be read");
  Require(PrintConfig(*again) == printed, "and says the same");
}

void CheckApplication(std::string_view text) {
  const auto application = ReadApplicationToml(text);
  if (!application.ok()) Require(!application.status().message().empty(), "a refusal says why");
}

}  // namespace
}  // namespace kakunin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    kakunin::fuzz::CheckConfig(text);
  } else {
    kakunin::fuzz::CheckApplication(text);
  }
  return 0;
}
