#include "server/housekeeping.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "domain/access_log.h"
#include "domain/error.h"
#include "domain/reception_link.h"

namespace kakunin {
namespace {

constexpr auto kTidyEvery = std::chrono::seconds(30);
constexpr auto kBatchBound = std::chrono::seconds(5);
constexpr int kBatch = 10'000;
constexpr absl::Duration kChallengesKept = absl::Minutes(10);
constexpr absl::Duration kOutcomesKept = absl::Hours(48);
// Of sessions that are over nobody asks; what was done in them is in the audit.
constexpr absl::Duration kSessionsKept = absl::Hours(24);
constexpr int64_t kCountsKeptHours = 48;
// A walk of 125 million rows that are all as they should be takes five hours.
constexpr int kStepsInRound = 200;
constexpr int kRowsInStep = 1000;
// A slice at the load that is planned for, 2,000 calls a second, holds 2.4 million.
constexpr auto kSliceBound = std::chrono::seconds(60);
constexpr int kSlicesInRound = 200;
// A step may read whom each of a million rows of a feed is about, to write 100,000 of them down.
constexpr auto kNoticeBound = std::chrono::seconds(60);
constexpr absl::Duration kWideCopyEvery = absl::Minutes(10);
// An older server may have written behind the walk: it is repeated until long after it has gone.
constexpr absl::Duration kWalkEvery = absl::Hours(24);

}  // namespace

Housekeeping::Housekeeping(Database& database, HousekeepingStore& store, const Clock& clock)
    : database_(database), store_(store), clock_(clock), thread_([this] { Run(); }) {}

Housekeeping::~Housekeeping() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

absl::Status Housekeeping::Tidy() {
  const absl::Time now = clock_.Now();
  const int64_t hour = absl::ToUnixSeconds(now) / 3600;
  struct Kind {
    const char* what;
    Delete deletion;
    int64_t batch = kBatch;
  };
  const Kind kinds[] = {
      {"challenges",
       [&](Transaction& tx) { return store_.DeleteChallenges(tx, now - kChallengesKept, kBatch); }},
      {"request outcomes",
       [&](Transaction& tx) {
         return store_.DeleteRequestOutcomes(tx, now - kOutcomesKept, kBatch);
       }},
      {"inquiry counts",
       [&](Transaction& tx) { return store_.DeleteInquiryCounts(tx, hour - kCountsKeptHours); }},
      {"reception links",
       [&](Transaction& tx) {
         return store_.DeleteReceptionLinks(tx, now - kEndedLinkKept, kBatch);
       }},
      {"sessions",
       [&](Transaction& tx) { return store_.DeleteSessions(tx, now - kSessionsKept, kBatch); }},
      {"bulk inquiries", [&](Transaction& tx) { return store_.DeleteBulkInquiry(tx, now); }, 1},
  };
  absl::Status first;
  for (const auto& [what, deletion, batch] : kinds) {
    const absl::Status status = DeleteAll(deletion, batch);
    if (status.ok()) continue;
    failures_.fetch_add(1, std::memory_order_relaxed);
    spdlog::warn("housekeeping could not delete {}, the next round repeats it: {}", what,
                 std::string(status.message()));
    first.Update(status);
  }
  return first;
}

absl::Status Housekeeping::DeleteAll(const Delete& deletion, int64_t batch) {
  int64_t deleted = batch;
  // Small batches, each its own transaction, until one is not full. What is left is the next
  // round's, so that the other work goes on.
  for (int i = 0; i < kStepsInRound && deleted >= batch && !stop_; ++i) {
    RETURN_IF_ERROR(database_.Write(std::chrono::steady_clock::now() + kBatchBound,
                                    [&](Transaction& tx) -> absl::Status {
                                      ASSIGN_OR_RETURN(deleted, deletion(tx));
                                      return absl::OkStatus();
                                    }));
  }
  return absl::OkStatus();
}

absl::Status Housekeeping::GoOn(Walk& walk) {
  if (clock_.Now() < walk.ended + kWalkEvery) return absl::OkStatus();
  const int64_t rebuilt_before = walk.rebuilt;
  for (int i = 0; i < kStepsInRound && !stop_; ++i) {
    RebuiltAnswers step;
    absl::Status status = database_.Write(
        std::chrono::steady_clock::now() + kBatchBound, [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(step, (store_.*walk.rebuild)(tx, walk.last, kRowsInStep));
          return absl::OkStatus();
        });
    if (!status.ok()) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      spdlog::warn("housekeeping could not rebuild {}, the next round goes on: {}", walk.what,
                   std::string(status.message()));
      return status;
    }
    walk.last = step.last;
    walk.looked_at += step.looked_at;
    walk.rebuilt += step.rebuilt;
    if (step.looked_at == 0) {
      spdlog::info("{} of an older format: {} rebuilt, all of {} persons looked at", walk.what,
                   walk.rebuilt, walk.looked_at);
      walk = {.what = walk.what, .rebuild = walk.rebuild, .ended = clock_.Now()};
      return absl::OkStatus();
    }
  }
  if (walk.rebuilt > rebuilt_before) {
    spdlog::info("{} of an older format: {} rebuilt, those of {} persons looked at so far",
                 walk.what, walk.rebuilt, walk.looked_at);
  }
  return absl::OkStatus();
}

