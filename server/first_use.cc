#include "server/first_use.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "absl/hash/hash.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr auto kBound = std::chrono::seconds(10);
// What has just failed fails again: the register or the database needs a moment.
constexpr auto kAfterFailure = std::chrono::seconds(1);

uint64_t HashOfCard(std::string_view issuer_key_id, std::string_view serial) {
  using Key = std::pair<std::string_view, std::string_view>;
  return absl::Hash<Key>{}(Key(issuer_key_id, serial));
}

}  // namespace

FirstUse::FirstUse(const FirstUseBackend& backend, const Clock& clock, const FirstUseLimits& limits)
    : backend_(backend), clock_(clock), limits_(limits), thread_([this] { Run(); }) {}

FirstUse::~FirstUse() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void FirstUse::Seen(std::string_view issuer_key_id, std::string_view serial) {
  const uint64_t card = HashOfCard(issuer_key_id, serial);
  const absl::Time now = clock_.Now();
  {
    const std::lock_guard lock(mutex_);
    // Also when a sandbox's clock went back: nothing may be remembered for longer than two spans.
    if (now >= span_began_ + limits_.span || now < span_began_) {
      earlier_ = std::exchange(recent_, {});
      span_began_ = now;
    }
    if (recent_.contains(card) || earlier_.contains(card)) return;
    if (queue_.size() >= limits_.queued || recent_.size() >= limits_.remembered) {
      ++counts_[static_cast<size_t>(Outcome::kDropped)];
      return;
    }
    recent_.insert(card);
    queue_.push_back({std::string(issuer_key_id), std::string(serial)});
  }
  wake_.notify_one();
}

int64_t FirstUse::Count(Outcome outcome) const {
  const std::lock_guard lock(mutex_);
  return counts_[static_cast<size_t>(outcome)];
}

void FirstUse::Conclude(const CardCertificateId& card, const absl::StatusOr<bool>& linked) {
  const Outcome outcome = !linked.ok() ? Outcome::kFailed
                          : *linked    ? Outcome::kLinked
                                       : Outcome::kUnknown;
  const std::lock_guard lock(mutex_);
  ++counts_[static_cast<size_t>(outcome)];
  // A link that contradicts another needs a person, not another try.
  if (linked.ok()) return;
  const auto reason = ReasonOf(linked.status());
  if (reason == Reason::kPersonConflict || reason == Reason::kInvalidFields) return;
  const uint64_t hash = HashOfCard(card.issuer_key_id, card.serial);
  recent_.erase(hash);
  earlier_.erase(hash);
}

void FirstUse::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    const CardCertificateId card = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const absl::StatusOr<bool> linked =
        LinkOnFirstUse(backend_, card, clock_.Now(), std::chrono::steady_clock::now() + kBound);
    if (!linked.ok()) {
      spdlog::warn("a card could not be linked on its first use: {}",
                   std::string(linked.status().message()));
    }
    Conclude(card, linked);
    lock.lock();
    if (!linked.ok()) wake_.wait_for(lock, kAfterFailure, [this] { return stop_; });
  }
}

}  // namespace kakunin
