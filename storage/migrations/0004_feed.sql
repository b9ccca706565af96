-- Creates: deliveries of insurers, their chunks and findings. The staged rows stand beside the
--   truth they become (0003).
-- Locks: nothing that exists.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

CREATE TABLE kakunin.feed (
  insurer_number text        NOT NULL,
  feed_id        uuid        NOT NULL,
  kind           smallint    NOT NULL,
  feed_number    bigint      NOT NULL,
  state          smallint    NOT NULL,
  next_chunk     bigint      NOT NULL,
  row_count      bigint      NOT NULL,
  began_at       timestamptz NOT NULL,
  changed_at     timestamptz NOT NULL,  -- of the last change of state
  published_at   timestamptz,
  new_rows       bigint      NOT NULL,
  changed_rows   bigint      NOT NULL,
  lost_rows      bigint      NOT NULL,
  unchanged_rows bigint      NOT NULL,
  hidden_rows    bigint      NOT NULL,
  refused_rows   bigint      NOT NULL,
  new_persons    bigint      NOT NULL,
  PRIMARY KEY (insurer_number, feed_id),
  UNIQUE (insurer_number, kind, feed_number)
);
CREATE INDEX feed_by_id ON kakunin.feed (feed_id);

CREATE TABLE kakunin.feed_chunk (
  feed_id      uuid   NOT NULL,
  chunk_number bigint NOT NULL,
  digest       bytea  NOT NULL CHECK (octet_length(digest) = 32),
  rows         bigint NOT NULL,
  refused      bigint NOT NULL,
  PRIMARY KEY (feed_id, chunk_number)
);

-- Why a row was refused or hidden; never the row's values.
CREATE TABLE kakunin.feed_finding (
  feed_id            uuid    NOT NULL,
  chunk_number       bigint  NOT NULL,
  row_index          integer NOT NULL,
  field              text    NOT NULL,
  coverage_reference text    NOT NULL,
  reason             text    NOT NULL,
  hidden             boolean NOT NULL,
  PRIMARY KEY (feed_id, chunk_number, row_index, field)
);

GRANT SELECT, INSERT, UPDATE ON kakunin.feed TO kakunin_insurer;
GRANT SELECT, INSERT ON kakunin.feed_chunk, kakunin.feed_finding TO kakunin_insurer;
