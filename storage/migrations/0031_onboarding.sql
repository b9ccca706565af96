-- Creates: accounts of applicants and their sessions, their applications with every version and
--   every step, news to them, the published test persons, and what facilities have done in the
--   operation test.
-- Changes: a facility may be in the operation test.
-- Locks: facility, while it gets a column without values.
-- Previous binary: works, but knows no operation test and would show facilities in it everybody:
--   replace every server before an application is approved.

SET LOCAL ROLE kakunin_owner;

-- Null: not in the operation test.
ALTER TABLE kakunin.facility ADD COLUMN operation_test_began timestamptz;

CREATE TABLE kakunin.test_person (
  person_id  uuid    NOT NULL PRIMARY KEY,
  published  boolean NOT NULL,  -- false: no longer
  generation bigint  NOT NULL
);
CREATE INDEX test_person_generation ON kakunin.test_person (generation);
GRANT SELECT ON kakunin.test_person TO kakunin_terminal, kakunin_insurer, kakunin_onboarding;
GRANT SELECT, INSERT, UPDATE (published, generation) ON kakunin.test_person TO kakunin_operator;

-- The last call of each kind that was answered to a facility in the operation test.
CREATE TABLE kakunin.operation_test_item (
  facility_code text        NOT NULL,
  item          smallint    NOT NULL CHECK (item BETWEEN 1 AND 7),
  ticked_at     timestamptz NOT NULL,
  PRIMARY KEY (facility_code, item)
);
GRANT SELECT, INSERT, UPDATE (ticked_at) ON kakunin.operation_test_item TO kakunin_terminal;
GRANT SELECT ON kakunin.operation_test_item TO kakunin_operator, kakunin_onboarding;

CREATE TABLE kakunin.applicant (
  account           text        NOT NULL PRIMARY KEY,
  facility_code     text        NOT NULL,
  facility_name     text        NOT NULL,
  facility_type     smallint    NOT NULL CHECK (facility_type BETWEEN 1 AND 5),
  prefecture        smallint    NOT NULL CHECK (prefecture BETWEEN 1 AND 47),
  mail              text        NOT NULL,
  state             smallint    NOT NULL CHECK (state BETWEEN 1 AND 5),
  registered_at     timestamptz NOT NULL,
  confirmed_at      timestamptz,
  confirmed_by      text,
  password_given_by text,         -- the operator who was told the last one-time password
  password_hash     text,         -- scrypt, with its cost and salt
  one_time_end      timestamptz,  -- of a one-time password
  wrong_tries       smallint    NOT NULL,  -- since the last right one; 5 lock
  last_log_in       timestamptz,
  CHECK (num_nulls(confirmed_at, confirmed_by, password_given_by, password_hash) IN (0, 4))
);
CREATE INDEX applicant_state ON kakunin.applicant (state, registered_at, account);
GRANT SELECT, INSERT,
  UPDATE (password_hash, one_time_end, wrong_tries, last_log_in)
  ON kakunin.applicant TO kakunin_onboarding;
GRANT SELECT, UPDATE (state, confirmed_at, confirmed_by, password_given_by, password_hash,
                      one_time_end, wrong_tries)
  ON kakunin.applicant TO kakunin_operator;

CREATE TABLE kakunin.applicant_session (
  token_hash bytea       NOT NULL PRIMARY KEY CHECK (octet_length(token_hash) = 32),
  account    text        NOT NULL,
  began_at   timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL
);
CREATE INDEX applicant_session_account ON kakunin.applicant_session (account);
GRANT SELECT, INSERT, DELETE ON kakunin.applicant_session TO kakunin_onboarding;
GRANT SELECT, DELETE ON kakunin.applicant_session TO kakunin_operator;

-- Applications of every kind, as they stand.
CREATE TABLE kakunin.application (
  application_id     uuid        NOT NULL PRIMARY KEY,
  account            text        NOT NULL,
  kind               smallint    NOT NULL CHECK (kind BETWEEN 1 AND 5),
  state              smallint    NOT NULL CHECK (state BETWEEN 1 AND 10),
  facility_code      text        NOT NULL,
  facility_type      smallint    NOT NULL,
  facility_name      text        NOT NULL,
  introduction_type  smallint,             -- of an application for use
  group_name         text        NOT NULL,  -- '' of a facility that applies for itself
  version            integer     NOT NULL,
  steps              integer     NOT NULL,
  first_submitted_at timestamptz NOT NULL,
  changed_at         timestamptz NOT NULL,
  start_requested_at timestamptz,
  CHECK ((kind = 1) = (introduction_type IS NOT NULL)),
  -- Who applies decides nothing.
  CHECK (CASE current_user WHEN 'kakunin_onboarding' THEN state IN (1, 4, 7) ELSE true END)
);
CREATE INDEX application_account
  ON kakunin.application (account, first_submitted_at, application_id);
CREATE INDEX application_state
  ON kakunin.application (state, first_submitted_at, application_id);
CREATE INDEX application_facility ON kakunin.application (facility_code, kind);
GRANT SELECT, INSERT, UPDATE (state, version, steps, changed_at, start_requested_at, facility_type,
  facility_name, introduction_type) ON kakunin.application TO kakunin_onboarding;
-- Whose test begins is shown no list from when it was in use before.
GRANT SELECT, UPDATE (state) ON kakunin.bulk_inquiry TO kakunin_operator;
GRANT SELECT, UPDATE (state, steps, changed_at) ON kakunin.application TO kakunin_operator;

-- Appended to, never changed: what was handed in, each time.
CREATE TABLE kakunin.application_version (
  application_id    uuid        NOT NULL,
  version           integer     NOT NULL,
  submitted_at      timestamptz NOT NULL,
  content_format    smallint    NOT NULL,
  content           bytea       NOT NULL,  -- the form's fields, canonical
  working           text        NOT NULL,  -- what was reckoned from it and shown; '' for nothing
  password_given_by text        NOT NULL,  -- who could have handed it in beside the applicant
  PRIMARY KEY (application_id, version)
);
GRANT SELECT, INSERT ON kakunin.application_version TO kakunin_onboarding;
GRANT SELECT ON kakunin.application_version TO kakunin_operator;

-- Appended to, never changed: who did what to it, when.
CREATE TABLE kakunin.application_step (
  application_id uuid        NOT NULL,
  step           integer     NOT NULL,
  at             timestamptz NOT NULL,
  actor          text        NOT NULL,
  event          smallint    NOT NULL,
  state          smallint    NOT NULL,  -- it led to
  note           text        NOT NULL,
  PRIMARY KEY (application_id, step)
);
GRANT SELECT, INSERT ON kakunin.application_step TO kakunin_onboarding, kakunin_operator;

-- News to an account, newest last.
CREATE TABLE kakunin.applicant_news (
  account        text        NOT NULL,
  number         bigint      NOT NULL,
  at             timestamptz NOT NULL,
  application_id uuid,
  text           text        NOT NULL,
  PRIMARY KEY (account, number)
);
GRANT SELECT ON kakunin.applicant_news TO kakunin_onboarding;
GRANT SELECT, INSERT ON kakunin.applicant_news TO kakunin_operator;

-- Applicants' and operators' writes are idempotent alike.
GRANT SELECT, INSERT, UPDATE ON kakunin.request_outcome TO kakunin_onboarding;
