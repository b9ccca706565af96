#pragma once

#include "storage/postgres/feed_publish.h"

namespace kakunin {

// A feed that waited while a later one of its party and kind was published comes after it, and
// tells what was true before it. What the later one has told stays: such a row of the earlier one
// is ROW_OUTDATED, and has to be delivered anew. All are called with the party locked.

// FindToldLater makes `told_later`: the references of which feeds with a higher number, published
// and not undone, have told something, also that it is as it is known, or that it is somebody
// else's. False, and no table: no such feed is published.
bool FindToldLater(FeedPublish& publish);

// RefuseToldLater refuses the rows of `publishing` that are about any of them.
void RefuseToldLater(FeedPublish& publish);

// KeepTold keeps the references of a feed that is being published which told what is known, as long
// as an earlier feed waits; nothing else tells of them afterwards. Else it removes what the feed
// had kept of them.
void KeepTold(FeedPublish& publish);

// ForgetTold removes what later feeds had kept for this one alone, which is published or cancelled.
void ForgetTold(FeedPublish& publish);

// kToldInTruth is the word {told_in_truth} of a kind whose rows stand in {truth} and {hidden}: what
// `later` feeds wrote there, and what they ended without writing anything.
inline constexpr char kToldInTruth[] = R"(
  SELECT x.{reference_column} FROM later f JOIN {truth} x ON x.feed_id = f.feed_id
  WHERE x.{party_column} = {party}
  UNION ALL
  SELECT x.{reference_column} FROM later f JOIN {truth} x
    ON x.{party_column} = {party} AND x.known_to = f.published_at
  UNION ALL
  SELECT x.{reference_column} FROM later f JOIN {hidden} x ON x.feed_id = f.feed_id
  WHERE x.{party_column} = {party}
  UNION ALL
  SELECT x.{reference_column} FROM later f JOIN {hidden} x
    ON x.{party_column} = {party} AND x.known_to = f.published_at)";

}  // namespace kakunin
