-- Creates: by which individual number another was replaced, and from which day on.
-- Locks: person_number against everything, for an instant: nothing of it is read or rewritten.
-- Previous binary: works; it asks whose a number is or was, and that stays one row by its hash.

SET LOCAL ROLE kakunin_owner;

-- A replaced number leads to its person for ever: insurers and cards may still tell it. known_to is
-- when we learnt of the change, replaced_on the law's day: the first on which it was not the
-- person's number any more.
ALTER TABLE kakunin.person_number
  ADD COLUMN replaced_by bytea,
  ADD COLUMN replaced_on date;
-- Older rows hold none of the three, so they need not be read again.
ALTER TABLE kakunin.person_number ADD CONSTRAINT person_number_replaced
  CHECK (num_nulls(known_to, replaced_by, replaced_on) IN (0, 3)) NOT VALID;

GRANT UPDATE (known_to, replaced_by, replaced_on) ON kakunin.person_number TO kakunin_operator;
