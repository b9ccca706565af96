-- Creates: what judging a feed before it is visible finds, who released it, what was undone; the hash
--   of the row that a reference was last told by, and the ways from a feed to the rows it wrote.
-- Locks: feed, feed_chunk, the staged rows and the references for a moment (columns); coverages,
--   receipts, health checks and their hidden rows against writes while an index of each is built.
-- Previous binary: works; what it publishes is judged by no risk.

SET LOCAL ROLE kakunin_owner;

ALTER TABLE kakunin.feed
  ADD COLUMN corrected_rows bigint,    -- null: 0
  ADD COLUMN begun_rows     bigint,    -- rows that begin to run by it; null: of an older binary
  ADD COLUMN ended_rows     bigint,    -- rows that end by it; null: of an older binary
  ADD COLUMN judgement      integer,   -- how often it was judged; null: never
  ADD COLUMN risk_score     smallint,  -- 0 to 100, of the last judgement
  ADD COLUMN undone_at      timestamptz,
  ADD COLUMN truth_seen     bigint;    -- how often the party's feeds had changed the truth when it began
ALTER TABLE kakunin.feed_chunk
  ADD COLUMN implausible bigint,  -- rows whose values look like those of other columns; null: 0
  ADD COLUMN unchanged   bigint;  -- rows that told what is known and were not staged; null: 0

-- Why a feed's score is what it is (domain/feed_risk.h), of its last judgement.
CREATE TABLE kakunin.feed_risk (
  feed_id  uuid     NOT NULL,
  reason   text     NOT NULL,
  points   smallint NOT NULL,
  observed bigint   NOT NULL,
  base     bigint   NOT NULL,
  PRIMARY KEY (feed_id, reason)
);

-- A few rows of every verdict and the names of what they change; never the values.
CREATE TABLE kakunin.feed_sample (
  feed_id        uuid   NOT NULL,
  verdict        text   NOT NULL,
  reference      text   NOT NULL,
  changed_fields text[] NOT NULL,
  PRIMARY KEY (feed_id, verdict, reference)
);

-- Who let a quarantined feed go. A release is of one judgement: another needs another.
CREATE TABLE kakunin.feed_release (
  insurer_number text        NOT NULL,
  feed_id        uuid        NOT NULL,
  judgement      integer     NOT NULL,
  actor_kind     smallint    NOT NULL,  -- of the party, or an operator
  actor          text        NOT NULL,
  released_by    text        NOT NULL,  -- who there decided, by the actor's own name
  released_at    timestamptz NOT NULL,
  PRIMARY KEY (insurer_number, feed_id, judgement, actor_kind)
);

-- The rows of a chunk that told what is known already, for the judgement: removed with the staged.
CREATE TABLE kakunin.feed_unchanged (
  feed_id        uuid   NOT NULL,
  chunk_number   bigint NOT NULL,
  row_indexes    integer[] NOT NULL,
  row_references text[]    COMPRESSION lz4 NOT NULL,
  row_hashes     uuid[]    COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (feed_id, chunk_number)
);

-- The keyed hash of the row by which a reference became what it is; null: unknown, compare the row.
ALTER TABLE kakunin.coverage_by_reference ADD COLUMN row_hash uuid;
ALTER TABLE kakunin.feed_coverage_row ADD COLUMN row_hash uuid;
-- Records are not told again row by row: theirs stay null until they are.
ALTER TABLE kakunin.feed_receipt_row ADD COLUMN row_hash uuid;
ALTER TABLE kakunin.feed_health_check_row ADD COLUMN row_hash uuid;

-- Whom a reference named until the feed that had made it was undone.
CREATE TABLE kakunin.coverage_reference_past (
  insurer_number     text        NOT NULL,
  coverage_reference text        NOT NULL,
  person_id          uuid        NOT NULL,
  ended_at           timestamptz NOT NULL,
  PRIMARY KEY (insurer_number, coverage_reference, person_id, ended_at)
);

-- What a feed wrote, and what a party's feed closed at its instant: an undo begins from both.
CREATE INDEX coverage_by_feed ON kakunin.coverage (feed_id);
CREATE INDEX coverage_closed ON kakunin.coverage (insurer_number, known_to)
  WHERE known_to IS NOT NULL;
CREATE INDEX hidden_coverage_by_feed ON kakunin.hidden_coverage (feed_id);
CREATE INDEX hidden_coverage_closed ON kakunin.hidden_coverage (insurer_number, known_to)
  WHERE known_to IS NOT NULL;
CREATE INDEX receipt_by_feed ON kakunin.receipt (feed_id);
CREATE INDEX receipt_closed ON kakunin.receipt (pushed_by, known_to) WHERE known_to IS NOT NULL;
CREATE INDEX hidden_receipt_by_feed ON kakunin.hidden_receipt (feed_id);
CREATE INDEX hidden_receipt_closed ON kakunin.hidden_receipt (pushed_by, known_to)
  WHERE known_to IS NOT NULL;
CREATE INDEX health_check_by_feed ON kakunin.health_check (feed_id);
CREATE INDEX health_check_closed ON kakunin.health_check (pushed_by, known_to)
  WHERE known_to IS NOT NULL;
CREATE INDEX hidden_health_check_by_feed ON kakunin.hidden_health_check (feed_id);
CREATE INDEX hidden_health_check_closed ON kakunin.hidden_health_check (pushed_by, known_to)
  WHERE known_to IS NOT NULL;

GRANT SELECT, INSERT, DELETE
  ON kakunin.feed_risk, kakunin.feed_sample, kakunin.feed_unchanged TO kakunin_insurer;
-- Another judgement replaces the findings of the one before.
GRANT DELETE ON kakunin.feed_finding TO kakunin_insurer;
GRANT SELECT, INSERT ON kakunin.feed_release, kakunin.coverage_reference_past TO kakunin_insurer;
GRANT UPDATE (row_hash), DELETE ON kakunin.coverage_by_reference TO kakunin_insurer;
GRANT DELETE ON kakunin.receipt_by_reference, kakunin.health_check_by_reference TO kakunin_insurer;

-- An operator looks at what waits, releases it, and explains what was known.
GRANT SELECT ON kakunin.feed, kakunin.feed_risk, kakunin.coverage, kakunin.coverage_by_reference,
  kakunin.coverage_reference_past, kakunin.insured_lookup TO kakunin_operator;
GRANT SELECT, INSERT ON kakunin.feed_release TO kakunin_operator;
-- Retention takes it with the coverages.
GRANT SELECT, DELETE ON kakunin.coverage_reference_past TO kakunin_job;
