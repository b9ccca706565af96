#include <cstdio>

#include "tests/architecture/joining_document.h"
#include "tests/architecture/source_tree.h"

int main() {
  using namespace kakunin::architecture;  // NOLINT(google-build-using-namespace): a short program
  constexpr const char* kPath = "docs/joining.md";
  const std::string text = WithJoiningSections(ReadText(kPath));
  if (text.empty()) {
    std::fprintf(stderr, "%s: a mark is missing\n", kPath);
    return 1;
  }
  if (!WriteText(kPath, text)) {
    std::perror(kPath);
    return 1;
  }
  return 0;
}
