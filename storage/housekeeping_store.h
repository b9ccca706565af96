#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/person_id.h"
#include "storage/database.h"

namespace kakunin {

// RebuiltAnswers is how far one step over the answer rows, or the month records, came.
struct RebuiltAnswers {
  int64_t looked_at = 0;  // persons; 0: the step began behind the last one
  int64_t rebuilt = 0;
  PersonId last;  // where the next step goes on
};

// CopiedAccesses is how far the copy of facilities' calls came.
struct CopiedAccesses {
  absl::Time through;
  bool all = false;  // up to the instant that was asked for
};

// NoticeWorkId names one piece of work that a publication, undo or repair left for the search for
// notices.
using NoticeWorkId = Id128<struct NoticeWorkTag>;

// NoticeStep is what one step of the search for notices came to.
struct NoticeStep {
  bool idle = false;  // no work is ripe, or other servers are at all of it
  int64_t persons = 0;
  int64_t notices = 0;
};

// kNoticeWorkRipens is how long after a publication was first seen committed its notices are
// looked for. An answer that was read before the commit may itself commit a little later: a call
// of a lane is answered within ten seconds or not at all, and its commit with it, so that after
// two minutes whoever was told the old answer is there.
inline constexpr absl::Duration kNoticeWorkRipens = absl::Minutes(2);
// Which answers may be old ones: those of up to kNoticeWorkRipens after it was seen, by the clock
// of the server that gave them, which may be two minutes ahead; and, when the jobs stood still, of
// no more than kLongestPublication after its instant, by when it is visible or was given up.
inline constexpr absl::Duration kLongestPublication = absl::Hours(1);
// kNoticeWorkRests is how long a piece of work of which a step failed is left alone.
inline constexpr absl::Duration kNoticeWorkRests = absl::Minutes(5);

// HousekeepingStore deletes what has served its time and rebuilds what an upgrade left behind, in
// small batches. Used by the job role. Thread-safe.
class HousekeepingStore {
 public:
  virtual ~HousekeepingStore() = default;
  // DeleteChallenges removes up to `limit` challenges that expired before `before`; returns how
  // many.
  virtual absl::StatusOr<int64_t> DeleteChallenges(Transaction& tx, absl::Time before,
                                                   int limit) = 0;
  // DeleteRequestOutcomes removes up to `limit` outcomes of administrative writes stored before
  // `before`.
  virtual absl::StatusOr<int64_t> DeleteRequestOutcomes(Transaction& tx, absl::Time before,
                                                        int limit) = 0;
  // DeleteBulkInquiry removes a few pieces of one list whose time is up (domain/bulk_inquiry.h), or
  // the list when it has none: a full one has a gigabyte of results. Returns 1; 0: there is none.
  virtual absl::StatusOr<int64_t> DeleteBulkInquiry(Transaction& tx, absl::Time now) = 0;
  // DeleteInquiryCounts removes counts of hours before `hour` (hours since 1970 UTC).
  virtual absl::StatusOr<int64_t> DeleteInquiryCounts(Transaction& tx, int64_t hour) = 0;
  // RebuildAnswers looks at the next `limit` answer rows after that of `after` and makes those of
  // an older format anew from the truth. Rows of a newer one are left to the servers that wrote
  // them.
  virtual absl::StatusOr<RebuiltAnswers> RebuildAnswers(Transaction& tx, const PersonId& after,
                                                        int limit) = 0;
  // RebuildMonthRecords does the same with the month records of the next `limit` persons.
  virtual absl::StatusOr<RebuiltAnswers> RebuildMonthRecords(Transaction& tx, const PersonId& after,
                                                             int limit) = 0;
  // CopyFacilityAccesses copies the next bounded slice of terminals' calls into the projection by
  // facility, up to `now` at most, and remembers how far it came. It begins `overlap` before where
  // the last one ended, since a row may commit late. Servers that do so at once wait for each
  // other.
  virtual absl::StatusOr<CopiedAccesses> CopyFacilityAccesses(Transaction& tx, absl::Time now,
                                                              absl::Duration overlap) = 0;
  // DeleteReceptionLinks removes at most `limit` links that worked no longer before `before`, with
  // their tokens; a link that is renewed meanwhile stays.
  virtual absl::StatusOr<int64_t> DeleteReceptionLinks(Transaction& tx, absl::Time before,
                                                       int limit) = 0;
  // DeleteSessions removes at most `limit` log-in sessions whose time was over before `before`.
  virtual absl::StatusOr<int64_t> DeleteSessions(Transaction& tx, absl::Time before, int limit) = 0;
  // SeeNoticeWork marks pieces of work of the search for notices that it sees first as seen at
  // `now`, without waiting for servers that are at some, and returns the instant of the oldest
  // change that waits; the infinite future when none does.
  virtual absl::StatusOr<absl::Time> SeeNoticeWork(Transaction& tx, absl::Time now) = 0;
  // FindNotices makes one step of the search for notices about published changes: it writes down
  // the next persons of the oldest ripe piece of work (100 times `limit` of those that changed), or
  // looks at the next `limit` of them, with the notices that this gives. What was looked at is gone
  // with the same commit. Servers that do so at once take different pieces. `taken` is the piece as
  // soon as it is held: whoever sees the step fail sets it back.
  virtual absl::StatusOr<NoticeStep> FindNotices(Transaction& tx, absl::Time now, int limit,
                                                 std::optional<NoticeWorkId>& taken) = 0;
  // SetNoticeWorkBack puts a piece of work of which a step failed behind all others, and lets
  // nobody take it for kNoticeWorkRests.
  virtual absl::Status SetNoticeWorkBack(Transaction& tx, const NoticeWorkId& id,
                                         absl::Time now) = 0;
};

}  // namespace kakunin
