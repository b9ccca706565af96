-- Creates: what facilities call their patients by (照会番号), and which facilities do so at all.
-- Locks: nothing that exists.
-- Previous binary: works; it answers without the numbers, and its repairs of who is who leave them
--   where they are.

SET LOCAL ROLE kakunin_owner;

-- On the person, not on a coverage or a card: it outlives both.
CREATE TABLE kakunin.reference_number (
  person_id     uuid        NOT NULL,
  facility_code text        NOT NULL,
  number        text        COLLATE "C" NOT NULL,  -- as the facility writes it
  created_at    timestamptz NOT NULL,
  stream        uuid        NOT NULL,  -- the audit row of who set it
  audit_number  bigint      NOT NULL,
  PRIMARY KEY (person_id, facility_code, number),
  CHECK (char_length(number) BETWEEN 1 AND 50)
);

-- Facilities that have ever set one, so that answers to all others look for none. Rows are never
-- deleted. What changes a facility's numbers holds its row until the commit.
CREATE TABLE kakunin.reference_number_facility (
  facility_code text   NOT NULL PRIMARY KEY,
  generation    bigint NOT NULL,
  -- Patients named by number in batches on that day (JST), and those of them whom nobody was:
  -- guessing is noticed by it.
  counted_on    date   NOT NULL,
  asked         bigint NOT NULL,
  not_found     bigint NOT NULL
);
CREATE INDEX reference_number_facility_generation
  ON kakunin.reference_number_facility (generation);

-- One row. A new facility increments it first, so that writers queue on it and rows are stamped in
-- the order of their commits: a reader who saw generation g finds every facility up to g.
CREATE TABLE kakunin.reference_number_generation (
  only_row   boolean NOT NULL PRIMARY KEY CHECK (only_row),
  generation bigint  NOT NULL
);
INSERT INTO kakunin.reference_number_generation VALUES (true, 0);

GRANT SELECT, INSERT, DELETE ON kakunin.reference_number TO kakunin_terminal;
GRANT SELECT, INSERT, UPDATE (counted_on, asked, not_found)
  ON kakunin.reference_number_facility TO kakunin_terminal;
GRANT SELECT, UPDATE (generation) ON kakunin.reference_number_generation TO kakunin_terminal;
-- Repairs of who is who move them.
GRANT SELECT, INSERT, DELETE ON kakunin.reference_number TO kakunin_operator;
