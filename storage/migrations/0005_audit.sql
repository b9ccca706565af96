-- Creates: the audit, the function that answers for one row of it, the counts and alarms behind the
--   guessing limits.
-- Locks: nothing that exists.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

-- Append-only; columns are those of domain/audit_record.h. A key and one BRIN index are all it can
-- afford: a second btree doubles what a row costs (ceiling, section 4). Partitions are months of
-- `at` in UTC, made ahead by `kakunin migrate partitions`.
CREATE TABLE kakunin.audit_event (
  stream         uuid        NOT NULL,
  number         bigint      NOT NULL,
  at             timestamptz NOT NULL,
  operation      smallint    NOT NULL,
  actor_kind     smallint    NOT NULL,
  actor          text        NOT NULL,
  facility_user  text        NOT NULL,
  role           smallint    NOT NULL,
  role_evidence  smallint    NOT NULL,
  form_of_care   smallint    NOT NULL,
  situation      smallint    NOT NULL,
  code           smallint    NOT NULL,
  reason         text        NOT NULL,
  validity       smallint    NOT NULL,
  person         uuid,                  -- keyed pseudonym, not a person_id
  asked_day      date,
  details        text        NOT NULL,
  request_id     uuid        NOT NULL,  -- all zero: none was given
  request_digest uuid        NOT NULL,
  answer_digest  uuid        NOT NULL,
  key_id         text        NOT NULL,
  previous_hash  bytea       NOT NULL,
  hash           bytea       NOT NULL,
  PRIMARY KEY (stream, number, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_event_at ON kakunin.audit_event USING brin (at);
CREATE TABLE kakunin.audit_event_default PARTITION OF kakunin.audit_event DEFAULT;

-- A server that lost its connection during a commit must learn whether its own row is there, but no
-- serving role may read the audit: whoever takes over a server must not learn who asked for what.
-- The function runs as the owner and tells one bit about an id that only its writer can know.
CREATE FUNCTION kakunin.audit_row_exists(row_stream uuid, row_number bigint) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
  RETURN EXISTS (SELECT FROM kakunin.audit_event
                 WHERE stream = row_stream AND number = row_number);
REVOKE ALL ON FUNCTION kakunin.audit_row_exists FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kakunin.audit_row_exists
  TO kakunin_terminal, kakunin_insurer, kakunin_operator, kakunin_job;

-- What one server counted for one terminal in one hour (hours since 1970 UTC).
CREATE TABLE kakunin.inquiry_count (
  facility_code text   NOT NULL,
  terminal_id   text   NOT NULL,
  hour          bigint NOT NULL,
  writer        uuid   NOT NULL,
  no_match      bigint NOT NULL,
  persons       bigint NOT NULL,
  PRIMARY KEY (facility_code, terminal_id, hour, writer)
);
CREATE INDEX inquiry_count_hour ON kakunin.inquiry_count (hour);

CREATE TABLE kakunin.alarm (
  facility_code text        NOT NULL,
  terminal_id   text        NOT NULL,
  hour          bigint      NOT NULL,
  kind          text        NOT NULL,
  at            timestamptz NOT NULL,
  PRIMARY KEY (facility_code, terminal_id, hour, kind)
);

GRANT INSERT ON kakunin.audit_event
  TO kakunin_terminal, kakunin_insurer, kakunin_operator, kakunin_job;
GRANT SELECT ON kakunin.audit_event TO kakunin_auditor;
GRANT SELECT, INSERT, UPDATE ON kakunin.inquiry_count TO kakunin_terminal;
GRANT INSERT ON kakunin.alarm TO kakunin_terminal;
GRANT SELECT ON kakunin.alarm TO kakunin_operator, kakunin_auditor;
GRANT SELECT, DELETE ON kakunin.inquiry_count, kakunin.alarm TO kakunin_job;
