#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace kakunin::auth {

// Dice are seeded random choices, the same with every standard library.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  // Below is a number in [0, limit); limit must not be 0.
  size_t Below(size_t limit) { return static_cast<size_t>(engine_() % limit); }
  bool Percent(size_t chance) { return Below(100) < chance; }

  template <typename Container>
  auto& Of(Container& choices) {
    return choices[Below(std::size(choices))];
  }

 private:
  std::mt19937_64 engine_;
};

// DerNode is one element, taken apart as far as it goes: also the DER inside an OCTET STRING and
// inside a BIT STRING of whole octets.
struct DerNode {
  enum class Length : uint8_t { kMinimal, kPadded, kIndefinite };

  uint8_t tag = 0;
  std::string content;  // of a leaf; before the children of a BIT STRING the octet of spare bits
  std::vector<DerNode> children;
  Length length = Length::kMinimal;

  // Parse reads strict DER that is exactly one element.
  static DerNode Parse(std::string_view der);
  std::string Encode() const;
};

// MutateSomewhere changes one random element below or at `root` and returns what it did, such as
// "drop 0x30".
std::string MutateSomewhere(DerNode& root, Dice& dice);

}  // namespace kakunin::auth
