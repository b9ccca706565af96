#include <cstdio>

#include "tests/architecture/errors_document.h"
#include "tests/architecture/source_tree.h"

int main() {
  using namespace kakunin::architecture;  // NOLINT(google-build-using-namespace): a ten-line
                                          // program
  if (!WriteText("docs/errors.md", ErrorsDocument())) {
    std::perror("docs/errors.md");
    return 1;
  }
  return 0;
}
