-- Creates: ends of consents, who looked at whose records, patients who are protected; beside a card's
--   consent where its revocation is looked up again.
-- Locks: consent_act, exclusively for a moment (columns without a default).
-- Previous binary: works; consents that it writes meanwhile open no records (their certificate
--   cannot be looked up again, which is refused).

SET LOCAL ROLE kakunin_owner;

ALTER TABLE kakunin.consent_act
  ADD COLUMN crl_partition         bigint,       -- null: given orally
  ADD COLUMN certificate_not_after timestamptz;  -- the last second of its validity

-- What ended consents before their time; appended, never changed.
CREATE TABLE kakunin.consent_end (
  person_id       uuid        NOT NULL,
  at              timestamptz NOT NULL,
  stream          uuid        NOT NULL,
  number          bigint      NOT NULL,
  facility_code   text        NOT NULL,
  form_of_care    smallint    NOT NULL,
  appointment_day date,                  -- null: every booking
  kinds           smallint    NOT NULL,  -- as bits, kind 1 (drug) the lowest
  reason          smallint    NOT NULL,  -- OQSCD031: 1 facility, 2 patient, 3 change of use
  PRIMARY KEY (person_id, at, stream, number)
);

-- Who looked at whose records, or tried to: what a patient and a facility's administrator are shown.
-- The audit beside it holds pseudonyms only.
CREATE TABLE kakunin.record_access (
  person_id     uuid        NOT NULL,
  at            timestamptz NOT NULL,
  stream        uuid        NOT NULL,
  number        bigint      NOT NULL,
  facility_code text        NOT NULL,
  facility_user text        NOT NULL,
  operation     smallint    NOT NULL,
  reason        text        NOT NULL,  -- empty: shown
  PRIMARY KEY (person_id, at, stream, number)
) PARTITION BY RANGE (at);
CREATE TABLE kakunin.record_access_default PARTITION OF kakunin.record_access DEFAULT;

-- Victims of abuse whose address, or whose facilities' names, nobody may be shown (支援措置).
CREATE TABLE kakunin.person_protection (
  person_id           uuid        NOT NULL PRIMARY KEY,
  hide_address        boolean     NOT NULL,
  hide_facility_names boolean     NOT NULL,
  changed_at          timestamptz NOT NULL
);

GRANT SELECT ON kakunin.consent_act, kakunin.person_protection TO kakunin_terminal;
GRANT SELECT, INSERT ON kakunin.consent_end TO kakunin_terminal;
GRANT INSERT ON kakunin.record_access TO kakunin_terminal;
GRANT SELECT, INSERT, UPDATE ON kakunin.person_protection TO kakunin_operator;
