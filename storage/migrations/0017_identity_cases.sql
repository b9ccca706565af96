-- Creates: cases of persons who may be mistaken for somebody else, whom they concern, and what a
--   coverage that disagrees with the register of residents is kept with.
-- Locks: the staged and the hidden coverages for a moment (columns).
-- Previous binary: works; what it publishes is compared with no register and opens no case.

SET LOCAL ROLE kakunin_owner;

-- A case is opened once and ended once; what comes up again is another case. Nothing here is
-- personal in clear: the row is named by its party's reference, the number by its keyed hash.
CREATE TABLE kakunin.identity_case (
  case_id            uuid        NOT NULL PRIMARY KEY,
  kind               smallint    NOT NULL,  -- IdentityCaseKind of domain/identity_case.h
  reason             text        NOT NULL,  -- UPPER_SNAKE
  fields             smallint    NOT NULL,  -- IdentityFields that disagree; 0: none was compared
  insurer_number     text,                  -- whose row it came from; null: from none
  coverage_reference text,
  feed_id            uuid,                  -- the delivery of that row, and where it stood in it
  chunk_number       bigint,
  row_index          integer,
  identity_hash      uuid,                  -- keyed, of the number and of what the row says of whom
  opened_at          timestamptz NOT NULL,
  opened_by_kind     smallint    NOT NULL,
  opened_by          text        NOT NULL,
  state              smallint    NOT NULL,  -- 1 open, 2 released, 3 closed
  ended_at           timestamptz,
  ended_by_kind      smallint,
  ended_by           text,
  decided_by         text,                  -- who there decided, by the actor's own name
  CHECK ((state = 1) = (ended_at IS NULL)),
  CHECK (num_nulls(ended_at, ended_by_kind, ended_by, decided_by) IN (0, 4)),
  CHECK (num_nulls(insurer_number, coverage_reference, feed_id, chunk_number, row_index) IN (0, 5))
);
-- What a row's judgement looks at, and a party's list.
CREATE INDEX identity_case_of_row ON kakunin.identity_case (insurer_number, coverage_reference);
CREATE INDEX identity_case_open ON kakunin.identity_case (opened_at, case_id) WHERE state = 1;

-- Whose records are withheld while the case is open, and whose eligibility is answered with a
-- warning.
CREATE TABLE kakunin.identity_case_person (
  person_id uuid        NOT NULL,
  case_id   uuid        NOT NULL,
  ended_at  timestamptz,  -- of the case
  PRIMARY KEY (person_id, case_id)
);
CREATE INDEX identity_case_person_of_case ON kakunin.identity_case_person (case_id);
CREATE INDEX identity_case_person_open ON kakunin.identity_case_person (person_id)
  WHERE ended_at IS NULL;

-- How often the set of those persons has changed: written last in the transaction that changes it,
-- so that a reader who saw generation g has every person of it.
CREATE TABLE kakunin.identity_case_generation (
  only_row   boolean NOT NULL PRIMARY KEY CHECK (only_row),
  generation bigint  NOT NULL
);
INSERT INTO kakunin.identity_case_generation VALUES (true, 0);

-- What the comparison with the register of residents came to: null: it agrees, or was not asked.
-- Bits as in identity_case.fields, 32 for a number that the register does not know.
ALTER TABLE kakunin.feed_coverage_row
  ADD COLUMN identity_fields smallint,
  ADD COLUMN identity_hash   uuid;
-- A row that is hidden for it keeps its number's hash, so that it can be released.
ALTER TABLE kakunin.hidden_coverage
  ADD COLUMN number_hash     bytea,
  ADD COLUMN number_key_id   text,
  ADD COLUMN identity_fields smallint,
  ADD COLUMN identity_hash   uuid;

GRANT SELECT, INSERT, UPDATE (state, ended_at, ended_by_kind, ended_by, decided_by)
  ON kakunin.identity_case TO kakunin_insurer, kakunin_operator;
GRANT SELECT, INSERT, UPDATE (ended_at)
  ON kakunin.identity_case_person TO kakunin_insurer, kakunin_operator;
GRANT SELECT, UPDATE (generation)
  ON kakunin.identity_case_generation TO kakunin_insurer, kakunin_operator;
GRANT SELECT ON kakunin.identity_case_person, kakunin.identity_case_generation
  TO kakunin_terminal;
