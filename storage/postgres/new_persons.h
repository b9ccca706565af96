#pragma once

#include <string>
#include <string_view>

namespace kakunin {

// NewPersonsSql is a statement that makes a person, with an empty answer row, of every number hash
// that nobody has. `source` is what stands in FROM and has the columns hash and key_id; `instant`
// is an expression, since when they are known.
std::string NewPersonsSql(std::string_view source, std::string_view instant);

}  // namespace kakunin
