#pragma once

#include <pqxx/pqxx>
#include <span>

#include "tests/faults/oracles.h"

namespace kakunin::faults {

// JudgeBatches holds what feeds and lists were told against the audit. Their answers name no audit
// row: a feed that was acknowledged as published is, and each of its steps (begun, every chunk,
// sealed, published) has an audit row that was committed before; a stream of results that came to
// its end has one of its own, committed while it ran. Adds what is missing to `verdict`.
void JudgeBatches(std::span<const Call> calls, pqxx::transaction_base& work, Verdict& verdict);

}  // namespace kakunin::faults
