-- Creates: a function that tells which audit rows of those that a server saw committed are not there.
-- Lets: the auditor read which keys (by id) the rows were made with.
-- Locks: nothing.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

-- A server asks it whenever it opens a connection: a database that was restored, or failed over to, may
-- have lost what was acknowledged. No serving role may read the audit, so the function runs as the
-- owner and tells one bit about a row whose id and hash only its writer can know. What went with its
-- month is not missing (audit_anchor). A scalar subquery each, and the instant with it: one probe of
-- one partition's key, whatever the planner thinks of the rest.
CREATE FUNCTION kakunin.audit_heads_not_kept(streams uuid[], numbers bigint[], ats timestamptz[],
                                             hashes bytea[]) RETURNS SETOF bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT h.place
  FROM unnest(streams, numbers, ats, hashes) WITH ORDINALITY AS h(stream, number, at, hash, place)
  WHERE (SELECT a.hash FROM kakunin.audit_event a
         WHERE a.stream = h.stream AND a.number = h.number AND a.at = h.at) IS DISTINCT FROM h.hash
    AND coalesce((SELECT g.number FROM kakunin.audit_anchor g WHERE g.stream = h.stream), 0)
        < h.number;
END;
REVOKE ALL ON FUNCTION kakunin.audit_heads_not_kept FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.audit_heads_not_kept
  TO kakunin_terminal, kakunin_insurer, kakunin_operator, kakunin_onboarding, kakunin_job,
     kakunin_auditor;

-- A backup is told apart by the keys that its rows were made with: their ids, never the keys.
GRANT SELECT ON kakunin.installation_key TO kakunin_auditor;
