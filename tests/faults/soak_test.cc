// KAKUNIN_SOAK_MINUTES of load with a fault every 30 s, drawn at random: the oracles find nothing,
// and the one server that lives through all of it holds no more memory and descriptors at the end.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/faults/load.h"
#include "tests/faults/lock_ring.h"
#include "tests/faults/oracles.h"
#include "tests/support/test_seed.h"

namespace kakunin::faults {
namespace {

constexpr int64_t kPersons = 200;
constexpr std::chrono::seconds kBetween{30};
constexpr size_t kLiving = 0;
constexpr size_t kMortal = 1;

struct Held {
  double megabytes = 0;  // resident
  int descriptors = 0;
};

Held HeldBy(pid_t pid) {
  const std::filesystem::path process = fmt::format("/proc/{}", pid);
  Held held;
  int64_t size = 0;
  int64_t resident = 0;
  std::ifstream(process / "statm") >> size >> resident;
  held.megabytes = static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / (1 << 20);
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(process / "fd")) {
    ++held.descriptors;
  }
  return held;
}

TEST(SoakTest, FaultsAtRandomLeaveMemoryAndDescriptorsFlat) {
  SCOPED_TRACE(SeedTrace());
  const char* minutes = std::getenv("KAKUNIN_SOAK_MINUTES");
  ASSERT_NE(minutes, nullptr) << "tests/faults/run --soak MINUTES";
  std::mt19937_64 random(TestSeed());
  Installation installation(kPersons);
  const ConflictLog log(installation);
  using std::chrono::milliseconds;
  const std::vector<std::pair<const char*, std::function<void()>>> faults = {
      {"a server is killed", [&] { installation.KillServer(kMortal); }},
      {"a backend is killed", [&] { installation.KillBackend(random); }},
      {"the postmaster is killed", [&] { installation.KillDatabase(); }},
      {"PostgreSQL stands still", [&] { installation.Freeze(milliseconds(3000)); }},
      {"a table is locked", [&] { installation.Hold(milliseconds(2000)); }},
      {"locks make a ring", [&] { CloseRing(installation, "audit_event", "confirmation"); }},
      {"a certificate is replaced", [&] { installation.RotateServerCertificate(); }}};
  const absl::Time until = absl::Now() + absl::Minutes(std::atoi(minutes));
  Ledger ledger;
  std::vector<Held> held;
  {
    Load load(installation, ledger, TestSeed());
    while (absl::Now() < until) {
      const absl::Time next = absl::Now() + absl::FromChrono(kBetween);
      while (absl::Now() < next) {
        ASSERT_TRUE(ledger.AwaitAnswered(100, std::chrono::seconds(60)));
      }
      held.push_back(HeldBy(installation.pid(kLiving)));
      const auto& [what, happens] = faults[random() % faults.size()];
      fmt::print("{:.0f} MB, {} descriptors; {}\n", held.back().megabytes, held.back().descriptors,
                 what);
      happens();
      load.GoesOn();
    }
  }
  pqxx::connection database(installation.database_info());
  pqxx::nontransaction work(database);
  const Verdict verdict = Judge(ledger.calls(), Fault::kCrash, work);
  fmt::print("{} faults in {} min: {}\n", held.size(), minutes, verdict.Text());
  EXPECT_TRUE(verdict.clean()) << verdict.Text();
  // The first half fills what a process has: pools, arenas of its threads, queues of callers while
  // the database stands still.
  ASSERT_GE(held.size(), 4u);
  const Held& middle = held[held.size() / 2];
  EXPECT_LE(held.back().megabytes, middle.megabytes * 1.15);
  EXPECT_LE(held.back().descriptors, held[2].descriptors + 16);
}

}  // namespace
}  // namespace kakunin::faults
