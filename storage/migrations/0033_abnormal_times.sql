-- Creates: policies for abnormal times (disaster, failure of the system, a hospital's right to emergency
--   views) and the views that were opened by them; the way to persons by birth date and sex.
-- Changes: a facility may have its municipality, an operator the body whose he is; a look at records may
--   name the view by which it was.
-- Locks: facility, party and record_access for a moment (columns).
-- Previous binary: works; it knows no abnormal times, which is the closed side.

SET LOCAL ROLE kakunin_owner;

ALTER TABLE kakunin.facility
  ADD COLUMN municipality_code text,         -- JIS X 0401 and 0402; null: not known
  ADD COLUMN municipality_since timestamptz; -- when it was said for the last time
-- Null: not said. One spelling a body: two that look alike must not pass for two.
ALTER TABLE kakunin.party ADD COLUMN body text CHECK (body ~ '^[a-z0-9][a-z0-9-]{1,39}$');
-- Null: not by a view, as nearly always.
ALTER TABLE kakunin.record_access ADD COLUMN view_id uuid;

-- Small enough to stand on every node. What it says is never changed; who approved and who ended it is
-- added. The signature is a keyed MAC of all of it, so that a row that somebody wrote who may write the
-- database puts nothing into force.
CREATE TABLE kakunin.abnormal_times_policy (
  policy_id      uuid        NOT NULL PRIMARY KEY,
  situation      smallint    NOT NULL CHECK (situation BETWEEN 1 AND 3),
  order_number   text        NOT NULL,
  order_day      date,
  municipalities text[]      NOT NULL,
  facilities     text[]      NOT NULL,
  from_at        timestamptz NOT NULL,
  to_at          timestamptz NOT NULL,  -- the first instant at which it is not in force
  kinds          integer     NOT NULL,  -- of records, as bits, kind 1 (drug) the lowest
  rehearsal      boolean     NOT NULL,
  extends        uuid,
  note           text        NOT NULL,
  proposed_by    text        NOT NULL,
  proposed_body  text        NOT NULL,
  proposed_at    timestamptz NOT NULL,
  approved_by    text,
  approved_body  text,
  approved_at    timestamptz,
  ended_by       text,
  ended_at       timestamptz,
  signature      bytea       NOT NULL CHECK (octet_length(signature) = 32),
  generation     bigint      NOT NULL,
  CHECK (from_at < to_at),
  CHECK (num_nulls(approved_by, approved_body, approved_at) IN (0, 3)),
  CHECK (num_nulls(ended_by, ended_at) IN (0, 2)),
  CHECK (approved_by <> proposed_by AND approved_body <> proposed_body)
);
CREATE INDEX abnormal_times_policy_generation ON kakunin.abnormal_times_policy (generation);
GRANT SELECT ON kakunin.abnormal_times_policy
  TO kakunin_terminal, kakunin_insurer, kakunin_onboarding;
GRANT SELECT, INSERT,
  UPDATE (approved_by, approved_body, approved_at, ended_by, ended_at, signature, generation)
  ON kakunin.abnormal_times_policy TO kakunin_operator;

-- Every search in abnormal times, and every view that one or a card in an emergency opened; appended,
-- never changed. The patient by the audit's pseudonym: record_access says who they are.
CREATE TABLE kakunin.abnormal_times_view (
  view_id       uuid        NOT NULL PRIMARY KEY,
  policy_id     uuid        NOT NULL,
  at            timestamptz NOT NULL,
  ends_at       timestamptz NOT NULL,  -- `at`: it opens nothing
  facility_code text        NOT NULL,
  terminal_id   text        NOT NULL,
  facility_user text        NOT NULL,
  role          smallint    NOT NULL,
  operation     smallint    NOT NULL,
  oral_consent  smallint,              -- null: nothing was to be opened
  no_consent    smallint,              -- why nobody could be asked
  persons_found smallint    NOT NULL,  -- 2: several
  pseudonym     uuid,
  stream        uuid        NOT NULL,
  number        bigint      NOT NULL,
  CHECK ((oral_consent = 2) IS NOT DISTINCT FROM (no_consent IS NOT NULL)
         OR oral_consent IS NULL AND no_consent IS NULL)
);
CREATE INDEX abnormal_times_view_policy ON kakunin.abnormal_times_view (policy_id, at);
GRANT SELECT, INSERT ON kakunin.abnormal_times_view TO kakunin_terminal;

-- Every use of a policy. Operators may not read who looked at whose records: this tells it by the
-- audit's pseudonym, of abnormal times alone.
CREATE FUNCTION kakunin.abnormal_times_uses(asked uuid, after_at timestamptz, after_stream uuid,
                                            after_number bigint, most bigint)
  RETURNS TABLE (at timestamptz, stream uuid, number bigint, facility_code text, terminal_id text,
                 facility_user text, role smallint, operation smallint, oral_consent smallint,
                 no_consent smallint, persons_found smallint, pseudonym uuid, view_id uuid, reason text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT u.at, u.stream, u.number, u.facility_code, u.terminal_id, u.facility_user, u.role,
    u.operation, u.oral_consent, u.no_consent, u.persons_found, u.pseudonym, u.view_id, u.reason
  FROM (
    SELECT v.at, v.stream, v.number, v.facility_code, v.terminal_id, v.facility_user, v.role,
      v.operation, v.oral_consent, v.no_consent, v.persons_found, v.pseudonym, v.view_id,
      '' AS reason
    FROM kakunin.abnormal_times_view v WHERE v.policy_id = asked
    UNION ALL
    -- What the projection knows of the same call, as soon as it does.
    SELECT r.at, r.stream, r.number, r.facility_code, coalesce(p.terminal_id, ''), r.facility_user,
      coalesce(p.role, 0::smallint), r.operation, v.oral_consent, v.no_consent, v.persons_found,
      v.pseudonym, v.view_id, r.reason
    FROM kakunin.abnormal_times_view v
    JOIN kakunin.record_access r ON r.view_id = v.view_id
      AND (r.at, r.stream, r.number) IS DISTINCT FROM (v.at, v.stream, v.number)
    LEFT JOIN kakunin.facility_access p ON p.facility_code = r.facility_code AND p.at = r.at
      AND p.stream = r.stream AND p.number = r.number
    WHERE v.policy_id = asked) u
  WHERE (u.at, u.stream, u.number) > (after_at, after_stream, after_number)
  ORDER BY u.at, u.stream, u.number LIMIT most;
END;
REVOKE ALL ON FUNCTION kakunin.abnormal_times_uses FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.abnormal_times_uses TO kakunin_operator;
