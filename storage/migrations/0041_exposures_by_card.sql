-- Creates: who was shown somebody's data by a card whose link a delivery made and its undo took away;
--   who the persons of an ended case are by now.
-- Replaces: note_repair_exposures, which found nothing for a card that was split off alone.
-- Changes: rights of the timed jobs, which look through an undone delivery of card links for notices.
-- Locks: card_link_change against writes, while an index on it is built: a minute for ten million links.
-- Previous binary: works; what it undoes of card links gives no notices, and the cases that it opens
--   anew name whom a merge has given up since. A piece of work that this version left (NoticeKind 4)
--   it ends without a notice.

SET LOCAL ROLE kakunin_owner;

-- As before (0030), and for cards that moved: an answer by such a card showed another person's data
-- from when that person held it. Which card a confirmation came by only its consents tell, where it
-- has some; any other counts, for it may have been this one. Of records what was shown by consents
-- that were given with it. The moved consents stand with the other person by now.
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
  cards AS MATERIALIZED (
    SELECT m.from_person, m.to_person, m.issuer_key_id, m.serial,
      greatest(k.linked_at,
        (SELECT max(r.decided_at) FROM kakunin.person_repair_move p
         JOIN kakunin.person_repair r ON r.repair_id = p.repair_id AND r.state = 2
         WHERE p.repair_id <> m.repair_id AND p.kind = 3 AND p.to_person = m.from_person
           AND p.issuer_key_id = m.issuer_key_id AND p.serial = m.serial)) AS held_from
    FROM kakunin.person_repair_move m
    JOIN kakunin.card_link k ON k.issuer_key_id = m.issuer_key_id AND k.serial = m.serial
    WHERE m.repair_id = repair AND m.kind = 3),
  shown AS MATERIALIZED (
    SELECT from_person AS person_id FROM moved UNION SELECT from_person FROM cards),
  calls AS (
    SELECT c.facility_code, c.at, 1::smallint AS what FROM kakunin.confirmation c
    WHERE c.person_id IN (SELECT person_id FROM shown) AND c.own_act IS NOT TRUE AND
      (EXISTS
        (SELECT FROM moved m WHERE m.kind = 2 AND m.from_person = c.person_id
         AND (c.asked_key IS NULL OR c.asked_key = m.key)
         AND m.known_from <= c.at AND (m.known_to IS NULL OR m.known_to > c.at))
       OR c.asked_key IS NULL AND EXISTS
        (SELECT FROM cards k WHERE k.from_person = c.person_id AND k.held_from <= c.at)
       AND NOT EXISTS
        (SELECT FROM kakunin.consent_act t
         WHERE t.person_id IN (SELECT from_person FROM cards UNION SELECT to_person FROM cards)
           AND t.stream = c.stream AND t.number = c.number AND t.serial IS NOT NULL
           AND (t.issuer_key_id, t.serial) NOT IN (SELECT issuer_key_id, serial FROM cards)))
    UNION ALL
    SELECT a.facility_code, a.at, 2::smallint FROM kakunin.record_access a
    WHERE a.person_id IN (SELECT person_id FROM shown) AND a.reason = ''
      AND a.own_act IS NOT TRUE AND
      (EXISTS
        (SELECT FROM moved m WHERE m.kind <> 2 AND m.from_person = a.person_id
         AND m.known_from <= a.at AND (m.known_to IS NULL OR m.known_to > a.at))
       OR EXISTS
        (SELECT FROM cards k JOIN kakunin.consent_act t
           ON t.person_id IN (k.from_person, k.to_person)
           AND t.issuer_key_id = k.issuer_key_id AND t.serial = k.serial
         WHERE k.from_person = a.person_id AND k.held_from <= a.at
           AND t.facility_code = a.facility_code AND t.agreed <> 0
           AND t.begin_at <= a.at AND t.end_at > a.at))),
  noted AS (
    INSERT INTO kakunin.repair_exposure (facility_code, repair_id, day, what, calls, last_at)
    SELECT facility_code, repair, (at AT TIME ZONE 'Asia/Tokyo')::date, what, count(*), max(at)
    FROM calls GROUP BY 1, 2, 3, 4
    RETURNING 1)
  SELECT count(*) FROM noted;
END;

