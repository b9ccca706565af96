-- Creates: accounts of facilities, their sessions, and facilities' settings with every change of them.
-- Locks: nothing that exists.
-- Previous binary: works; it knows no accounts, takes every user as asserted, and obeys no settings:
--   replace every server before a facility turns anything off.

SET LOCAL ROLE kakunin_owner;

-- One row. Every change of a session or of settings increments it first, as registry_generation.
CREATE TABLE kakunin.account_generation (
  only_row   boolean NOT NULL PRIMARY KEY CHECK (only_row),
  generation bigint  NOT NULL
);
INSERT INTO kakunin.account_generation VALUES (true, 0);

CREATE TABLE kakunin.facility_account (
  facility_code text        NOT NULL REFERENCES kakunin.facility,
  user_name     text        NOT NULL,
  display_name  text        NOT NULL,
  role          smallint    NOT NULL CHECK (role BETWEEN 1 AND 6),
  password_hash text        NOT NULL,  -- scrypt, with its cost and salt
  one_time_end  timestamptz,           -- of a one-time password
  wrong_tries   smallint    NOT NULL,  -- since the last right one; 5 lock
  locked_at     timestamptz,           -- by an administrator
  disabled_at   timestamptz,           -- for ever
  created_at    timestamptz NOT NULL,
  last_log_in   timestamptz,
  PRIMARY KEY (facility_code, user_name)
);

CREATE TABLE kakunin.account_session (
  token_hash             bytea       NOT NULL PRIMARY KEY CHECK (octet_length(token_hash) = 32),
  facility_code          text        NOT NULL,
  user_name              text        NOT NULL,
  terminal_id            text        NOT NULL,
  certificate            bytea       NOT NULL CHECK (octet_length(certificate) = 32),
  role                   smallint    NOT NULL,
  password_change_needed boolean     NOT NULL,
  began_at               timestamptz NOT NULL,
  ends_at                timestamptz NOT NULL,
  last_used_at           timestamptz NOT NULL,
  ended_at               timestamptz,
  ended_why              smallint,
  generation             bigint      NOT NULL,
  CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE INDEX account_session_generation ON kakunin.account_session (generation);
CREATE INDEX account_session_account ON kakunin.account_session (facility_code, user_name);
CREATE INDEX account_session_end ON kakunin.account_session (ends_at);

CREATE TABLE kakunin.facility_settings (
  facility_code            text     NOT NULL PRIMARY KEY REFERENCES kakunin.facility,
  kinds_not_used           smallint NOT NULL CHECK (kinds_not_used BETWEEN 0 AND 63),
  uses_e_prescription      boolean  NOT NULL,
  shows_treatment_at_first boolean  NOT NULL,
  shows_surgery_at_first   boolean  NOT NULL,
  records_need_proven_role boolean  NOT NULL,
  change_number            bigint   NOT NULL,
  generation               bigint   NOT NULL
);
CREATE INDEX facility_settings_generation ON kakunin.facility_settings (generation);

-- Appended to, never changed.
CREATE TABLE kakunin.facility_settings_change (
  facility_code            text        NOT NULL REFERENCES kakunin.facility,
  change_number            bigint      NOT NULL,
  changed_at               timestamptz NOT NULL,
  user_name                text        NOT NULL,
  terminal_id              text        NOT NULL,
  kinds_not_used           smallint    NOT NULL,
  uses_e_prescription      boolean     NOT NULL,
  shows_treatment_at_first boolean     NOT NULL,
  shows_surgery_at_first   boolean     NOT NULL,
  records_need_proven_role boolean     NOT NULL,
  PRIMARY KEY (facility_code, change_number)
);

GRANT SELECT, UPDATE (generation) ON kakunin.account_generation TO kakunin_terminal, kakunin_operator;
GRANT SELECT, INSERT,
  UPDATE (password_hash, one_time_end, wrong_tries, locked_at, disabled_at, last_log_in)
  ON kakunin.facility_account TO kakunin_terminal, kakunin_operator;
GRANT SELECT, INSERT,
  UPDATE (password_change_needed, last_used_at, ended_at, ended_why, generation)
  ON kakunin.account_session TO kakunin_terminal;
GRANT SELECT, UPDATE (ended_at, ended_why, generation)
  ON kakunin.account_session TO kakunin_operator;
GRANT SELECT, DELETE ON kakunin.account_session TO kakunin_job;
GRANT SELECT, INSERT,
  UPDATE (kinds_not_used, uses_e_prescription, shows_treatment_at_first, shows_surgery_at_first,
          records_need_proven_role, change_number, generation)
  ON kakunin.facility_settings TO kakunin_terminal;
GRANT SELECT, INSERT ON kakunin.facility_settings_change TO kakunin_terminal;
