-- Creates: a count of the changes of person_protection, so that lanes keep the protected in memory and
--   every look-up proves that memory current, instead of probing the table for every answer.
-- Locks: person_protection, exclusively for a moment (a column with a constant default, an index).
-- Previous binary: works, but its operator port cannot protect a patient any more (INTERNAL): lanes of
--   this version would not see it.

SET LOCAL ROLE kakunin_owner;

-- One row. Every write of person_protection increments it first, so that writers queue on it and rows
-- are stamped in the order of their commits: a reader who saw generation g has every row up to g.
CREATE TABLE kakunin.protection_generation (
  only_row   boolean NOT NULL PRIMARY KEY CHECK (only_row),
  generation bigint  NOT NULL
);
INSERT INTO kakunin.protection_generation VALUES (true, 1);

-- Rows are never deleted: a protection that ended is a row of two false flags. Without a default: a
-- writer that does not count is refused.
ALTER TABLE kakunin.person_protection ADD COLUMN generation bigint NOT NULL DEFAULT 1;
ALTER TABLE kakunin.person_protection ALTER COLUMN generation DROP DEFAULT;
CREATE INDEX person_protection_generation ON kakunin.person_protection (generation);

GRANT SELECT ON kakunin.protection_generation TO kakunin_terminal, kakunin_operator;
GRANT UPDATE (generation) ON kakunin.protection_generation TO kakunin_operator;
