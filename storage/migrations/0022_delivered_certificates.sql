-- Creates: the staged rows of certificates (高齢受給者証, 限度額適用認定証, 特定疾病療養受療証) that are
--   delivered by themselves; with each coverage, those that belong to it.
-- Locks: coverage for a moment (column), and against writes while an index is built: one scan, as
--   nothing is in it yet.
-- Previous binary: works until the first such certificate is published; then it shows them, and loses
--   those of each coverage that it writes anew: deliver none before every server is of this version.

SET LOCAL ROLE kakunin_owner;

-- Array of flat objects: name ("insurer/kind/reference"), kind (FeedKind), and what 0003 says of the
-- parts of a coverage, of an elderly recipient certificate: issue_date, valid_from, valid_through,
-- contribution_percent. Null: none was delivered. It is carried on from version to version.
ALTER TABLE kakunin.coverage ADD COLUMN certificates jsonb;

-- Whose a certificate of a name is.
CREATE INDEX coverage_certificates ON kakunin.coverage USING gin (certificates jsonb_path_ops)
  WHERE known_to IS NULL AND certificates IS NOT NULL;

CREATE TABLE kakunin.feed_certificate_row (
  feed_id            uuid     NOT NULL,
  chunk_number       bigint   NOT NULL,
  row_index          integer  NOT NULL,
  action             smallint NOT NULL,
  number_hash        bytea    NOT NULL,
  number_key_id      text     NOT NULL,
  row_hash           uuid,    -- null: they are compared row by row
  reference          text     NOT NULL,
  coverage_reference text     NOT NULL,
  certificate        jsonb    NOT NULL,  -- as in coverage.certificates, without its name
  PRIMARY KEY (feed_id, chunk_number, row_index)
);

GRANT SELECT, INSERT, DELETE ON kakunin.feed_certificate_row TO kakunin_insurer;
