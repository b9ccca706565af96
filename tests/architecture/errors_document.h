#pragma once

#include <string>

namespace kakunin::architecture {

// ErrorsDocument is docs/errors.md as the table of reasons (domain/error.h) has it.
std::string ErrorsDocument();

}  // namespace kakunin::architecture
