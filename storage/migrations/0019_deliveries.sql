-- Creates: how far each party has delivered (told to whoever finds nobody), and how late what a feed
--   published was.
-- Changes: nothing.
-- Locks: nothing that is in use.
-- Previous binary: works; feeds that it publishes do not move the progress on, so that terminals may
--   be told of a delay that is none until the next one is published.

SET LOCAL ROLE kakunin_owner;

-- When the last of a party's published feeds of a kind began: what happened before may be known.
CREATE TABLE kakunin.delivery_progress (
  party   text        NOT NULL,
  kind    smallint    NOT NULL,  -- FeedKind
  through timestamptz,           -- null: every feed that was published is undone
  PRIMARY KEY (party, kind)
);
INSERT INTO kakunin.delivery_progress (party, kind, through)
SELECT insurer_number, kind, max(began_at) FROM kakunin.feed
WHERE published_at IS NOT NULL AND undone_at IS NULL GROUP BY insurer_number, kind;

-- Of what a feed published of coverages: how many days after the fact. A party's first delivery is
-- not counted: it tells of years.
CREATE TABLE kakunin.feed_lag (
  insurer_number text     NOT NULL,
  feed_id        uuid     NOT NULL,
  event          smallint NOT NULL,  -- CoverageEvent of domain/delivery.h
  lag            smallint NOT NULL,  -- index into kLagBounds
  rows           bigint   NOT NULL,
  PRIMARY KEY (insurer_number, feed_id, event, lag)
);

GRANT SELECT, INSERT, UPDATE (through) ON kakunin.delivery_progress TO kakunin_insurer;
GRANT SELECT, INSERT, UPDATE (rows) ON kakunin.feed_lag TO kakunin_insurer;
GRANT SELECT ON kakunin.delivery_progress TO kakunin_terminal;
