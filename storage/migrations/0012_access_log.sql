-- Creates: the projection in which a facility's calls are listed, how far it is copied, and the
--   function that copies; a small index by instant of the confirmations, as record_access has one.
-- Locks: confirmation against writers while its BRIN index is built: one reading of it (about 10 s
--   for 10 GB). On a large installation make it beforehand, month by month, with CREATE INDEX
--   CONCURRENTLY on the partitions; those are then taken over.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

-- A slice of time is cut out of these by block range indexes: a btree on the facility would cost
-- every confirmation a second index row, this one costs it 0.4 us. Ranges are summarised as soon as
-- they are full: of what is not, every slice reads all.
CREATE INDEX confirmation_at ON kakunin.confirmation USING brin (at) WITH (autosummarize = on);
DO $$
DECLARE
  month regclass;
BEGIN
  FOR month IN SELECT inhrelid::regclass FROM pg_inherits
               WHERE inhparent = 'kakunin.audit_event_at'::regclass LOOP
    EXECUTE format('ALTER INDEX %s SET (autosummarize = on)', month);
  END LOOP;
END
$$;

-- The calls of terminals by facility, copied from the audit by the timed jobs: what an
-- administrator is shown of his facility, and what a patient is told beside who looked.
CREATE TABLE kakunin.facility_access (
  facility_code text        NOT NULL,
  at            timestamptz NOT NULL,
  stream        uuid        NOT NULL,
  number        bigint      NOT NULL,
  terminal_id   text        NOT NULL,
  facility_user text        NOT NULL,
  role          smallint    NOT NULL,
  operation     smallint    NOT NULL,
  code          smallint    NOT NULL,  -- gRPC status; 0: answered
  reason        text        NOT NULL,  -- exact, as in the audit
  validity      smallint    NOT NULL,  -- 0: not an eligibility answer
  kinds         text        NOT NULL,  -- "1=SHOWN;2=NO_CONSENT": RecordKind and what became of it
  person_id     uuid,                  -- whom it was about, where one person was found
  PRIMARY KEY (facility_code, at, stream, number)
) PARTITION BY RANGE (at);
CREATE TABLE kakunin.facility_access_default PARTITION OF kakunin.facility_access DEFAULT;

-- How far the copy goes; one row.
CREATE TABLE kakunin.facility_access_progress (
  only_row boolean     NOT NULL PRIMARY KEY CHECK (only_row),
  through  timestamptz            -- null: nothing was copied yet
);
INSERT INTO kakunin.facility_access_progress VALUES (true, NULL);

-- Copies the calls of [slice_from, slice_to), at most 20 minutes of them, and returns up to where.
-- slice_from null: from the first call there is. Slices may overlap: what is there stays. It runs
-- as the owner, so that the timed jobs need not read the audit. Without nested loops: the planner
-- knows nothing of the instants given and might look each row up by itself.
CREATE FUNCTION kakunin.copy_facility_access(slice_from timestamptz, slice_to timestamptz)
  RETURNS timestamptz
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET enable_nestloop = off AS $$
BEGIN
  IF slice_from IS NULL THEN
    SELECT min(a.at) INTO slice_from FROM kakunin.audit_event a WHERE a.actor_kind = 1;
  END IF;
  IF slice_from IS NULL THEN
    RETURN slice_to;
  END IF;
  slice_to := least(slice_to, slice_from + interval '20 minutes');
  INSERT INTO kakunin.facility_access
  SELECT split_part(a.actor, '/', 1), a.at, a.stream, a.number, split_part(a.actor, '/', 2),
         a.facility_user, a.role, a.operation, a.code, a.reason, a.validity,
         CASE WHEN a.details LIKE 'kinds:%'
              THEN coalesce(substring(a.details FROM '^kinds:(.*);months:'), '') ELSE '' END,
         coalesce(c.person_id, r.person_id)
  FROM kakunin.audit_event a
  LEFT JOIN (SELECT o.stream, o.number, o.person_id FROM kakunin.confirmation o
             WHERE o.at >= slice_from AND o.at < slice_to) c
    ON c.stream = a.stream AND c.number = a.number
  LEFT JOIN (SELECT o.stream, o.number, o.person_id FROM kakunin.record_access o
             WHERE o.at >= slice_from AND o.at < slice_to) r
    ON r.stream = a.stream AND r.number = a.number
  WHERE a.at >= slice_from AND a.at < slice_to AND a.actor_kind = 1 AND a.actor <> ''
  ON CONFLICT DO NOTHING;
  RETURN slice_to;
END
$$;
REVOKE ALL ON FUNCTION kakunin.copy_facility_access FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.copy_facility_access TO kakunin_job;

GRANT SELECT, UPDATE (through) ON kakunin.facility_access_progress TO kakunin_job;
GRANT SELECT ON kakunin.facility_access, kakunin.facility_access_progress TO kakunin_terminal;
-- A patient is shown who looked at what of them.
GRANT SELECT ON kakunin.confirmation, kakunin.record_access TO kakunin_terminal;
