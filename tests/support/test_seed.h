#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace kakunin {

// TestSeed is where what a test draws at random begins: KAKUNIN_SEED, else 1.
inline uint64_t TestSeed() {
  const char* seed = std::getenv("KAKUNIN_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
}

// SeedTrace is what a failure says of it: SCOPED_TRACE(SeedTrace()).
inline std::string SeedTrace() { return "KAKUNIN_SEED=" + std::to_string(TestSeed()); }

}  // namespace kakunin
