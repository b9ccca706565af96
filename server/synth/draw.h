#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kakunin::synth {

// DrawStream keeps the draws about different things apart, so that a new draw about cards does not
// change anybody's name.
enum class DrawStream : uint64_t {
  kBlock = 1,
  kHousehold,
  kMember,
  kHistory,
  kCertificates,
  kMedicalAid,
  kCards,
  kRecords,
  kHealthChecks,
};

// Draw is a deterministic sequence (SplitMix64) that depends on (seed, stream, index) only: any
// person can be made without making the ones before. Not for keys or nonces.
class Draw {
 public:
  Draw(uint64_t seed, DrawStream stream, uint64_t index)
      : state_(Mix(Mix(seed ^ (static_cast<uint64_t>(stream) << 56)) + index * kGamma)) {}

  uint64_t Next() { return Mix(state_ += kGamma); }

  // Below returns 0 .. bound-1; bound is positive.
  int Below(int bound) {
    return static_cast<int>(((Next() >> 32) * static_cast<uint64_t>(bound)) >> 32);
  }

  // Between returns low .. high, both included.
  int Between(int low, int high) { return low + Below(high - low + 1); }

  bool PerMille(int share) { return Below(1000) < share; }

  template <class T>
  const T& Pick(std::span<const T> items) {
    return items[static_cast<size_t>(Below(static_cast<int>(items.size())))];
  }
  template <class T, size_t N>
  const T& Pick(const std::array<T, N>& items) {
    return Pick(std::span<const T>(items));
  }

 private:
  static constexpr uint64_t kGamma = 0x9E3779B97F4A7C15;

  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace kakunin::synth
