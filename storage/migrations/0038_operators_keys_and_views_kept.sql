-- Changes: an operator's key is known by its owner, and is nobody else's: one key under two names could
--   approve what it has proposed. Views of abnormal times are dropped with the months of the looks at
--   records that they opened.
-- Locks: party for a moment (a column without values, an index of a few rows).
-- Previous binary: works; operators that it registers have no key known.

SET LOCAL ROLE kakunin_owner;

-- SHA-256 of the certificate's key. Null: registered before, until it is registered again.
ALTER TABLE kakunin.party ADD COLUMN key_fingerprint bytea CHECK (octet_length(key_fingerprint) = 32);
CREATE UNIQUE INDEX party_operator_key ON kakunin.party (key_fingerprint) WHERE kind = 3;

GRANT SELECT, DELETE ON kakunin.abnormal_times_view TO kakunin_job;
