-- Creates: which secret keys the rows of this database were made with.
-- Locks: nothing that exists.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

-- Look-up hashes and hashes of individual numbers find nothing under another key: a server started
-- with the wrong file would answer "not insured" about everybody. One row a purpose instead of an id in
-- each of the 240 million look-up rows, which are all made with one key.
CREATE TABLE kakunin.installation_key (
  purpose smallint NOT NULL PRIMARY KEY,  -- KeyPurpose of storage/installation_key_store.h
  key_id  text     NOT NULL               -- SecretKeyId of auth/key_file.h
);

GRANT SELECT, INSERT ON kakunin.installation_key
  TO kakunin_terminal, kakunin_insurer, kakunin_operator;
