#pragma once

// toml++ 3 asserts that what follows "[" or "," may begin a key, and right behind the assertion
// tells in words what stands there instead. With the assertion a mistyped file ends the program,
// and with NDEBUG it would be an assumption, so that anything may happen: it is left out.
#define TOML_EXCEPTIONS 0
#define TOML_ASSERT(expr) static_cast<void>(0)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace kakunin {
namespace toml = ::toml;
}  // namespace kakunin
