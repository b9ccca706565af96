-- Creates: nothing.
-- Changes: rights only. A link that was only named as the one replaced gets its medium when it comes
--   itself.
-- Locks: the rows of the catalogue that hold its rights, for an instant; no table.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

-- A link may name an older card before that one's own link comes: it then stands here superseded,
-- with medium 0.
GRANT UPDATE (medium) ON kakunin.card_link TO kakunin_operator;
