#pragma once

#include <absl/time/time.h>

#include <string>
#include <vector>

#include "auth/card_verifier.h"
#include "der_mutation.h"
#include "differential_world.h"

namespace kakunin::auth {

// Mutant is a changed card certificate and the circumstances to judge it in.
struct Mutant {
  std::string der;
  std::string recipe;  // what was done, for messages
  absl::Time now;
  Medium medium = Medium::kCard;
};

// CertificateMutator makes mutants of good cards of a DifferentialWorld. Changes are of meaning (a
// field of the specification), of structure (an element of the DER tree), both followed by a new
// signature of the CA, or of octets, which no CA signs. The keys are new in every process: a seed
// repeats the changes, not the octets.
class CertificateMutator {
 public:
  explicit CertificateMutator(uint64_t seed);

  Mutant Next();

 private:
  struct Draft {
    CertificateSpec spec;
    size_t issuer = DifferentialWorld::kGeneration3;
    std::string outer_algorithm;  // encoded; empty: the right one
    std::string recipe;
  };
  using Change = void (*)(Draft&, Dice&);
  struct NamedChange {
    const char* name;
    Change apply;
  };
  static const std::vector<NamedChange>& Changes();
  static const std::vector<NamedChange>& Seeds();

  std::string Encode(const Draft& draft, std::string& recipe);

  const DifferentialWorld& world_;
  Dice dice_;
  PrivateKey throwaway_key_;  // signs what is taken apart and signed again: quick
};

}  // namespace kakunin::auth
