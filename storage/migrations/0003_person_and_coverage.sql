-- Creates: persons, their numbers' hashes, the bitemporal coverages, the look-ups by other keys and
--   the answer row that is copied from the coverages.
-- Locks: nothing that exists.
-- Previous binary: works.
--
-- Days are Asia/Tokyo. A loss date (disqualification_date) is the first day NOT covered; every
-- *_valid_through is the last day covered. known_from and known_to bound what we knew, half-open;
-- known_to null: current knowledge.

SET LOCAL ROLE kakunin_owner;

CREATE TABLE kakunin.person (
  person_id  uuid        NOT NULL PRIMARY KEY,
  created_at timestamptz NOT NULL
);

-- The keyed hash of a 12-digit individual number leads to a person; the hash is its own shard key.
-- A person may have had several.
CREATE TABLE kakunin.person_number (
  number_hash bytea       NOT NULL PRIMARY KEY CHECK (octet_length(number_hash) = 32),
  key_id      text        NOT NULL,
  person_id   uuid        NOT NULL,
  known_from  timestamptz NOT NULL,
  known_to    timestamptz
);

-- What an insurer says of one coverage. Only a pattern for the tables that hold it: dropped below.
-- The jsonb columns are arrays, '[]' when empty, read by jsonb_to_recordset:
--   limit_certificates: classification, classification_flag, issue_date, valid_from, valid_through,
--     long_term_date
--   specific_disease_certificates: disease, issue_date, valid_from, valid_through, self_pay_yen
--   medical_tickets: valid_from, valid_through, serialised (base64)
CREATE TABLE kakunin.coverage_content (
  insurer_number                 text     NOT NULL,
  coverage_reference             text     NOT NULL,
  card_classification            smallint NOT NULL,
  symbol                         text     NOT NULL,
  number                         text     NOT NULL,
  branch_number                  text     NOT NULL,
  personal_family_classification smallint NOT NULL,
  insured_name                   text     NOT NULL,
  insured_name_kana              text     NOT NULL,
  name                           text     NOT NULL,
  name_kana                      text     NOT NULL,
  other_name                     text     NOT NULL,
  other_name_kana                text     NOT NULL,
  sex                            smallint NOT NULL,
  sex_back                       smallint NOT NULL,
  birth_date                     date     NOT NULL,
  address                        text     NOT NULL,
  postal_code                    text     NOT NULL,
  qualification_date             date     NOT NULL,
  disqualification_date          date,
  certificate_issue_date         date,
  certificate_valid_from         date,
  certificate_valid_through      date,
  partial_contribution_percent   smallint,
  preschool                      boolean  NOT NULL,
  reason_of_loss                 smallint NOT NULL,
  insurer_name                   text     NOT NULL,
  medical_aid_unregistered       boolean  NOT NULL,
  elderly_issue_date             date,
  elderly_valid_from             date,
  elderly_valid_through          date,
  elderly_contribution_percent   smallint,  -- null: no elderly recipient certificate
  limit_certificates             jsonb    NOT NULL,
  specific_disease_certificates  jsonb    NOT NULL,
  medical_tickets                jsonb    NOT NULL,
  key_without_branch             uuid     NOT NULL,
  key_with_branch                uuid     NOT NULL
);

CREATE TABLE kakunin.coverage (
  person_id  uuid        NOT NULL,
  LIKE kakunin.coverage_content,
  visible    boolean     NOT NULL,
  feed_id    uuid        NOT NULL,  -- the delivery that wrote this row
  known_from timestamptz NOT NULL,
  known_to   timestamptz,
  PRIMARY KEY (person_id, insurer_number, coverage_reference, known_from),
  CHECK (known_to > known_from)
);
-- One row of current knowledge a coverage, and the way to a person's current rows.
CREATE UNIQUE INDEX coverage_current
  ON kakunin.coverage (person_id, insurer_number, coverage_reference) WHERE known_to IS NULL;

-- Rows that came without an individual number: kept, shown to nobody, linked to nobody.
CREATE TABLE kakunin.hidden_coverage (
  LIKE kakunin.coverage_content,
  feed_id    uuid        NOT NULL,
  known_from timestamptz NOT NULL,
  known_to   timestamptz,
  PRIMARY KEY (insurer_number, coverage_reference, known_from),
  CHECK (known_to > known_from)
);
CREATE UNIQUE INDEX hidden_coverage_current
  ON kakunin.hidden_coverage (insurer_number, coverage_reference) WHERE known_to IS NULL;

