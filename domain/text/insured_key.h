#pragma once

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "domain/text/branch_number.h"
#include "domain/text/insured_number.h"
#include "domain/text/insured_symbol.h"
#include "domain/text/insurer_number.h"

namespace kakunin {

// InsuredKey is what a facility asks by when it has no card: insurer, symbol, number, birth date
// and, when given, the branch number. The name is not part of it (domain.md 1.5). Personal data:
// no formatter.
struct InsuredKey {
  InsurerNumber insurer;
  InsuredSymbol symbol;
  InsuredNumber number;
  std::optional<BranchNumber> branch;
  absl::CivilDay birth_date;
};

// AppendCanonicalBytes appends to `out` the bytes that the look-up hash is computed over. Equal
// keys give equal bytes and different keys different ones: each part has a fixed length or its
// length before it, and the first byte is the format's number. With `with_branch` the branch
// number is included; a key without one gives the same bytes either way. Allocates nothing when
// `out` has 96 bytes to spare for an ordinary key. Thread-safe.
void AppendCanonicalBytes(const InsuredKey& key, bool with_branch, std::string& out);

// CanonicalBytes returns what AppendCanonicalBytes appends. Not for a log: it holds the key's text.
std::string CanonicalBytes(const InsuredKey& key, bool with_branch);

}  // namespace kakunin
