-- Creates: which servers keep, in a file of their own, the audit rows that they last saw committed;
--   whom the refused rows of a feed are about.
-- Changes: a finding may be of a row that is taken all the same.
-- Locks: feed_finding for a moment.
-- Previous binary: works; it is not among the keepers, takes other rows of a person of whom one is
--   refused, and leaves the numbers of feeds that it publishes.

SET LOCAL ROLE kakunin_owner;

-- A server that has no file is new here, or has lost it. Only the database can tell: one that is in
-- this table had a file.
CREATE TABLE kakunin.audit_head_keeper (
  server text NOT NULL,  -- its machine's name and the file's path
  PRIMARY KEY (server)
);
GRANT SELECT, INSERT ON kakunin.audit_head_keeper
  TO kakunin_terminal, kakunin_insurer, kakunin_operator, kakunin_onboarding;

-- Rows that were refused when they were pushed are not staged: of them the keyed hashes of their
-- individual numbers, until the feed is published or given up. No other row about them is taken.
CREATE TABLE kakunin.feed_refused_number (
  feed_id     uuid  NOT NULL,
  number_hash bytea NOT NULL CHECK (octet_length(number_hash) = 32),
  PRIMARY KEY (feed_id, number_hash)
);
GRANT SELECT, INSERT, DELETE ON kakunin.feed_refused_number TO kakunin_insurer;

ALTER TABLE kakunin.feed_finding ADD COLUMN noted boolean;  -- null: false
