#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/faults/client.h"

namespace kakunin::faults {

// Load is clients of every kind at the test clinic, which ask without a pause and write down what
// they were told. A client that loses its connection goes on at the other server. Each patient has
// one client, so that it knows what the answer must be.
class Load {
 public:
  static constexpr int kListRows = 700;

  // Begins, with lists of so many rows, desks whose calls have so long, or as long as everybody's.
  // References outlive it.
  Load(Installation& installation, Ledger& ledger, uint64_t seed, int list_rows = kListRows,
       std::optional<absl::Duration> desks_bound = {});
  ~Load() { Stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Add begins one more client, on surroundings().
  void Add(std::unique_ptr<Client> client);

  // The servers' clock has been moved, or is about to be: what patients decided holds by another
  // time.
  void ClockJumps() { ++clock_jumps_; }

  // Stop ends every client behind its running call.
  void Stop();

  const Surroundings& surroundings() const { return surroundings_; }

  // The database goes on at this instant: acts that got no answer may be done until a moment after.
  void GoesOn();

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> went_on_us_{0};
  std::atomic<int> clock_jumps_{0};
  const Surroundings surroundings_;
  std::vector<std::thread> threads_;
};

}  // namespace kakunin::faults
