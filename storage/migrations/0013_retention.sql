-- Creates: what was dropped when its time was over, and where the audit begins since; an index of the
--   e-prescription twins.
-- Changes: rights. `kakunin retention` runs as kakunin_migrate: whole months go as their owner, rows
--   as the job's role. The terminal port reads records from the truth while a copy has another format.
-- Locks: receipt against writers while the index is built, of which few rows are part.
-- Previous binary: works.

-- Whoever drops months must not be a role that a server can log in as: a server that was taken over
-- could make the past vanish. So it is the migrating role, which puts on the job's rights for rows.
DO $$
BEGIN
  IF NOT pg_has_role('kakunin_migrate', 'kakunin_job', 'MEMBER') THEN
    GRANT kakunin_job TO kakunin_migrate;
  END IF;
END
$$;

SET LOCAL ROLE kakunin_owner;

-- One row a `kakunin retention apply --commit`.
CREATE TABLE kakunin.retention_run (
  run_id   uuid        NOT NULL PRIMARY KEY,
  day      date        NOT NULL,  -- JST, on which the rules were read
  by_whom  text        NOT NULL,  -- user of the operating system
  began_at timestamptz NOT NULL,
  ended_at timestamptz,           -- null: not ended; the next one of the same day goes on with it
  reached  uuid        NOT NULL   -- persons up to this one are done
);

-- What a run dropped: a month's partition, or rows of a table; written with the drop.
CREATE TABLE kakunin.retention_drop (
  run_id     uuid        NOT NULL,
  kind       smallint    NOT NULL,  -- RetainedKind of domain/retention.h
  object     text        NOT NULL,  -- the partition or the table
  month      date,                  -- of a partition
  first_kept date        NOT NULL,  -- what is reckoned from an earlier day went
  row_count  bigint      NOT NULL,
  rule       text        NOT NULL,
  at         timestamptz NOT NULL,  -- of the last drop that it counts
  PRIMARY KEY (run_id, kind, object)
);

-- The last row of a stream that went with its month: the chain is verified from the one after it.
CREATE TABLE kakunin.audit_anchor (
  stream uuid        NOT NULL PRIMARY KEY,
  number bigint      NOT NULL,
  hash   bytea       NOT NULL CHECK (octet_length(hash) = 32),
  run_id uuid        NOT NULL,
  at     timestamptz NOT NULL
);

-- Twins go after 100 days, the receipts beside them after years: without it every one is read.
CREATE INDEX receipt_twin ON kakunin.receipt (person_id) WHERE source <> 1;

GRANT SELECT ON kakunin.retention_run, kakunin.retention_drop, kakunin.audit_anchor
  TO kakunin_auditor;
GRANT SELECT ON kakunin.receipt, kakunin.health_check TO kakunin_terminal;
GRANT DELETE ON kakunin.coverage TO kakunin_job;
GRANT SELECT, DELETE
  ON kakunin.coverage_by_reference, kakunin.hidden_coverage, kakunin.insured_lookup,
     kakunin.receipt, kakunin.consent_act, kakunin.consent_end
  TO kakunin_job;
GRANT INSERT, UPDATE ON kakunin.month_record TO kakunin_job;
