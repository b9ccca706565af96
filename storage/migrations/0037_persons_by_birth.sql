-- Creates: the way to persons by birth date and sex, for the search by four items in abnormal times. Name
--   and address are compared in C++ (identity_spelling.h), among those born on a day.
-- Locks: coverage against writes while the index is built, minutes where there are hundreds of millions
--   of rows: no feed is published meanwhile, desks read on.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

CREATE INDEX coverage_birth ON kakunin.coverage (birth_date, sex)
  WHERE known_to IS NULL AND visible;
