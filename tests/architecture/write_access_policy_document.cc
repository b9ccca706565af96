#include <cstdio>

#include "tests/architecture/access_policy_document.h"
#include "tests/architecture/source_tree.h"

int main() {
  using namespace kakunin::architecture;  // NOLINT(google-build-using-namespace): a ten-line
                                          // program
  if (!WriteText("docs/access_policy.md", AccessPolicyDocument())) {
    std::perror("docs/access_policy.md");
    return 1;
  }
  return 0;
}
