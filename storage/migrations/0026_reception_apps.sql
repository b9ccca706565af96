-- Creates: the apps that patients use in place of the reception's page, which facilities named them,
--   and what lets links that are long over be deleted.
-- Locks: reception_link, for the moment its index needs (a few thousand rows).
-- Previous binary: works; it knows no apps and deletes no links.

SET LOCAL ROLE kakunin_owner;

-- Small enough to stand on every node. Its key is public; the secret half never leaves the app's
-- maker. A revoked app stays revoked: another name is another app, which facilities name anew.
CREATE TABLE kakunin.reception_app (
  app_id        text        NOT NULL PRIMARY KEY,
  display_name  text        NOT NULL,
  public_key    bytea       NOT NULL UNIQUE,  -- SubjectPublicKeyInfo (DER), P-256
  registered_at timestamptz NOT NULL,
  revoked_at    timestamptz
);

CREATE TABLE kakunin.reception_app_naming (
  facility_code text        NOT NULL,
  app_id        text        NOT NULL REFERENCES kakunin.reception_app,
  named_at      timestamptz NOT NULL,
  PRIMARY KEY (facility_code, app_id)
);

-- When a link was over: least() passes over a revocation that never was.
CREATE INDEX reception_link_end ON kakunin.reception_link (least(expires_at, revoked_at));

GRANT SELECT, INSERT, UPDATE (display_name, public_key, revoked_at)
  ON kakunin.reception_app TO kakunin_operator;
GRANT SELECT ON kakunin.reception_app TO kakunin_terminal;
GRANT SELECT, INSERT, DELETE ON kakunin.reception_app_naming TO kakunin_terminal;
GRANT SELECT ON kakunin.reception_app_naming TO kakunin_operator;
GRANT SELECT, DELETE ON kakunin.reception_link, kakunin.reception_token TO kakunin_job;