-- The same of links that a delivery made of `persons` and its undo has taken away, from its
-- publication to `through`: one row a facility, person and day, `what` 1 eligibility and 2 records,
-- as a sum. It runs as the owner: the jobs need not read who looked at whose records.
CREATE FUNCTION kakunin.undone_card_exposures(undone uuid, persons uuid[], through timestamptz)
  RETURNS TABLE (facility text, shown_person uuid, on_day date, last_at timestamptz, what integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH cards AS MATERIALIZED (
    SELECT h.person_id, h.issuer_key_id, h.serial, f.published_at AS held_from
    FROM kakunin.card_link_change h JOIN kakunin.feed f ON f.feed_id = h.feed_id
    WHERE h.feed_id = undone AND h.made AND h.person_id = ANY (persons)),
  holders AS MATERIALIZED (
    SELECT k.person_id, min(k.held_from) AS held_from FROM cards k GROUP BY 1),
  calls AS (
    SELECT c.person_id, c.facility_code, c.at, 1 AS what FROM holders h
    CROSS JOIN LATERAL (SELECT * FROM kakunin.confirmation t WHERE t.person_id = h.person_id
      AND t.at >= h.held_from AND t.at < through OFFSET 0) c
    WHERE c.own_act IS NOT TRUE AND c.asked_key IS NULL AND NOT EXISTS
      (SELECT FROM kakunin.consent_act t
       WHERE t.person_id = c.person_id AND t.stream = c.stream AND t.number = c.number
         AND t.serial IS NOT NULL AND NOT EXISTS
           (SELECT FROM cards k WHERE k.issuer_key_id = t.issuer_key_id AND k.serial = t.serial))
    UNION ALL
    SELECT a.person_id, a.facility_code, a.at, 2 FROM holders h
    CROSS JOIN LATERAL (SELECT * FROM kakunin.record_access t WHERE t.person_id = h.person_id
      AND t.at >= h.held_from AND t.at < through OFFSET 0) a
    WHERE a.own_act IS NOT TRUE AND a.reason = '' AND EXISTS
      (SELECT FROM cards k JOIN kakunin.consent_act t ON t.person_id = k.person_id
         AND t.issuer_key_id = k.issuer_key_id AND t.serial = k.serial
       WHERE k.person_id = a.person_id AND t.facility_code = a.facility_code AND t.agreed <> 0
         AND t.begin_at <= a.at AND t.end_at > a.at))
  SELECT facility_code, person_id, (at AT TIME ZONE 'Asia/Tokyo')::date, max(at), bit_or(what)
  FROM calls GROUP BY 1, 2, 3;
END;
REVOKE ALL ON FUNCTION kakunin.undone_card_exposures FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.undone_card_exposures TO kakunin_job;
GRANT SELECT ON kakunin.card_link_change TO kakunin_job;
-- The jobs go through an undone delivery a thousand persons a step.
CREATE INDEX card_link_change_of_person ON kakunin.card_link_change (feed_id, person_id) WHERE made;

-- Whom an ended case would name now: for whom a merge has given up since the case was opened, who
-- stays; with whom a split has divided, who was made of them, for nobody says which of both it
-- meant. A merge that was taken back counts for nothing. It runs as the owner: who applied a repair
-- is no matter of the feeds.
CREATE FUNCTION kakunin.persons_of_case_now(former uuid) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  WITH RECURSIVE since AS MATERIALIZED (
    SELECT r.repair_id, r.kind, r.person_id, r.other_id, r.undoes FROM kakunin.person_repair r
    WHERE r.state = 2 AND r.kind IN (1, 2) AND r.decided_at >=
      (SELECT k.opened_at FROM kakunin.identity_case k WHERE k.case_id = former)),
  applied AS MATERIALIZED (
    SELECT s.other_id AS from_person, s.person_id AS to_person, true AS gives_up FROM since s
    WHERE s.kind = 1 AND NOT EXISTS (SELECT FROM since t WHERE t.undoes = s.repair_id)
    UNION ALL
    SELECT s.person_id, s.other_id, false FROM since s
    WHERE s.kind = 2 AND NOT EXISTS (SELECT FROM since t WHERE t.repair_id = s.undoes)),
  reached AS (
    SELECT c.person_id FROM kakunin.identity_case_person c WHERE c.case_id = former
    UNION SELECT a.to_person FROM reached n JOIN applied a ON a.from_person = n.person_id)
  SELECT n.person_id FROM reached n
  WHERE NOT EXISTS (SELECT FROM applied a WHERE a.gives_up AND a.from_person = n.person_id);
END;
REVOKE ALL ON FUNCTION kakunin.persons_of_case_now FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.persons_of_case_now TO kakunin_insurer;
