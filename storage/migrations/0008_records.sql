-- Creates: claims reviewers among the parties; receipts and health checks with their staged and hidden
--   rows, and the month record that is copied from them.
-- Locks: party, for a moment (its check); nothing else that exists.
-- Previous binary: works.
--
-- Months are their first day, days Asia/Tokyo. `pushed_by` is the number of the claims reviewer or of
-- the insurer, `reference` its own stable name of the row. known_from and known_to as for coverages.

SET LOCAL ROLE kakunin_owner;

-- Insurers (kind 2, name = insurer number), operators (3) and claims reviewers (6, name = number).
-- Feeds of a reviewer stand under its number in feed.insurer_number: three digits, never eight.
ALTER TABLE kakunin.party DROP CONSTRAINT party_kind_check;
ALTER TABLE kakunin.party ADD CONSTRAINT party_kind_check CHECK (kind IN (2, 3, 6));

-- What a reviewer says of one claim, and a registrar of one examination. Only patterns for the tables
-- that hold it: dropped below. The jsonb columns are arrays of flat objects, '[]' when empty:
--   drugs: dispensing_date, prescribing_date, code, name, ingredient_name, class, class_received,
--     dose, unit, usage_name, special_instruction, times; the lines of one day follow each other
--   treatments: code, name, class, amount, unit, times, days (of the month), surgery
--   items: code, name, data_type, value, unit, code_list, value_name
-- What is empty has no member.
CREATE TABLE kakunin.receipt_content (
  pushed_by                 text     NOT NULL,
  reference                 text     NOT NULL,
  month                     date     NOT NULL,
  source                    smallint NOT NULL,
  receipt_kind              smallint NOT NULL,
  facility_code             text     NOT NULL,
  facility_name             text     NOT NULL,
  prescribing_facility_code text,     -- null: none, or the same
  prescribing_facility_name text,
  drugs                     jsonb    COMPRESSION lz4 NOT NULL,
  treatments                jsonb    COMPRESSION lz4 NOT NULL
);
CREATE TABLE kakunin.health_check_content (
  pushed_by        text     NOT NULL,
  reference        text     NOT NULL,
  month            date     NOT NULL,  -- of examination_date
  examination_date date     NOT NULL,
  programme        smallint NOT NULL,
  registrar_name   text     NOT NULL,
  facility_code    text     NOT NULL,
  facility_name    text     NOT NULL,
  items            jsonb    COMPRESSION lz4 NOT NULL
);

-- Kept for years and dropped by months: partitions are months of treatment, made back and ahead by
-- `kakunin migrate partitions`.
CREATE TABLE kakunin.receipt (
  person_id  uuid        NOT NULL,
  LIKE kakunin.receipt_content INCLUDING COMPRESSION,
  feed_id    uuid        NOT NULL,  -- the delivery that wrote this row
  known_from timestamptz NOT NULL,
  known_to   timestamptz,
  PRIMARY KEY (person_id, month, pushed_by, reference, known_from),
  CHECK (known_to > known_from)
) PARTITION BY RANGE (month);
CREATE UNIQUE INDEX receipt_current
  ON kakunin.receipt (person_id, month, pushed_by, reference) WHERE known_to IS NULL;
CREATE TABLE kakunin.receipt_default PARTITION OF kakunin.receipt DEFAULT;

CREATE TABLE kakunin.health_check (
  person_id  uuid        NOT NULL,
  LIKE kakunin.health_check_content INCLUDING COMPRESSION,
  feed_id    uuid        NOT NULL,
  known_from timestamptz NOT NULL,
  known_to   timestamptz,
  PRIMARY KEY (person_id, month, pushed_by, reference, known_from),
  CHECK (known_to > known_from)
);
CREATE UNIQUE INDEX health_check_current
  ON kakunin.health_check (person_id, month, pushed_by, reference) WHERE known_to IS NULL;

-- Rows that came without an individual number: kept, shown to nobody, linked to nobody.
CREATE TABLE kakunin.hidden_receipt (
  LIKE kakunin.receipt_content INCLUDING COMPRESSION,
  feed_id    uuid        NOT NULL,
  known_from timestamptz NOT NULL,
  known_to   timestamptz,
  PRIMARY KEY (pushed_by, reference, known_from),
  CHECK (known_to > known_from)
);
CREATE UNIQUE INDEX hidden_receipt_current
  ON kakunin.hidden_receipt (pushed_by, reference) WHERE known_to IS NULL;
