-- Creates: bulk inquiries: lists of a facility, their rows as they wait, and the answers.
-- Changes: nothing.
-- Locks: nothing that is in use.
-- Previous binary: works; it neither takes nor runs lists.

SET LOCAL ROLE kakunin_owner;

CREATE TABLE kakunin.bulk_inquiry (
  -- The reception number: a keyed hash of the next two, so that a list is begun once.
  bulk_id        uuid        NOT NULL PRIMARY KEY,
  facility_code  text        NOT NULL,
  request_id     uuid        NOT NULL,  -- the facility's own name of the list
  header_digest  uuid        NOT NULL,  -- keyed, of the header
  terminal_id    text        NOT NULL,  -- who sent it: every row is asked in its name
  facility_user  text        NOT NULL,
  role           smallint    NOT NULL,
  day            date        NOT NULL,  -- asked about
  form_of_care   smallint    NOT NULL,
  state          smallint    NOT NULL,  -- BulkState of domain/bulk_inquiry.h
  reason         text        NOT NULL,  -- why it was stopped; else empty
  began_at       timestamptz NOT NULL,
  touched_at     timestamptz NOT NULL,  -- its last chunk, its end, or its last change of state
  chunks         bigint      NOT NULL,  -- received
  rows           bigint      NOT NULL,  -- received
  answered       bigint      NOT NULL,  -- rows, in their order
  errors         bigint      NOT NULL,  -- of them
  not_found      bigint      NOT NULL   -- of them
);
CREATE INDEX bulk_inquiry_facility ON kakunin.bulk_inquiry (facility_code);
CREATE INDEX bulk_inquiry_running ON kakunin.bulk_inquiry (touched_at) WHERE state = 2;

-- The digests of chunks as they came, so that one that is sent again is known.
CREATE TABLE kakunin.bulk_chunk (
  bulk_id uuid   NOT NULL,
  number  bigint NOT NULL,
  digest  uuid   NOT NULL,  -- keyed
  PRIMARY KEY (bulk_id, number)
);

-- A round of rows: kakunin.stored.v1.BulkRows.
CREATE TABLE kakunin.bulk_rows (
  bulk_id   uuid    NOT NULL,
  first_row bigint  NOT NULL,  -- from 1
  rows      integer NOT NULL,
  octets    bytea   NOT NULL,
  PRIMARY KEY (bulk_id, first_row)
);
-- Hashes do not compress.
ALTER TABLE kakunin.bulk_rows ALTER COLUMN octets SET STORAGE EXTERNAL;

-- Answers of rows that follow one another: kakunin.stored.v1.BulkResults. Written with their audit
-- rows; the key keeps a row from being answered twice.
CREATE TABLE kakunin.bulk_results (
  bulk_id   uuid    NOT NULL,
  first_row bigint  NOT NULL,
  rows      integer NOT NULL,
  octets    bytea   NOT NULL,
  PRIMARY KEY (bulk_id, first_row)
);
-- Answers of a round repeat each other: a third of the octets, of the log and of what a checkpoint
-- writes. A PostgreSQL that was built without LZ4 compresses with its own, at more CPU.
DO $$
BEGIN
  ALTER TABLE kakunin.bulk_results ALTER COLUMN octets SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  NULL;
END
$$;

GRANT SELECT, INSERT, DELETE ON kakunin.bulk_inquiry, kakunin.bulk_chunk, kakunin.bulk_rows,
  kakunin.bulk_results TO kakunin_terminal;
GRANT UPDATE (state, reason, touched_at, chunks, rows, answered, errors, not_found)
  ON kakunin.bulk_inquiry TO kakunin_terminal;
GRANT SELECT, DELETE ON kakunin.bulk_inquiry, kakunin.bulk_chunk, kakunin.bulk_rows,
  kakunin.bulk_results TO kakunin_job;
