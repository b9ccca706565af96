-- Changes: rights. The terminal port's role, which keeps for good that a forgotten card was revoked
--   (0040), sees which links deliveries have made: one that was undone meanwhile may come again.
-- Locks: nothing.
-- Previous binary: works; of a card whose link is undone it keeps nothing when its memory forgets it.

SET LOCAL ROLE kakunin_owner;

GRANT SELECT ON kakunin.card_link_change TO kakunin_terminal;
