-- Creates: what a published change leaves to be looked through for notices, the notices of
--   facilities and their numbering; with each confirmation, how it was asked.
-- Replaces: note_repair_exposures, which counted confirmations by number that had shown nothing of
--   the other's.
-- Locks: confirmation for a moment (columns).
-- Previous binary: works; what it publishes gives no notices, and its confirmations do not say how
--   they were asked.

SET LOCAL ROLE kakunin_owner;

-- What decides whether a change alters an answer. Both null: of before this.
ALTER TABLE kakunin.confirmation
  ADD COLUMN asked_key uuid,      -- key_without_branch of the coverage asked for; null: by card
  ADD COLUMN opened    smallint;  -- 1 the limit certificate, 2 those of specific diseases, as a sum

-- One row a publication, undo or repair, written by its transaction; the timed jobs find the
-- notices afterwards, so that a million rows are published no slower.
CREATE TABLE kakunin.notice_work (
  work_id     uuid        NOT NULL PRIMARY KEY,
  kind        smallint    NOT NULL,  -- NoticeKind of domain/retroactive_notice.h
  insurer     text,                  -- whose rows changed; null: a repair's
  source      uuid        NOT NULL,  -- the feed, or the repair
  changed_at  timestamptz NOT NULL,  -- known_from of what it wrote, known_to of what it closed
  seen_at     timestamptz,           -- when the jobs first saw it: not before its commit
  gathered_at timestamptz,           -- when its persons were written down
  ended_at    timestamptz,           -- when all of them had been looked at
  tried_at    timestamptz,           -- when a step last failed: the others come first
  last_person uuid                   -- the last one written down; then, the last one looked at
);
CREATE INDEX notice_work_waiting ON kakunin.notice_work (tried_at NULLS FIRST, changed_at)
  WHERE ended_at IS NULL;

-- About whom answers may be others by a piece of work; a row goes when it has been looked at.
CREATE TABLE kakunin.notice_person (
  work_id       uuid NOT NULL,
  asked_person  uuid NOT NULL,  -- as in the confirmations
  before_person uuid NOT NULL,  -- whose coverages answered before the change,
  after_person  uuid NOT NULL,  -- and after it
  other_person  uuid,           -- to whom a split led rows of theirs
  PRIMARY KEY (work_id, asked_person)
);

-- The last number given to a facility's notices. Whoever writes some holds the row until the
-- commit, so that numbers are seen in their order and a stream resumes after the last it had.
CREATE TABLE kakunin.notice_counter (
  facility_code text   NOT NULL PRIMARY KEY,
  last          bigint NOT NULL
);

CREATE TABLE kakunin.notice (
  facility_code         text        NOT NULL,
  number                bigint      NOT NULL,
  found_at              timestamptz NOT NULL,
  work_id               uuid        NOT NULL,
  kind                  smallint    NOT NULL,  -- NoticeKind
  person_id             uuid        NOT NULL,  -- as asked
  day                   date        NOT NULL,  -- asked about, JST; of the calls, for another's data
  validity_before       smallint,              -- null: not about an answer
  validity_after        smallint,
  parts                 integer     NOT NULL,  -- NoticeParts
  asked_at              timestamptz NOT NULL,  -- of the last confirmation, or call
  stream                uuid,                  -- its audit id; null: of another's data
  audit_number          bigint,
  acknowledged_at       timestamptz,
  acknowledged_terminal text,
  acknowledged_by       text,                  -- the facility's user, as asserted
  PRIMARY KEY (facility_code, number),
  UNIQUE (facility_code, work_id, person_id, day, kind),
  CHECK (num_nulls(acknowledged_at, acknowledged_terminal, acknowledged_by) IN (0, 3)),
  CHECK (num_nulls(validity_before, validity_after, stream, audit_number) IN (0, 4))
);
CREATE INDEX notice_unread ON kakunin.notice (facility_code, number) WHERE acknowledged_at IS NULL;

GRANT INSERT ON kakunin.notice_work TO kakunin_insurer, kakunin_operator;
GRANT SELECT, UPDATE (seen_at, gathered_at, ended_at, tried_at, last_person), DELETE
  ON kakunin.notice_work TO kakunin_job;
GRANT SELECT, INSERT, DELETE ON kakunin.notice_person TO kakunin_job;
GRANT SELECT, INSERT, UPDATE (last) ON kakunin.notice_counter TO kakunin_job;
GRANT SELECT, INSERT, DELETE ON kakunin.notice TO kakunin_job;
-- What the work is found from.
GRANT SELECT ON kakunin.confirmation, kakunin.person_repair, kakunin.repair_exposure TO kakunin_job;

GRANT SELECT ON kakunin.notice_counter TO kakunin_terminal;
GRANT SELECT, UPDATE (acknowledged_at, acknowledged_terminal, acknowledged_by)
  ON kakunin.notice TO kakunin_terminal;

-- As before (0018), but an answer by number showed one coverage only: of confirmations by number
-- only those by the number of a coverage that moved. One that does not say how counts as by card.
CREATE OR REPLACE FUNCTION kakunin.note_repair_exposures(repair uuid) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH moved AS MATERIALIZED (
    SELECT m.kind, m.from_person, v.known_from, v.known_to, v.key_without_branch AS key
    FROM kakunin.person_repair_move m
    JOIN kakunin.coverage v ON v.person_id = m.from_person AND v.insurer_number = m.party
      AND v.coverage_reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 2
    UNION ALL
    SELECT m.kind, m.from_person, v.known_from, v.known_to, NULL
    FROM kakunin.person_repair_move m
    JOIN kakunin.receipt v ON v.person_id = m.from_person AND v.month = m.month
      AND v.pushed_by = m.party AND v.reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 6
    UNION ALL
    SELECT m.kind, m.from_person, v.known_from, v.known_to, NULL
    FROM kakunin.person_repair_move m
    JOIN kakunin.health_check v ON v.person_id = m.from_person AND v.month = m.month
      AND v.pushed_by = m.party AND v.reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 7),
  calls AS (
    SELECT c.facility_code, c.at, 1::smallint AS what FROM kakunin.confirmation c
    WHERE c.person_id IN (SELECT from_person FROM moved) AND EXISTS
      (SELECT FROM moved m WHERE m.kind = 2 AND m.from_person = c.person_id
       AND (c.asked_key IS NULL OR c.asked_key = m.key)
       AND m.known_from <= c.at AND (m.known_to IS NULL OR m.known_to > c.at))
    UNION ALL
    SELECT a.facility_code, a.at, 2::smallint FROM kakunin.record_access a
    WHERE a.person_id IN (SELECT from_person FROM moved) AND a.reason = '' AND EXISTS
      (SELECT FROM moved m WHERE m.kind <> 2 AND m.from_person = a.person_id
       AND m.known_from <= a.at AND (m.known_to IS NULL OR m.known_to > a.at))),
  noted AS (
    INSERT INTO kakunin.repair_exposure (facility_code, repair_id, day, what, calls, last_at)
    SELECT facility_code, repair, (at AT TIME ZONE 'Asia/Tokyo')::date, what, count(*), max(at)
    FROM calls GROUP BY 1, 2, 3, 4
    RETURNING 1)
  SELECT count(*) FROM noted;
END;
