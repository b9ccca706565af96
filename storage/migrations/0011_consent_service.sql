-- Creates: what a revocation of consents was asked with, the functions that hold consents while a batch
--   is written and that tell a facility what was decided, and the indexes behind both.
-- Locks: consent_end, exclusively for a moment (columns without a default); consent_end and
--   record_access against writes while the indexes are built.
-- Previous binary: works; its record lanes do not hold consents, so until it is gone an answer of its
--   own may still cross a revocation of the same moment.

SET LOCAL ROLE kakunin_owner;

-- A row with no kinds ended nothing: it remembers the request, so that asking again ends nothing that
-- was agreed to since.
ALTER TABLE kakunin.consent_end
  ADD COLUMN request_id     uuid,  -- null: none was given
  ADD COLUMN request_digest uuid;

-- What ended at a facility, in the order of time.
CREATE INDEX consent_end_facility ON kakunin.consent_end (facility_code, at);
-- Leads from an audit row's instant to the person; a btree would double what a row costs.
CREATE INDEX record_access_at ON kakunin.record_access USING brin (at) WITH (autosummarize = on);

-- Makes what a batch read about ends of consents still hold when it commits: locks the persons until
-- then, shared or, where the batch ends consents itself, exclusively, always in one order, and refuses
-- the batch when a person has more ends by now than it read. It counts rows and compares no clocks. It
-- must be VOLATILE: only then each of its statements sees what had committed when the locks were had.
CREATE FUNCTION kakunin.hold_consents(persons uuid[], ends bigint[], ending boolean[]) RETURNS boolean
  LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
  held record;
BEGIN
  IF true = ANY (ending) THEN
    FOR held IN
      SELECT pg_catalog.uuid_hash_extended(p.person, 0) AS key, bool_or(p.ends_now) AS exclusively
      FROM unnest(persons, ending) AS p(person, ends_now) GROUP BY 1 ORDER BY 1
    LOOP
      IF held.exclusively THEN
        PERFORM pg_catalog.pg_advisory_xact_lock(held.key);
      ELSE
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(held.key);
      END IF;
    END LOOP;
  ELSE  -- almost always: one statement instead of one a person
    PERFORM pg_catalog.pg_advisory_xact_lock_shared(p.key)
    FROM (SELECT pg_catalog.uuid_hash_extended(q.person, 0) AS key
          FROM unnest(persons) AS q(person) ORDER BY 1) AS p;
  END IF;
  IF EXISTS (SELECT FROM unnest(persons, ends) AS p(person, seen)
             WHERE p.seen <> (SELECT count(*) FROM kakunin.consent_end e
                              WHERE e.person_id = p.person)) THEN
    RAISE EXCEPTION 'consents have ended since they were read' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN true;
END;
$$;
REVOKE ALL ON FUNCTION kakunin.hold_consents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.hold_consents TO kakunin_terminal;

-- What was decided about records under an audit id of this facility. No serving role may read the
-- audit; this runs as the owner and tells one row to whoever knows its id, which only the answer told.
-- Not from record_access alone: it has no row where nobody was found, and a facility must not learn
-- from a missing explanation that a person is missing.
CREATE FUNCTION kakunin.facility_decision(facility text, row_stream uuid, row_number bigint)
  RETURNS TABLE (at timestamptz, operation smallint, role smallint, form_of_care smallint,
                 reason text, details text, person_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT e.at, e.operation, e.role, e.form_of_care, e.reason, e.details, r.person_id
  FROM kakunin.audit_event e
  LEFT JOIN kakunin.record_access r
    ON r.at = e.at AND r.stream = e.stream AND r.number = e.number AND r.facility_code = facility
  WHERE e.stream = row_stream AND e.number = row_number
    AND e.actor_kind = 1 AND split_part(e.actor, '/', 1) = facility
    AND e.operation BETWEEN 50 AND 53;
END;
REVOKE ALL ON FUNCTION kakunin.facility_decision FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.facility_decision TO kakunin_terminal;