absl::Status Housekeeping::CopyAccesses() {
  const absl::Time now = clock_.Now();
  // Reading ten minutes again costs ten times as much as reading one.
  const bool wide = now >= wide_copy_ + kWideCopyEvery;
  CopiedAccesses copied;
  for (int i = 0; i < kSlicesInRound && !copied.all && !stop_; ++i) {
    absl::Status status = database_.Write(
        std::chrono::steady_clock::now() + kSliceBound, [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(copied,
                           store_.CopyFacilityAccesses(
                               tx, now, wide ? kWideAccessCopyOverlap : kAccessCopyOverlap));
          return absl::OkStatus();
        });
    if (!status.ok()) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      spdlog::warn("housekeeping could not copy accesses of facilities, the next round goes on: {}",
                   std::string(status.message()));
      return status;
    }
  }
  if (wide) wide_copy_ = now;
  return absl::OkStatus();
}

absl::Status Housekeeping::SeeNoticeWork() {
  absl::Time oldest;
  const absl::Status status = database_.Write(
      std::chrono::steady_clock::now() + kBatchBound, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(oldest, store_.SeeNoticeWork(tx, clock_.Now()));
        return absl::OkStatus();
      });
  if (!status.ok()) return Failed(status, "see what was published, the next round repeats it");
  oldest_notice_work_ = oldest == absl::InfiniteFuture() ? kNoneWaits : absl::ToUnixMicros(oldest);
  return absl::OkStatus();
}

absl::Duration Housekeeping::NoticeWorkWaits() const {
  const int64_t oldest = oldest_notice_work_;
  if (oldest == kNoneWaits) return absl::ZeroDuration();
  return std::max(absl::ZeroDuration(), clock_.Now() - absl::FromUnixMicros(oldest));
}

absl::Status Housekeeping::FindNotices() {
  NoticeStep step;
  int64_t persons = 0;
  int64_t notices = 0;
  for (int i = 0; i < kStepsInRound && !step.idle && !stop_; ++i) {
    std::optional<NoticeWorkId> taken;
    absl::Status status = database_.Write(
        std::chrono::steady_clock::now() + kNoticeBound, [&](Transaction& tx) -> absl::Status {
          taken.reset();
          ASSIGN_OR_RETURN(step, store_.FindNotices(tx, clock_.Now(), kRowsInStep, taken));
          return absl::OkStatus();
        });
    if (!status.ok()) {
      if (taken) SetNoticeWorkBack(*taken);
      return Failed(status, "find notices, the next round goes on with others");
    }
    persons += step.persons;
    notices += step.notices;
  }
  if (persons > 0) spdlog::info("{} notices found, {} persons looked at", notices, persons);
  return absl::OkStatus();
}

void Housekeeping::SetNoticeWorkBack(const NoticeWorkId& id) {
  const absl::Status status = database_.Write(
      std::chrono::steady_clock::now() + kBatchBound,
      [&](Transaction& tx) { return store_.SetNoticeWorkBack(tx, id, clock_.Now()); });
  if (!status.ok()) Failed(status, "set a search for notices back").IgnoreError();
}

absl::Status Housekeeping::Failed(const absl::Status& status, const char* what) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  spdlog::warn("housekeeping could not {}: {}", what, std::string(status.message()));
  return status;
}

void Housekeeping::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kTidyEvery, [this] { return stop_.load(); })) {
    lock.unlock();
    SeeNoticeWork().IgnoreError();  // they have logged what failed
    Tidy().IgnoreError();
    CopyAccesses().IgnoreError();
    FindNotices().IgnoreError();
    RebuildAnswers().IgnoreError();
    RebuildMonthRecords().IgnoreError();
    lock.lock();
  }
}

}  // namespace kakunin