CREATE TABLE kakunin.hidden_health_check (
  LIKE kakunin.health_check_content INCLUDING COMPRESSION,
  feed_id    uuid        NOT NULL,
  known_from timestamptz NOT NULL,
  known_to   timestamptz,
  PRIMARY KEY (pushed_by, reference, known_from),
  CHECK (known_to > known_from)
);
CREATE UNIQUE INDEX hidden_health_check_current
  ON kakunin.hidden_health_check (pushed_by, reference) WHERE known_to IS NULL;

-- Rows of a delivery on their way into the truth; removed when it is published.
CREATE TABLE kakunin.feed_receipt_row (
  feed_id       uuid     NOT NULL,
  chunk_number  bigint   NOT NULL,
  row_index     integer  NOT NULL,
  action        smallint NOT NULL,
  number_hash   bytea,  -- null: no individual number, the row will be hidden
  number_key_id text,
  LIKE kakunin.receipt_content INCLUDING COMPRESSION,
  PRIMARY KEY (feed_id, chunk_number, row_index),
  CHECK ((number_hash IS NULL) = (number_key_id IS NULL))
);
CREATE TABLE kakunin.feed_health_check_row (
  feed_id       uuid     NOT NULL,
  chunk_number  bigint   NOT NULL,
  row_index     integer  NOT NULL,
  action        smallint NOT NULL,
  number_hash   bytea,
  number_key_id text,
  LIKE kakunin.health_check_content INCLUDING COMPRESSION,
  PRIMARY KEY (feed_id, chunk_number, row_index),
  CHECK ((number_hash IS NULL) = (number_key_id IS NULL))
);

DROP TABLE kakunin.receipt_content, kakunin.health_check_content;

-- Whose row, and of which month, a reference names: finds what a changed or lost row replaces.
CREATE TABLE kakunin.receipt_by_reference (
  pushed_by text NOT NULL,
  reference text NOT NULL,
  person_id uuid NOT NULL,
  month     date NOT NULL,
  PRIMARY KEY (pushed_by, reference)
);
CREATE TABLE kakunin.health_check_by_reference (
  pushed_by text NOT NULL,
  reference text NOT NULL,
  person_id uuid NOT NULL,
  month     date NOT NULL,
  PRIMARY KEY (pushed_by, reference)
);

-- All current records of one kind of one person and month, ready to send: a copy, written in the
-- transaction that changes the truth.
CREATE TABLE kakunin.month_record (
  person_id  uuid        NOT NULL,
  kind       smallint    NOT NULL,  -- RecordKind of domain/record_kind.h: 1 to 4
  month      date        NOT NULL,
  format     smallint    NOT NULL,  -- kMonthRecordFormat of domain/month_record.h
  arrived_at timestamptz NOT NULL,  -- when the newest of them came
  octets     bytea       NOT NULL,
  PRIMARY KEY (person_id, kind, month)
) WITH (toast_tuple_target = 8160);
-- Never compressed, and out of line only beyond a page, as answers are.
ALTER TABLE kakunin.month_record ALTER COLUMN octets SET STORAGE EXTERNAL;

-- Every table partitioned by month, whichever migration made it.
CREATE OR REPLACE FUNCTION kakunin.default_partitions()
  RETURNS TABLE (table_name text, holds_rows boolean)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  partitioned record;
BEGIN
  FOR partitioned IN
    SELECT c.relname, p.partdefid FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
    WHERE c.relnamespace = 'kakunin'::regnamespace AND p.partdefid <> 0 ORDER BY c.relname
  LOOP
    RETURN QUERY EXECUTE format('SELECT %L::text, EXISTS (SELECT FROM %s)', partitioned.relname,
                                partitioned.partdefid::regclass);
  END LOOP;
END
$$;

GRANT SELECT ON kakunin.month_record TO kakunin_terminal;

GRANT SELECT, INSERT, UPDATE (known_to)
  ON kakunin.receipt, kakunin.hidden_receipt, kakunin.health_check, kakunin.hidden_health_check
  TO kakunin_insurer;
GRANT SELECT, INSERT, UPDATE (month)
  ON kakunin.receipt_by_reference, kakunin.health_check_by_reference TO kakunin_insurer;
GRANT SELECT, INSERT, DELETE ON kakunin.feed_receipt_row, kakunin.feed_health_check_row
  TO kakunin_insurer;
GRANT SELECT, INSERT, UPDATE, DELETE ON kakunin.month_record TO kakunin_insurer;

-- Retention: months of receipts are dropped by their owner, the others deleted in batches.
GRANT SELECT, DELETE
  ON kakunin.month_record, kakunin.health_check, kakunin.hidden_receipt,
     kakunin.hidden_health_check, kakunin.receipt_by_reference, kakunin.health_check_by_reference
  TO kakunin_job;
