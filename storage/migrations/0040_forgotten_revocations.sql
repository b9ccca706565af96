-- Creates: revoked cards that the memory of CRLs (0007) has forgotten, so that what was agreed to with
--   one stays as it is.
-- Locks: nothing that exists.
-- Previous binary: works; it does not look here, and what it forgets meanwhile is forgotten.

SET LOCAL ROLE kakunin_owner;

-- Written by the transaction that forgets the serial, of cards alone that are linked: with no other
-- was anything agreed to. No row ends: a consent for home visits has no end, and links have none.
CREATE TABLE kakunin.forgotten_revocation (
  issuer_key_id bytea       NOT NULL CHECK (octet_length(issuer_key_id) = 32),
  serial        bytea       NOT NULL,
  until         timestamptz NOT NULL,  -- a certificate that ended before it was revoked
  PRIMARY KEY (issuer_key_id, serial)
);
GRANT SELECT, INSERT, UPDATE (until) ON kakunin.forgotten_revocation TO kakunin_terminal;
