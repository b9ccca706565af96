-- Creates: the roles, the schema `kakunin`, the table of applied migrations.
-- Locks: nothing that serves.
-- Previous binary: there is none.
--
-- Runs as kakunin_migrate, the one role that an operator makes by hand (LOGIN CREATEROLE) together
-- with the empty database it owns. Roles belong to the whole cluster, so each may exist already.
-- Log-in without a password: giving one, or mapping a system user, is the operator's matter.

DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('kakunin_owner',    'NOLOGIN'),  -- owns every object; nobody logs in as it
      ('kakunin_terminal', 'LOGIN'),    -- server of the terminal port
      ('kakunin_insurer',  'LOGIN'),    -- server of the insurer port
      ('kakunin_operator', 'LOGIN'),    -- server of the operator port
      ('kakunin_job',      'LOGIN'),    -- timed jobs: retention, rebuilding copies
      ('kakunin_auditor',  'LOGIN')     -- reads the audit
    ) AS roles (name, login)
  LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.login);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
  IF NOT pg_has_role('kakunin_migrate', 'kakunin_owner', 'MEMBER') THEN
    GRANT kakunin_owner TO kakunin_migrate;
  END IF;
END
$$;

CREATE SCHEMA kakunin AUTHORIZATION kakunin_owner;

SET LOCAL ROLE kakunin_owner;

GRANT USAGE ON SCHEMA kakunin
  TO kakunin_terminal, kakunin_insurer, kakunin_operator, kakunin_job, kakunin_auditor;

CREATE TABLE kakunin.schema_migration (
  version    integer     NOT NULL PRIMARY KEY,
  name       text        NOT NULL,
  checksum   bytea       NOT NULL,  -- SHA-256 of the file
  applied_at timestamptz NOT NULL
);

-- A server refuses to start on a schema it was not built for.
GRANT SELECT ON kakunin.schema_migration
  TO kakunin_terminal, kakunin_insurer, kakunin_operator, kakunin_job, kakunin_auditor;
