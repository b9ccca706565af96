-- Adds: to what was answered or shown about a person, that the person asked themselves, at home.
-- Replaces: note_repair_exposures, which counted such acts as looks of the facility.
-- Locks: confirmation and record_access for a moment (columns).
-- Previous binary: works; what patients do at home by it stands as their facility's.

SET LOCAL ROLE kakunin_owner;

-- Null: a terminal's call, or of before this. So it costs no octet of nearly every row.
ALTER TABLE kakunin.confirmation ADD COLUMN own_act boolean;
ALTER TABLE kakunin.record_access ADD COLUMN own_act boolean;

-- As before (0020), but for the patients' own acts: they showed a facility nothing.
CREATE OR REPLACE FUNCTION kakunin.note_repair_exposures(repair uuid) RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH moved AS MATERIALIZED (
    SELECT m.kind, m.from_person, v.known_from, v.known_to, v.key_without_branch AS key
    FROM kakunin.person_repair_move m
    JOIN kakunin.coverage v ON v.person_id = m.from_person AND v.insurer_number = m.party
      AND v.coverage_reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 2
    UNION ALL
    SELECT m.kind, m.from_person, v.known_from, v.known_to, NULL
    FROM kakunin.person_repair_move m
    JOIN kakunin.receipt v ON v.person_id = m.from_person AND v.month = m.month
      AND v.pushed_by = m.party AND v.reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 6
    UNION ALL
    SELECT m.kind, m.from_person, v.known_from, v.known_to, NULL
    FROM kakunin.person_repair_move m
    JOIN kakunin.health_check v ON v.person_id = m.from_person AND v.month = m.month
      AND v.pushed_by = m.party AND v.reference = m.reference
    WHERE m.repair_id = repair AND m.kind = 7),
  calls AS (
    SELECT c.facility_code, c.at, 1::smallint AS what FROM kakunin.confirmation c
    WHERE c.person_id IN (SELECT from_person FROM moved) AND c.own_act IS NOT TRUE AND EXISTS
      (SELECT FROM moved m WHERE m.kind = 2 AND m.from_person = c.person_id
       AND (c.asked_key IS NULL OR c.asked_key = m.key)
       AND m.known_from <= c.at AND (m.known_to IS NULL OR m.known_to > c.at))
    UNION ALL
    SELECT a.facility_code, a.at, 2::smallint FROM kakunin.record_access a
    WHERE a.person_id IN (SELECT from_person FROM moved) AND a.reason = ''
      AND a.own_act IS NOT TRUE AND EXISTS
      (SELECT FROM moved m WHERE m.kind <> 2 AND m.from_person = a.person_id
       AND m.known_from <= a.at AND (m.known_to IS NULL OR m.known_to > a.at))),
  noted AS (
    INSERT INTO kakunin.repair_exposure (facility_code, repair_id, day, what, calls, last_at)
    SELECT facility_code, repair, (at AT TIME ZONE 'Asia/Tokyo')::date, what, count(*), max(at)
    FROM calls GROUP BY 1, 2, 3, 4
    RETURNING 1)
  SELECT count(*) FROM noted;
END;