-- Rows of a delivery on their way into the truth; removed when it is published. A crash must not
-- lose what was acknowledged, so the table is logged.
CREATE TABLE kakunin.feed_coverage_row (
  feed_id       uuid     NOT NULL,
  chunk_number  bigint   NOT NULL,
  row_index     integer  NOT NULL,
  action        smallint NOT NULL,
  number_hash   bytea,  -- null: no individual number, the row will be hidden
  number_key_id text,
  LIKE kakunin.coverage_content,
  PRIMARY KEY (feed_id, chunk_number, row_index),
  CHECK ((number_hash IS NULL) = (number_key_id IS NULL))
);

DROP TABLE kakunin.coverage_content;

-- Whose coverage an insurer's own reference names: finds the row that a changed or lost one
-- replaces, and shows when an insurer moves a reference to somebody else.
CREATE TABLE kakunin.coverage_by_reference (
  insurer_number     text NOT NULL,
  coverage_reference text NOT NULL,
  person_id          uuid NOT NULL,
  PRIMARY KEY (insurer_number, coverage_reference)
);

-- Keyed hash of (insurer, symbol, number, birth date), once with and once without the branch.
CREATE TABLE kakunin.insured_lookup (
  key_hash  uuid NOT NULL,
  person_id uuid NOT NULL,
  PRIMARY KEY (key_hash, person_id)
);

-- All visible coverages of current knowledge of one person, ready to send: a copy, written in the
-- transaction that changes the truth.
CREATE TABLE kakunin.answer (
  person_id uuid     NOT NULL PRIMARY KEY,
  format    smallint NOT NULL,  -- kAnswerFormat of domain/answer_row.h
  octets    bytea    NOT NULL
) WITH (fillfactor = 80, toast_tuple_target = 8160);
-- Never compressed, and out of line only beyond a page: the hot path reads it in one step.
ALTER TABLE kakunin.answer ALTER COLUMN octets SET STORAGE EXTERNAL;

-- Which certificate belongs to whom, with history.
CREATE TABLE kakunin.card_link (
  issuer_key_id               bytea       NOT NULL CHECK (octet_length(issuer_key_id) = 32),
  serial                      bytea       NOT NULL,
  person_id                   uuid        NOT NULL,
  medium                      smallint    NOT NULL,
  linked_at                   timestamptz NOT NULL,
  superseded_at               timestamptz,
  superseded_by_issuer_key_id bytea,
  superseded_by_serial        bytea,
  PRIMARY KEY (issuer_key_id, serial),
  CHECK (num_nulls(superseded_at, superseded_by_issuer_key_id, superseded_by_serial) IN (0, 3))
);

GRANT SELECT ON kakunin.coverage, kakunin.insured_lookup, kakunin.answer, kakunin.card_link
  TO kakunin_terminal;

GRANT SELECT, INSERT ON kakunin.person, kakunin.person_number
  TO kakunin_insurer, kakunin_operator;
GRANT SELECT, INSERT, UPDATE (known_to) ON kakunin.coverage, kakunin.hidden_coverage
  TO kakunin_insurer;
GRANT SELECT, INSERT ON kakunin.coverage_by_reference TO kakunin_insurer;
GRANT SELECT, INSERT, DELETE ON kakunin.insured_lookup, kakunin.feed_coverage_row
  TO kakunin_insurer;
GRANT SELECT, INSERT, UPDATE ON kakunin.answer TO kakunin_insurer;

-- A card of somebody no insurer has named yet makes a person with an empty answer row.
GRANT INSERT ON kakunin.answer TO kakunin_operator;
GRANT SELECT, INSERT,
      UPDATE (superseded_at, superseded_by_issuer_key_id, superseded_by_serial)
  ON kakunin.card_link TO kakunin_operator;

-- The job rebuilds answer rows of an older format.
GRANT SELECT ON kakunin.coverage TO kakunin_job;
GRANT SELECT, UPDATE ON kakunin.answer TO kakunin_job;
