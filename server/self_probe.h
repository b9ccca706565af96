#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "server/rounds.h"

namespace kakunin {

// SelfProbe connects to the process's own gRPC ports, as any peer would, and says when one of them
// is deaf: a gRPC server that runs out of descriptors stops listening for ever and lives on
// (CVE-2023-4785; hazards.md), so that only another process serves again.
class SelfProbe {
 public:
  struct Port {
    std::string name;     // "terminal"
    std::string address;  // "0.0.0.0:7443": any address means this machine
    int number = 0;       // that was bound
  };

  // Every two seconds, and after three misses in a row (hazards.md): deaf for about ten seconds.
  static constexpr std::chrono::seconds kEvery{2};
  static constexpr std::chrono::seconds kPatience{1};
  static constexpr int kMisses = 3;

  // Begins. `deaf` is called from the probe's thread, with a port's name, at every round that finds
  // it so.
  SelfProbe(std::vector<Port> ports, std::function<void(const std::string& name)> deaf,
            std::chrono::nanoseconds every = kEvery);

 private:
  struct Probed {
    Port port;
    int misses = 0;  // in a row
  };

  static std::vector<Probed> ProbedOf(std::vector<Port> ports);
  void Round();

  std::vector<Probed> ports_;
  const std::function<void(const std::string&)> deaf_;
  Rounds rounds_;
};

}  // namespace kakunin
