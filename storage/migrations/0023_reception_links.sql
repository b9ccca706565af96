-- Creates: the links under which a facility's patients reach the reception at home, and what finds
--   them by their tokens.
-- Locks: nothing that exists.
-- Previous binary: works; it knows no links.

SET LOCAL ROLE kakunin_owner;

-- Nothing of a patient: a booking's name is the facility's own and opaque to us. The token is the
-- patient's to keep; here is its keyed hash alone.
CREATE TABLE kakunin.reception_link (
  facility_code   text        NOT NULL,
  link_id         uuid        NOT NULL,
  form_of_care    smallint    NOT NULL,
  appointment_day date,                  -- online care: of the booking; never changes
  booking_name    text        NOT NULL,  -- '' but for online care
  token_hash      uuid        NOT NULL,  -- of the token that works, or worked last
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,  -- first instant at which it no longer works
  renewed_at      timestamptz,
  revoked_at      timestamptz,
  PRIMARY KEY (facility_code, link_id),
  CHECK ((form_of_care = 3) = (appointment_day IS NOT NULL))
);
CREATE INDEX reception_link_latest ON kakunin.reception_link (facility_code, created_at, link_id);

-- Tokens that work, or have expired: renewing and revoking deletes them, so that what is not there
-- and what is dead are one.
CREATE TABLE kakunin.reception_token (
  token_hash    uuid NOT NULL PRIMARY KEY,
  facility_code text NOT NULL,
  link_id       uuid NOT NULL
);

GRANT SELECT, INSERT, UPDATE (token_hash, expires_at, renewed_at, revoked_at)
  ON kakunin.reception_link TO kakunin_terminal;
GRANT SELECT, INSERT, DELETE ON kakunin.reception_token TO kakunin_terminal;
