#pragma once

#include "absl/status/statusor.h"
#include "storage/feed_store.h"
#include "storage/postgres/feed_publish.h"

namespace kakunin {

// UndoFeed takes back what one published feed did, inside the caller's transaction and under the
// party's lock: what the feed wrote gets its known period closed, and what it had closed is known
// again from this instant on, as the rows of the deliveries that once wrote them. Nothing is
// overwritten; what was known at any earlier instant stays what it was. `publish` is of the feed,
// at the instant of the undo, and `content` its kind. Returns what FeedStore::Undo does; throws
// what libpqxx throws.
absl::StatusOr<FeedUndone> UndoFeed(FeedPublish& publish, FeedContent& content, UndoMode mode);

// LookAtUndo is what the undo of `publish` would do, by two statements: `count` tells rows that
// come back, rows that go and rows that were touched later, `touched_later` names some of the last.
FeedUndone LookAtUndo(FeedPublish& publish, const char* count, const char* touched_later);

// StopsAtLook tells whether `mode` ends an undo when that is known.
bool StopsAtLook(UndoMode mode, const FeedUndone& looked);

// MarkUndone records that the feed is undone now: the last step of an undo of any kind.
void MarkUndone(FeedPublish& publish);

}  // namespace kakunin
