#include "server/synth/identity_numbers.h"

#include <fmt/format.h>

namespace kakunin::synth {
namespace {

// Scatter is a bijection on 0 .. modulus-1 (the factor shares no divisor with it): scattered
// numbers stay different without a table of those given out.
uint64_t Scatter(uint64_t index, uint64_t factor, uint64_t offset, uint64_t modulus) {
  const auto product = static_cast<unsigned __int128>(index % modulus) * factor;
  return static_cast<uint64_t>((product + offset % modulus) % modulus);
}

constexpr uint64_t kFactor = 61'803'398'873;  // not divisible by 2, 3 or 5
constexpr uint64_t kSeedFactor = 0x9E3779B97F4A7C15;

std::string WithIndividualCheckDigit(uint64_t eleven_digits) {
  std::string digits = fmt::format("{:011}", eleven_digits);
  constexpr int kWeights[] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * kWeights[i];
  const int remainder = sum % 11;
  digits.push_back(static_cast<char>('0' + (remainder <= 1 ? 0 : 11 - remainder)));
  return digits;
}

}  // namespace

std::string IndividualNumberOf(uint64_t seed, int64_t person) {
  return WithIndividualCheckDigit(
      Scatter(static_cast<uint64_t>(person), kFactor, seed * kSeedFactor, 90'000'000'000));
}

std::string TestIndividualNumber(int n) {
  return WithIndividualCheckDigit(99'000'000'000 + static_cast<uint64_t>(n));
}

int64_t HouseholdNumber(uint64_t seed, int64_t household) {
  return static_cast<int64_t>(
      Scatter(static_cast<uint64_t>(household), kFactor, seed * kSeedFactor + 1, 100'000'000));
}

std::string LateElderlyNumber(uint64_t seed, int64_t person) {
  return fmt::format("{:08}", Scatter(static_cast<uint64_t>(person), kFactor,
                                      seed * kSeedFactor + 2, 100'000'000));
}

std::string RecipientNumber(uint64_t seed, int64_t person) {
  return fmt::format(
      "{:07}", Scatter(static_cast<uint64_t>(person), kFactor, seed * kSeedFactor + 3, 10'000'000));
}

}  // namespace kakunin::synth
