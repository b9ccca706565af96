#pragma once

#include <string>
#include <string_view>

namespace kakunin {

// NewPersonIdSql is an expression for a person's id, as RFC 9562 makes version 7: the milliseconds
// of `instant`, an SQL expression, and then random bits. Persons of one delivery so stand together
// in every index that begins with them: a million of them are written at its end and not all over
// it.
std::string NewPersonIdSql(std::string_view instant);

// NewPersonsSql is a statement that makes a person, with an empty answer row, of every number hash
// that nobody has. `source` is what stands in FROM and has the columns hash and key_id; `instant`
// is an expression, since when they are known.
std::string NewPersonsSql(std::string_view source, std::string_view instant);

}  // namespace kakunin
