#include "server/card_trust_loader.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <chrono>

#include "auth/crl_loader.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr int kNiceness = 15;

}  // namespace

CardTrustLoader::CardTrustLoader(std::filesystem::path trust_directory,
                                 std::filesystem::path crl_directory, absl::Duration reload_every,
                                 const Clock& clock, auth::CrlArchive& archive,
                                 std::function<ClockWatch::Reading()> machine)
    : trust_directory_(std::move(trust_directory)),
      crl_directory_(std::move(crl_directory)),
      reload_every_(reload_every),
      clock_(clock),
      archive_(archive),
      machine_(std::move(machine)),
      current_(std::make_shared<const CardTrust>()) {}

CardTrustLoader::~CardTrustLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::Status CardTrustLoader::Start() {
  RETURN_IF_ERROR(Reload());
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

CardTrust CardTrustLoader::Current() const { return *current_.load(std::memory_order_acquire); }

absl::Status CardTrustLoader::Reload() {
  const auto asked = std::chrono::steady_clock::now();
  LookAtMachineClock();
  const auto held = current_.load(std::memory_order_acquire);
  auto trust = auth::TrustStore::Load(auth::Hierarchy::kUserAuthentication, trust_directory_);
  const bool usable = trust.ok();
  if (!usable) {
    if (held->trust == nullptr) return trust.status();
    spdlog::error("card trust directory cannot be used, the held roots stay: {}",
                  std::string(trust.status().message()));
    trust = held->trust;
  }
  const auto loaded =
      auth::LoadCrls(crl_directory_, **trust, read_.get(), clock_.Now(), {}, &archive_);
  read_ = loaded.snapshot;
  for (const auto& refused : loaded.report.refused) {
    spdlog::error("CRL refused, the last good one stays: {}: {}", refused.file, refused.text);
  }
  for (const auto& alarm : loaded.report.alarms)
    spdlog::warn("CRL needs a look: {}: {}", alarm.file, alarm.text);
  for (const auto& vanished : loaded.report.vanished) {
    spdlog::warn(
        "CRL does not list {} serials that the one before it listed: {}, partition {}: right when "
        "those certificates have ended, which a CRL does not tell; one that has not is accepted "
        "again: if the issuer does not drop ended ones, or they are many, ask it",
        vanished.serials, vanished.file, vanished.partition);
    vanished_.fetch_add(static_cast<int64_t>(vanished.serials), std::memory_order_relaxed);
  }
  CardTrust shown{*std::move(trust), machine_.IsBack() ? nullptr : loaded.snapshot};
  current_.store(std::make_shared<const CardTrust>(std::move(shown)), std::memory_order_release);
  refused_.store(static_cast<int>(loaded.report.refused.size()), std::memory_order_relaxed);
  suspicious_.fetch_add(static_cast<int64_t>(loaded.report.alarms.size()),
                        std::memory_order_relaxed);
  if (usable) age_.Renew(asked);
  return absl::OkStatus();
}

void CardTrustLoader::LookAtMachineClock() {
  const bool was_back = machine_.IsBack();
  machine_.Look();
  if (machine_.IsBack()) {
    spdlog::error(
        "the machine's clock went back by {} s, so no CRL counts and every card is UNAVAILABLE: "
        "look at what sets it (chronyc tracking) and have it put right; if it had run ahead before "
        "and is right now, start this server anew",
        absl::ToInt64Seconds(machine_.Back()));
  } else if (was_back) {
    spdlog::info("the machine's clock is where it was: CRLs count again");
  }
}

void CardTrustLoader::Run() {
  // Linux: of this thread alone. A large CRL must not take the lanes' turns; should it be refused,
  // reloading only costs more.
  (void)setpriority(PRIO_PROCESS, 0, kNiceness);
  std::unique_lock lock(mutex_);
  while (
      !wake_.wait_for(lock, absl::ToChronoNanoseconds(reload_every_), [this] { return stop_; })) {
    lock.unlock();
    Reload().IgnoreError();  // it has logged what to do
    lock.lock();
  }
}

}  // namespace kakunin
