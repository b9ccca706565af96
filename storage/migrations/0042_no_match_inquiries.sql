-- Creates: who asked by number and was told that there is no such coverage, so that a delivery which
--   brings it tells them; with each notice, whether it answers such a question.
-- Locks: notice for a moment (a column).
-- Previous binary: works; what it answers so leaves no trace here and gets no notice. It tells a notice
--   about such a question with the patient's handle, which asking again would give as well.

SET LOCAL ROLE kakunin_owner;

-- Names nobody: the keyed hash of what was asked, as in insured_lookup. A delivery concerns the
-- questions about its own insurer.
CREATE TABLE kakunin.no_match_inquiry (
  insurer_number text        NOT NULL,
  key_hash       uuid        NOT NULL,  -- with the branch when one was given
  at             timestamptz NOT NULL,
  stream         uuid        NOT NULL,
  number         bigint      NOT NULL,
  facility_code  text        NOT NULL,
  day            date        NOT NULL,  -- asked about, JST
  PRIMARY KEY (insurer_number, key_hash, at, stream, number)
) PARTITION BY RANGE (at);
CREATE TABLE kakunin.no_match_inquiry_default PARTITION OF kakunin.no_match_inquiry DEFAULT;

-- True: the facility had been told that there is no such coverage. Null: it had been shown somebody.
ALTER TABLE kakunin.notice ADD COLUMN no_match boolean;

GRANT INSERT ON kakunin.no_match_inquiry TO kakunin_terminal;
GRANT SELECT ON kakunin.no_match_inquiry TO kakunin_job;
