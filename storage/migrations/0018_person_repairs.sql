-- Creates: repairs of who is who (merges, splits, replaced numbers), what each moved, which reference
--   leads to whom since, and which facilities had been shown somebody else's data; the ways from a
--   person to numbers and cards.
-- Changes: rights of the operators' port, which applies repairs.
-- Locks: person_number and card_link against writes while an index of each is built (about 1 s a
--   million rows). On a large installation make both beforehand with CREATE INDEX CONCURRENTLY, by
--   the same names: they are then taken over.
-- Previous binary: works, until the first repair is applied: its feeds and card links do not hold
--   repairs off, and its undo brings a row back to whom it was of before.

SET LOCAL ROLE kakunin_owner;

-- A repair is proposed by one operator and applied by another, or withdrawn.
CREATE TABLE kakunin.person_repair (
  repair_id     uuid        NOT NULL PRIMARY KEY,
  kind          smallint    NOT NULL,  -- RepairKind of domain/person_repair.h
  state         smallint    NOT NULL,  -- RepairState
  person_id     uuid        NOT NULL,  -- who stays, who is split, whose number it is
  other_id      uuid,                  -- who is given up, to whom a split leads; null: a number's
  undoes        uuid,                  -- a split: the merge whose rows go back
  only_named    boolean     NOT NULL,
  number_from   bytea,                 -- a number's: keyed hashes, and the law's day
  number_to     bytea,
  number_key_id text,
  replaced_on   date,
  case_id       uuid,                  -- that the proposal opened
  proposed_at   timestamptz NOT NULL,
  proposed_by   text        NOT NULL,  -- operator
  proposed_name text        NOT NULL,  -- who there decided, by the operator's own name
  decided_at    timestamptz,
  decided_by    text,
  decided_name  text,
  CHECK ((state = 1) = (decided_at IS NULL)),
  CHECK (num_nulls(decided_at, decided_by, decided_name) IN (0, 3)),
  CHECK (state <> 2 OR decided_by <> proposed_by),
  CHECK (num_nulls(number_from, number_to, number_key_id, replaced_on) = CASE kind WHEN 3 THEN 0 ELSE 4 END)
);
CREATE INDEX person_repair_waiting ON kakunin.person_repair (proposed_at) WHERE state = 1;

-- What the proposal of a split named, by kind (HeldKind) and the columns that name such a row.
CREATE TABLE kakunin.person_repair_named (
  repair_id     uuid     NOT NULL,
  ordinal       integer  NOT NULL,
  kind          smallint NOT NULL,
  party         text,
  reference     text,
  number_hash   bytea,
  number_key_id text,
  issuer_key_id bytea,
  serial        bytea,
  PRIMARY KEY (repair_id, ordinal)
);

-- Every row that a repair moved, and from whom to whom. Tables without known periods are changed in
-- place, so that this is what explains them.
CREATE TABLE kakunin.person_repair_move (
  repair_id       uuid        NOT NULL,
  ordinal         integer     NOT NULL,
  kind            smallint    NOT NULL,  -- HeldKind
  effect          smallint    NOT NULL,  -- MoveEffect
  from_person     uuid        NOT NULL,
  to_person       uuid        NOT NULL,
  party           text,                  -- coverage, record
  reference       text,
  month           date,                  -- record
  number_hash     bytea,
  number_key_id   text,
  issuer_key_id   bytea,                 -- card
  serial          bytea,
  at              timestamptz,           -- consent, its end
  stream          uuid,
  number          bigint,
  facility_code   text,
  form_of_care    smallint,
  appointment_day date,
  kinds           smallint,
  PRIMARY KEY (repair_id, ordinal)
);

-- To whom a party's own reference was moved, and when: an undo of a feed brings a row back to whoever
-- it is of by now, and the past asks whose it was.
CREATE TABLE kakunin.repaired_reference (
  party       text        NOT NULL,
  kind        smallint    NOT NULL,  -- HeldKind
  reference   text        NOT NULL,
  moved_at    timestamptz NOT NULL,
  from_person uuid        NOT NULL,
  to_person   uuid        NOT NULL,
  PRIMARY KEY (party, kind, reference, moved_at)
);
CREATE INDEX repaired_reference_to ON kakunin.repaired_reference (to_person);

