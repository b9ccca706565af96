#include "tests/faults/long_crl.h"

#include <chrono>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <thread>

#include "server/clock.h"
#include "server/dev/card_authorities.h"
#include "server/synth/nation_files.h"

namespace kakunin::faults {
namespace {

using std::chrono::steady_clock;

int64_t SerialsHeld(int admin_port) {
  constexpr std::string_view kGauge = "\nkakunin_crl_entries ";
  const std::string page = e2e::AdminText(admin_port, "/metrics");
  const size_t at = page.find(kGauge);
  if (at == std::string::npos) return 0;
  return static_cast<int64_t>(std::strtod(page.c_str() + at + kGauge.size(), nullptr));
}

}  // namespace

void IssueLongCrl(Installation& installation, int64_t serials) {
  const dev::SandboxPaths& paths = installation.sandbox().paths();
  auto nation = synth::NationFiles::Open(paths.nation());
  if (!nation.ok()) throw std::runtime_error(std::string(nation.status().message()));
  const auto cards = dev::CardAuthorities::Open(paths, nation->summary().options);
  if (!cards.ok()) throw std::runtime_error(std::string(cards.status().message()));
  synth::CrlPartition partition = nation->nation().CrlPartitions().back();
  std::mt19937_64 random(1);
  for (int64_t i = 0; i < serials; ++i) {
    synth::CardRecord card;
    card.serial = (random() | uint64_t{1} << 62) & ~(uint64_t{1} << 63);
    card.revoked_at = absl::FromUnixSeconds(1'700'000'000);
    card.revocation_reason = 4;
    partition.revoked.push_back(std::move(card));
  }
  const absl::Time now = SystemClock().Now();
  const absl::Status issued = cards->IssueCrls({partition}, now, now);
  if (!issued.ok()) throw std::runtime_error(std::string(issued.message()));
  const auto until = steady_clock::now() + std::chrono::minutes(1);
  for (size_t server = 0; server < Installation::kServers; ++server) {
    while (SerialsHeld(installation.ports(server).admin) < serials) {
      if (steady_clock::now() > until) throw std::runtime_error("the long CRL is not held");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
}

}  // namespace kakunin::faults
