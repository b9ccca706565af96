-- Creates: the role of the onboarding port; codes by which terminals ask for their first certificate,
--   their requests, the keys that were ever certified, and the certificates that still count beside a
--   renewed one.
-- Changes: a terminal may be suspended.
-- Locks: terminal, while it gets two columns without values and its rows are read once (0.1 s for
--   300,000).
-- Previous binary: works, but knows neither suspensions nor overlaps: let nobody suspend a terminal,
--   and no certificate be delivered, before every server is a new one.

DO $$
BEGIN
  BEGIN
    -- Server of the onboarding port: callers whom no certificate names.
    CREATE ROLE kakunin_onboarding LOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
  END;
END
$$;

SET LOCAL ROLE kakunin_owner;

GRANT USAGE ON SCHEMA kakunin TO kakunin_onboarding;
GRANT SELECT ON kakunin.schema_migration TO kakunin_onboarding;
GRANT SELECT, INSERT ON kakunin.installation_key TO kakunin_onboarding;
GRANT SELECT ON kakunin.registry_generation, kakunin.facility, kakunin.terminal, kakunin.party
  TO kakunin_onboarding;
GRANT INSERT ON kakunin.audit_event TO kakunin_onboarding;
GRANT EXECUTE ON FUNCTION kakunin.audit_row_exists, kakunin.default_partitions
  TO kakunin_onboarding;

-- Both or neither.
ALTER TABLE kakunin.terminal
  ADD COLUMN suspended_at      timestamptz,
  ADD COLUMN suspension_reason smallint,
  ADD CONSTRAINT terminal_suspension CHECK ((suspended_at IS NULL) = (suspension_reason IS NULL));

-- Certificates of a terminal that count beside the one in its row, until `not_after`: a renewal moves
-- the old one here. Never deleted: ending one lowers not_after.
CREATE TABLE kakunin.former_certificate (
  facility_code text        NOT NULL,
  terminal_id   text        NOT NULL,
  fingerprint   bytea       NOT NULL UNIQUE CHECK (octet_length(fingerprint) = 32),
  not_before    timestamptz NOT NULL,
  not_after     timestamptz NOT NULL,  -- first instant at which it no longer counts
  generation    bigint      NOT NULL,
  PRIMARY KEY (facility_code, terminal_id, fingerprint),
  FOREIGN KEY (facility_code, terminal_id) REFERENCES kakunin.terminal
);
CREATE INDEX former_certificate_generation ON kakunin.former_certificate (generation);
GRANT SELECT ON kakunin.former_certificate
  TO kakunin_terminal, kakunin_insurer, kakunin_onboarding;
GRANT SELECT, INSERT, UPDATE (not_after, generation)
  ON kakunin.former_certificate TO kakunin_operator;

-- Codes that operators issue, by their public half. The secret half is told once and is here as its
-- keyed hash alone.
CREATE TABLE kakunin.enrolment_code (
  code_id       text        NOT NULL PRIMARY KEY,
  secret_hash   bytea       NOT NULL CHECK (octet_length(secret_hash) = 32),
  facility_code text        NOT NULL,
  terminal_id   text        NOT NULL,
  kind          smallint    NOT NULL,
  issued_at     timestamptz NOT NULL,
  issued_by     text        NOT NULL,
  expires_at    timestamptz NOT NULL,  -- first instant at which it no longer works
  wrong_tries   integer     NOT NULL,
  used_at       timestamptz,
  used_for      uuid                   -- the request that came of it
);
GRANT SELECT, INSERT ON kakunin.enrolment_code TO kakunin_operator;
GRANT SELECT, UPDATE (wrong_tries, used_at, used_for)
  ON kakunin.enrolment_code TO kakunin_onboarding;

-- Requests of terminals for a certificate.
CREATE TABLE kakunin.certificate_request (
  certificate_request_id uuid        NOT NULL PRIMARY KEY,
  origin                 smallint    NOT NULL CHECK (origin IN (1, 2)),  -- 1 code, 2 renewal
  facility_code          text        NOT NULL,
  terminal_id            text        NOT NULL,
  kind                   smallint    NOT NULL,
  request_der            bytea       NOT NULL,  -- PKCS#10
  key_fingerprint        bytea       NOT NULL CHECK (octet_length(key_fingerprint) = 32),
  submitted_at           timestamptz NOT NULL,
  code_issued_by         text        NOT NULL,  -- '' of a renewal
  renewed_fingerprint    bytea       CHECK (octet_length(renewed_fingerprint) = 32),
  state                  smallint    NOT NULL CHECK (state BETWEEN 1 AND 4),
  decided_at             timestamptz,
  decided_by             text        NOT NULL,  -- '' while nobody has
  delivered_at           timestamptz,
  delivered_by           text        NOT NULL,  -- likewise
  certificate_der        bytea,
  issuer_der             bytea,
  CHECK ((origin = 2) = (renewed_fingerprint IS NOT NULL)),
  CHECK ((state = 4) = (certificate_der IS NOT NULL)),
  -- Who asks approves nothing, whatever becomes of the port that it asks through.
  CHECK (CASE current_user
         WHEN 'kakunin_onboarding' THEN origin = 1 AND state = 1 AND decided_by = ''
         WHEN 'kakunin_terminal' THEN origin = 2 AND state IN (1, 2) AND decided_by IN ('', 'policy')
         ELSE true END)
);
CREATE INDEX certificate_request_state
  ON kakunin.certificate_request (state, submitted_at, certificate_request_id);
CREATE INDEX certificate_request_terminal
  ON kakunin.certificate_request (facility_code, terminal_id, submitted_at);
GRANT SELECT, INSERT ON kakunin.certificate_request TO kakunin_onboarding, kakunin_terminal;
GRANT SELECT, UPDATE (state, decided_at, decided_by, delivered_at, delivered_by, certificate_der,
                      issuer_der)
  ON kakunin.certificate_request TO kakunin_operator;

-- Every key that was ever asked for or certified, kept for ever: none is certified twice. Of
-- certificates that were registered before this table was, the keys are not known.
CREATE TABLE kakunin.certified_key (
  key_fingerprint bytea       NOT NULL PRIMARY KEY CHECK (octet_length(key_fingerprint) = 32),
  first_at        timestamptz NOT NULL
);
GRANT SELECT, INSERT ON kakunin.certified_key
  TO kakunin_onboarding, kakunin_terminal, kakunin_operator;