-- How many repairs were applied, and when the last one: what was judged before is looked at again,
-- and what is known after comes after.
CREATE TABLE kakunin.person_repair_progress (
  only_row boolean     NOT NULL PRIMARY KEY CHECK (only_row),
  applied  bigint      NOT NULL,
  last_at  timestamptz           -- null: none was
);
INSERT INTO kakunin.person_repair_progress VALUES (true, 0, NULL);

-- Facilities that were shown, about one person, what is another's since a split: each gets a notice.
CREATE TABLE kakunin.repair_exposure (
  facility_code text        NOT NULL,
  repair_id     uuid        NOT NULL,
  day           date        NOT NULL,  -- JST, of the calls
  what          smallint    NOT NULL,  -- 1 eligibility, 2 records
  calls         bigint      NOT NULL,
  last_at       timestamptz NOT NULL,
  PRIMARY KEY (facility_code, repair_id, day, what)
);
CREATE INDEX repair_exposure_of ON kakunin.repair_exposure (repair_id);

-- Notes them for the rows that the repair's moves name, from what was known of those at the instant
-- of each call. It runs as the owner: no operator needs to read who asked for whom. An answer about a
-- person shows everything of theirs that is known, so that every call counts that could have shown it.
CREATE FUNCTION kakunin.note_repair_exposures(repair uuid) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH moved AS MATERIALIZED (
    SELECT m.kind, m.from_person, v.known_from, v.known_to
    FROM kakunin.person_repair_move m
    JOIN kakunin.coverage v ON v.person_id = m.from_person AND v.insurer_number = m.party
      AND v.coverage_reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 2
    UNION ALL
    SELECT m.kind, m.from_person, v.known_from, v.known_to
    FROM kakunin.person_repair_move m
    JOIN kakunin.receipt v ON v.person_id = m.from_person AND v.month = m.month
      AND v.pushed_by = m.party AND v.reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 6
    UNION ALL
    SELECT m.kind, m.from_person, v.known_from, v.known_to
    FROM kakunin.person_repair_move m
    JOIN kakunin.health_check v ON v.person_id = m.from_person AND v.month = m.month
      AND v.pushed_by = m.party AND v.reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 7),
  calls AS (
    SELECT c.facility_code, c.at, 1::smallint AS what FROM kakunin.confirmation c
    WHERE c.person_id IN (SELECT from_person FROM moved) AND EXISTS
      (SELECT FROM moved m WHERE m.kind = 2 AND m.from_person = c.person_id
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
REVOKE ALL ON FUNCTION kakunin.note_repair_exposures FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.note_repair_exposures TO kakunin_operator;

CREATE INDEX IF NOT EXISTS person_number_person ON kakunin.person_number (person_id);
CREATE INDEX IF NOT EXISTS card_link_person ON kakunin.card_link (person_id);

GRANT SELECT, INSERT, UPDATE (state, decided_at, decided_by, decided_name)
  ON kakunin.person_repair TO kakunin_operator;
GRANT SELECT, INSERT ON kakunin.person_repair_named, kakunin.person_repair_move,
  kakunin.repaired_reference TO kakunin_operator;
GRANT SELECT, UPDATE (applied, last_at) ON kakunin.person_repair_progress TO kakunin_operator;
GRANT SELECT ON kakunin.repair_exposure TO kakunin_operator;
GRANT SELECT ON kakunin.repaired_reference, kakunin.person_repair_progress TO kakunin_insurer;

-- A repair closes known periods as a feed does, and makes the copies anew.
GRANT INSERT, UPDATE (known_to) ON kakunin.coverage TO kakunin_operator;
GRANT SELECT, INSERT, UPDATE (known_to) ON kakunin.receipt, kakunin.health_check
  TO kakunin_operator;
GRANT SELECT, UPDATE ON kakunin.answer TO kakunin_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON kakunin.month_record TO kakunin_operator;
GRANT INSERT, DELETE ON kakunin.insured_lookup TO kakunin_operator;
-- What has no known period changes hands, and nothing else of it.
GRANT UPDATE (person_id) ON kakunin.person_number, kakunin.card_link TO kakunin_operator;
GRANT UPDATE (person_id, row_hash) ON kakunin.coverage_by_reference TO kakunin_operator;
GRANT SELECT, UPDATE (person_id)
  ON kakunin.receipt_by_reference, kakunin.health_check_by_reference, kakunin.consent_act
  TO kakunin_operator;
GRANT SELECT, INSERT ON kakunin.consent_end TO kakunin_operator;
