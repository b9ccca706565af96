-- Creates: which servers keep, in a file of their own, the audit rows that they last saw committed.
-- Changes: nothing.
-- Locks: nothing that is in use.
-- Previous binary: works, and is not in it.

SET LOCAL ROLE kakunin_owner;

-- A server that has no file is new here, or has lost it. Only the database can tell: one that is in
-- this table had a file.
CREATE TABLE kakunin.audit_head_keeper (
  server text NOT NULL,  -- its machine's name and the file's path
  PRIMARY KEY (server)
);
GRANT SELECT, INSERT ON kakunin.audit_head_keeper
  TO kakunin_terminal, kakunin_insurer, kakunin_operator, kakunin_onboarding;
