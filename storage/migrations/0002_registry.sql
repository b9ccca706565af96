-- Creates: who may call (facility, terminal, party, their generation) and the outcomes of
--   administrative writes.
-- Locks: nothing that exists.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

-- One row. Every registry write increments it first, so that writers queue on it and rows are
-- stamped in the order of their commits: a reader who saw generation g has every row up to g.
CREATE TABLE kakunin.registry_generation (
  only_row   boolean NOT NULL PRIMARY KEY CHECK (only_row),
  generation bigint  NOT NULL
);
INSERT INTO kakunin.registry_generation VALUES (true, 0);

-- Reference tables, small enough to stand on every node of a distributed installation.
CREATE TABLE kakunin.facility (
  facility_code text     NOT NULL PRIMARY KEY,  -- ten digits
  facility_type smallint NOT NULL,
  name          text     NOT NULL,
  active        boolean  NOT NULL,
  generation    bigint   NOT NULL
);
CREATE INDEX facility_generation ON kakunin.facility (generation);

CREATE TABLE kakunin.terminal (
  facility_code     text        NOT NULL REFERENCES kakunin.facility,
  terminal_id       text        NOT NULL,
  kind              smallint    NOT NULL,
  fingerprint       bytea       NOT NULL UNIQUE CHECK (octet_length(fingerprint) = 32),
  not_before        timestamptz NOT NULL,
  not_after         timestamptz NOT NULL,  -- first instant at which it no longer counts
  revoked_at        timestamptz,
  revocation_reason smallint    NOT NULL,
  generation        bigint      NOT NULL,
  PRIMARY KEY (facility_code, terminal_id)
);
CREATE INDEX terminal_generation ON kakunin.terminal (generation);

-- Insurers (kind 2, name = insurer number) and operators (kind 3).
CREATE TABLE kakunin.party (
  kind         smallint    NOT NULL CHECK (kind IN (2, 3)),
  name         text        NOT NULL,
  display_name text        NOT NULL,
  fingerprint  bytea       NOT NULL UNIQUE CHECK (octet_length(fingerprint) = 32),
  not_before   timestamptz NOT NULL,
  not_after    timestamptz NOT NULL,  -- first instant at which it no longer counts
  active       boolean     NOT NULL,
  generation   bigint      NOT NULL,
  PRIMARY KEY (kind, name)
);
CREATE INDEX party_generation ON kakunin.party (generation);

-- What an administrative write did, under the caller's own id; kept 48 h. The nulls are a key that
-- is locked by a transaction which has not put its outcome yet.
CREATE TABLE kakunin.request_outcome (
  actor       text        NOT NULL,
  operation   smallint    NOT NULL,
  request_id  uuid        NOT NULL,
  body_digest bytea,
  response    bytea,
  at          timestamptz,
  PRIMARY KEY (actor, operation, request_id),
  CHECK (num_nulls(body_digest, response, at) IN (0, 3))
);

GRANT SELECT ON kakunin.registry_generation, kakunin.facility, kakunin.terminal, kakunin.party
  TO kakunin_terminal, kakunin_insurer, kakunin_operator;
GRANT INSERT, UPDATE ON kakunin.facility, kakunin.terminal, kakunin.party TO kakunin_operator;
GRANT UPDATE (generation) ON kakunin.registry_generation TO kakunin_operator;
GRANT SELECT, INSERT, UPDATE ON kakunin.request_outcome TO kakunin_insurer, kakunin_operator;
GRANT SELECT, DELETE ON kakunin.request_outcome TO kakunin_job;
