-- Creates: what certificates of callers were revoked; what CRLs once listed.
-- Changes: rights only. A link that was only named as the one replaced gets its medium when it comes
--   itself; the timed jobs' role links cards on their first use.
-- Locks: the rows of the catalogue that hold the rights of four tables, for an instant; no table.
-- Previous binary: works. What it revokes is known from the terminal's row; only a revoked
--   certificate that it replaces itself is not remembered: let no terminal be registered again
--   before every operators' server is a new one.

SET LOCAL ROLE kakunin_owner;

-- A link may name an older card before that one's own link comes: it then stands here superseded,
-- with medium 0.
GRANT UPDATE (medium) ON kakunin.card_link TO kakunin_operator;

-- Certificates of callers that were revoked and then replaced in their row; kept for ever, so that
-- none comes back. A certificate that is revoked and not replaced shows in its own row.
CREATE TABLE kakunin.revoked_certificate (
  fingerprint bytea       NOT NULL PRIMARY KEY CHECK (octet_length(fingerprint) = 32),
  revoked_at  timestamptz          -- null: of a party, whose row has no instant
);
GRANT SELECT, INSERT ON kakunin.revoked_certificate TO kakunin_operator;

-- What the CRLs of one partition listed, so that a CA that drops an expired certificate from its
-- CRL does not make any server forget that it was revoked. One row a partition, locked while a
-- server adds to it.
CREATE TABLE kakunin.crl_memory (
  issuer_key_id bytea NOT NULL CHECK (octet_length(issuer_key_id) = 32),
  point         bytea NOT NULL,  -- encoded name of the distribution point; empty: a full CRL
  octets        bytea NOT NULL,  -- EncodeCrlMemory of auth/crl_memory.h; empty: nothing yet
  PRIMARY KEY (issuer_key_id, point)
);
-- Random numbers do not compress.
ALTER TABLE kakunin.crl_memory ALTER COLUMN octets SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, UPDATE (octets) ON kakunin.crl_memory TO kakunin_terminal;

-- A card is linked on its first use by what the register of residents says. The terminal port's role
-- must not be able to say who somebody is, nor its process be able to register callers: the links
-- are written by the timed jobs' role.
GRANT SELECT, INSERT ON kakunin.person, kakunin.person_number TO kakunin_job;
GRANT INSERT ON kakunin.answer TO kakunin_job;
GRANT SELECT, INSERT,
      UPDATE (medium, superseded_at, superseded_by_issuer_key_id, superseded_by_serial)
  ON kakunin.card_link TO kakunin_job;
