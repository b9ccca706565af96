#pragma once

namespace kakunin {

// Situation is an argument of the policy, never a global flag. Beside normal times each rests on a
// policy that is in force for the facility (domain/abnormal_times.h). The numbers are stored.
enum class Situation {
  kNormal = 0,
  kDisaster = 1,       // 災害時
  kSystemFailure = 2,  // システム障害時
  kEmergency = 3,      // 救急時
};
inline constexpr int kSituations = 4;

}  // namespace kakunin
