-- Creates: card challenges, confirmations, consents, and the function that watches the default
--   partitions.
-- Locks: nothing that exists.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

-- Unlogged: a crash forgets the challenges, an unknown challenge is refused, so it fails closed.
-- Half-empty pages leave room to consume a challenge in place.
CREATE UNLOGGED TABLE kakunin.challenge (
  challenge_id     uuid        NOT NULL PRIMARY KEY,
  facility_code    text        NOT NULL,
  terminal_id      text        NOT NULL,
  purpose          smallint    NOT NULL,
  form_of_care     smallint    NOT NULL,
  expires_at       timestamptz NOT NULL,  -- first instant at which it is no longer accepted
  consumed_at      timestamptz,
  used_by_request  uuid,
  used_by_digest   uuid,
  used_by_terminal text
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- What a facility was told about a person; the audit beside it holds pseudonyms only.
CREATE TABLE kakunin.confirmation (
  person_id     uuid        NOT NULL,
  at            timestamptz NOT NULL,
  stream        uuid        NOT NULL,
  number        bigint      NOT NULL,
  facility_code text        NOT NULL,
  day           date        NOT NULL,
  validity      smallint    NOT NULL,
  answer_digest uuid        NOT NULL,
  PRIMARY KEY (person_id, at, stream, number)
) PARTITION BY RANGE (at);
CREATE TABLE kakunin.confirmation_default PARTITION OF kakunin.confirmation DEFAULT;

-- What patients decided; appended, never changed. One row an act, whatever it decides: a card act
-- about six kinds must not cost six rows. Kept until five years after their end, which no month of
-- begin knows: hence no partitions.
CREATE TABLE kakunin.consent_act (
  person_id       uuid        NOT NULL,
  begin_at        timestamptz NOT NULL,
  stream          uuid        NOT NULL,
  number          bigint      NOT NULL,
  facility_code   text        NOT NULL,
  form_of_care    smallint    NOT NULL,
  appointment_day date,
  agreed          smallint    NOT NULL,  -- kinds as bits, kind 1 (drug) the lowest
  declined        smallint    NOT NULL,  -- the same; a kind in neither was not asked
  method          smallint    NOT NULL,
  end_at          timestamptz NOT NULL,  -- of what was agreed; 'infinity': until ended
  issuer_key_id   bytea,                 -- null: given orally
  serial          bytea,
  PRIMARY KEY (person_id, begin_at, stream, number),
  CHECK (agreed & declined = 0)
);

-- Rows in a default partition mean that months were not made in time. Serving roles cannot look
-- (see audit_row_exists), so the owner looks for them and tells one bit a table.
CREATE FUNCTION kakunin.default_partitions() RETURNS TABLE (table_name text, holds_rows boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
  SELECT 'audit_event', EXISTS (SELECT FROM kakunin.audit_event_default)
  UNION ALL
  SELECT 'confirmation', EXISTS (SELECT FROM kakunin.confirmation_default);
END;
REVOKE ALL ON FUNCTION kakunin.default_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.default_partitions
  TO kakunin_terminal, kakunin_insurer, kakunin_operator, kakunin_job;

GRANT SELECT, INSERT, UPDATE (consumed_at, used_by_request, used_by_digest, used_by_terminal)
  ON kakunin.challenge TO kakunin_terminal;
GRANT SELECT, DELETE ON kakunin.challenge TO kakunin_job;
GRANT INSERT ON kakunin.confirmation, kakunin.consent_act TO kakunin_terminal;
