#include "server/bulk_worker.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/uuid.h"
#include "domain/error.h"
#include "server/rpc/feed_worker.h"

namespace kakunin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kLookEvery = milliseconds(1000);
constexpr auto kRoundBound = std::chrono::seconds(10);
constexpr int kMostLists = 16;
// How long a list stands back of which a round failed: first, and at most.
constexpr auto kFirstPause = kLookEvery;
constexpr auto kLongestPause = std::chrono::seconds(32);
constexpr size_t kMostDropped = 10'000;
// A desk that is busy all day must not keep a list from coming to its end.
constexpr auto kMostWay = milliseconds(4);
constexpr auto kLookAtDesk = std::chrono::microseconds(200);
constexpr int kNiceness = FeedWorker::kNicerThanADesk;
// A desk that asked so lately asks again soon: rounds are short then.
constexpr auto kDeskIsThere = milliseconds(20);
constexpr size_t kRowsBesideDesk = 32;

}  // namespace

absl::StatusOr<Terminal> RegisteredTerminal(const Registry& registry, const BulkHeader& header,
                                            absl::Time at) {
  const auto snapshot = registry.Current();
  if (snapshot == nullptr) return MakeError(Reason::kRegistryStale);
  const auto* entry = snapshot->FindTerminal(header.facility_code, header.terminal_id);
  if (entry == nullptr) return MakeError(Reason::kTerminalRevoked);
  ASSIGN_OR_RETURN(Terminal terminal, snapshot->TerminalOf(*entry, at));
  terminal.user = header.user;
  terminal.role = header.role;
  return terminal;
}

BulkWorker::BulkWorker(std::unique_ptr<BulkLaneStore> store, Backend backend, const Clock& clock,
                       std::function<bool()> desk_waits)
    : store_(std::move(store)),
      run_(*store_, std::move(backend)),
      clock_(clock),
      desk_waits_(std::move(desk_waits)),
      thread_([this] { Run(); }) {}

BulkWorker::~BulkWorker() { Stop(); }

void BulkWorker::BeginStop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
}

void BulkWorker::Stop() {
  BeginStop();
  if (thread_.joinable()) thread_.join();
}

void BulkWorker::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void BulkWorker::Drop(const BulkId& id) {
  {
    const std::lock_guard lock(mutex_);
    if (dropped_.size() < kMostDropped) dropped_.push_back(id);
    woken_ = true;
  }
  wake_.notify_all();
}

bool BulkWorker::Stopping() {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void BulkWorker::Run() {
  // On Linux a thread has a niceness of its own: the desk's threads come first.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
  while (!Stopping()) {
    {
      const std::lock_guard lock(mutex_);
      woken_ = false;
    }
    const bool again = RunLists();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kLookEvery, [&] { return stop_ || (woken_ && again); });
  }
}

bool BulkWorker::RunLists() {
  run_.NoticeLoss();
  const auto deadline = steady_clock::now() + kRoundBound;
  if (!run_.Connect(deadline)) return false;
  if (!DropWaiting()) return false;
  // Those that stand back take nobody's place.
  const int most = kMostLists + static_cast<int>(paused_.size());
  const auto lists = store_->Running(most, deadline);
  if (!lists.ok()) return false;
  absl::erase_if(paused_, [&](const auto& one) {  // of lists that run no more
    return std::ranges::find(*lists, one.first) == lists->end();
  });
  bool all = true;
  for (const BulkId& id : *lists) {
    if (Stopping()) return true;
    const auto paused = paused_.find(id);
    if (paused != paused_.end() && steady_clock::now() < paused->second.until) continue;
    const auto bound = steady_clock::now() + kRoundBound;
    const auto locked = store_->Lock(id, bound);
    if (!locked.ok()) return false;
    if (!*locked) continue;  // another server runs it
    const int64_t before = Rounds();
    const bool run = RunList(id);
    if (run) {
      paused_.erase(id);
    } else {
      Pause(id, Rounds() > before);
      spdlog::warn("a round of bulk inquiry {} failed; it is tried again, here or elsewhere",
                   auth::UuidText(id.octets));
    }
    all = all && run;
    if (!store_->Unlock(id, steady_clock::now() + kRoundBound).ok()) return false;
  }
  return all;
}

void BulkWorker::Pause(const BulkId& id, bool went_on) {
  Paused& paused = paused_[id];
  paused.span =
      went_on ? kFirstPause
              : std::clamp<steady_clock::duration>(2 * paused.span, kFirstPause, kLongestPause);
  paused.until = steady_clock::now() + paused.span;
}

bool BulkWorker::RunList(const BulkId& id) {
  while (!Stopping()) {
    const size_t most = GiveWay() ? kRowsBesideDesk : kBulkRoundRows;
    const auto began = steady_clock::now();
    switch (run_.Answer(id, most, clock_.Now(), began + kRoundBound)) {
      case BulkRun::Step::kAnswered:
        rounds_.fetch_add(1, std::memory_order_relaxed);
        last_round_ = steady_clock::now() - began;
        break;
      case BulkRun::Step::kEnded:
        // Cancelled by another at this moment it runs no more either way.
        return DropContent(id);
      case BulkRun::Step::kFailed:
        return false;
    }
  }
  return true;
}

bool BulkWorker::DropContent(const BulkId& id) {
  while (!Stopping()) {
    GiveWay();
    const auto gone = store_->DropSome(id, steady_clock::now() + kRoundBound);
    if (!gone.ok()) return false;
    if (*gone == 0) break;
  }
  return true;
}

bool BulkWorker::DropWaiting() {
  std::vector<BulkId> lists;
  {
    const std::lock_guard lock(mutex_);
    lists.swap(dropped_);
  }
  while (!lists.empty() && !Stopping()) {
    if (!DropContent(lists.back())) {
      const std::lock_guard lock(mutex_);
      dropped_.insert(dropped_.end(), lists.begin(), lists.end());
      return false;
    }
    lists.pop_back();
  }
  return true;
}

bool BulkWorker::DeskIsThere() {
  const auto now = steady_clock::now();
  if (desk_waits_()) desk_seen_ = now;
  return desk_seen_ && now < *desk_seen_ + kDeskIsThere;
}

bool BulkWorker::GiveWay() {
  // As long as the last round took: half of the time is the desk's.
  const auto until =
      steady_clock::now() + std::clamp<steady_clock::duration>(last_round_, kLookAtDesk, kMostWay);
  std::unique_lock lock(mutex_);
  while (!stop_ && DeskIsThere() && steady_clock::now() < until) {
    wake_.wait_for(lock, kLookAtDesk);
  }
  return DeskIsThere();
}

}  // namespace kakunin
