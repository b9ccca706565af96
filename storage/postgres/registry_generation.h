#pragma once

#include <cstdint>
#include <pqxx/result>
#include <pqxx/transaction_base>

namespace kakunin {

// NextRegistryGeneration queues this transaction behind every earlier writer of the registry, and
// gives the generation with which it stamps its rows.
inline int64_t NextRegistryGeneration(pqxx::transaction_base& work) {
  return work
      .exec(
          "UPDATE kakunin.registry_generation SET generation = generation + 1 RETURNING"
          " generation")[0][0]
      .as<int64_t>();
}

}  // namespace kakunin
