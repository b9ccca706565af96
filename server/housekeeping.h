#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "server/clock.h"
#include "storage/housekeeping_store.h"

namespace kakunin {

// Housekeeping deletes what has served its time, from a thread of its own: challenges ten minutes
// after their end, outcomes of administrative writes after 48 h, counts of inquiries after two
// days, bulk inquiries when their time is up. It copies terminals' calls into the projection by
// facility, and finds the notices of what was published. It also walks over the answer rows and the
// month records, at the start and then once a day, and rebuilds those that a server of an older
// format wrote. Several servers may run it at once.
class Housekeeping {
 public:
  // All references outlive the object.
  Housekeeping(Database& database, HousekeepingStore& store, const Clock& clock);
  ~Housekeeping();

  // Tidy makes one round; the thread makes one every 30 s. A deletion that fails is logged and
  // counted, and the others are made all the same. Returns the first failure.
  absl::Status Tidy();

  // RebuildAnswers goes on with the walk over the answer rows, at most 200 steps of 1,000 rows,
  // each a transaction, and logs how far it came; between two walks it does nothing. The thread
  // does so after every round. A step that fails is logged and counted, and the next call repeats
  // it.
  absl::Status RebuildAnswers() { return GoOn(answers_); }
  // RebuildMonthRecords does the same with the month records, by persons.
  absl::Status RebuildMonthRecords() { return GoOn(months_); }

  // CopyAccesses copies terminals' calls into the projection by facility, in slices of minutes,
  // each a transaction, at most 200 of them: after a long pause the next rounds go on. The thread
  // does so in every round. A slice that fails is logged and counted, and the next call repeats it.
  absl::Status CopyAccesses();

  // SeeNoticeWork marks what was published as seen, in a transaction of its own; the thread does so
  // first of all in every round, since whoever asks until then counts as told the old answer.
  absl::Status SeeNoticeWork();

  // FindNotices goes on with the search for notices about what was published, step by step, each a
  // transaction, at most 200 of them; the thread does so in every round. A step that fails is
  // logged and counted and ends the round; its piece of work is set back, so that the next rounds
  // go on with the others, and is tried again after kNoticeWorkRests.
  absl::Status FindNotices();

  // NoticeWorkWaits is how long the oldest change has waited for its notices to be found, as of the
  // last SeeNoticeWork that came through; zero when none waited. Thread-safe.
  absl::Duration NoticeWorkWaits() const;

  // Failures is how many deletions and steps failed since the start.
  int64_t Failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  using Delete = std::function<absl::StatusOr<int64_t>(Transaction&)>;

  using Rebuild = absl::StatusOr<RebuiltAnswers> (HousekeepingStore::*)(Transaction&,
                                                                        const PersonId&, int);

  // Walk is how far one kind of copies was looked at.
  struct Walk {
    const char* what;
    Rebuild rebuild;
    PersonId last;
    int64_t looked_at = 0;
    int64_t rebuilt = 0;
    absl::Time ended = absl::InfinitePast();  // when the one before came to its end
  };

  void Run();
  void SetNoticeWorkBack(const NoticeWorkId& id);
  absl::Status Failed(const absl::Status& status, const char* what);
  absl::Status DeleteAll(const Delete& deletion, int64_t batch);
  absl::Status GoOn(Walk& walk);

  Database& database_;
  HousekeepingStore& store_;
  const Clock& clock_;
  std::atomic<int64_t> failures_{0};
  // Of whoever calls: the thread, or a test.
  Walk answers_{.what = "answer rows", .rebuild = &HousekeepingStore::RebuildAnswers};
  Walk months_{.what = "month records", .rebuild = &HousekeepingStore::RebuildMonthRecords};
  absl::Time wide_copy_ = absl::InfinitePast();
  static constexpr int64_t kNoneWaits = INT64_MAX;
  std::atomic<int64_t> oldest_notice_work_{kNoneWaits};  // microseconds since 1970
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace kakunin
