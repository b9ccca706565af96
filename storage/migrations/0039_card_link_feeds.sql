-- Creates: card link providers among the parties; staged rows of delivered card links, and what each
--   delivery changed of the links, by which it is undone.
-- Locks: party for a moment (a check over its few rows).
-- Previous binary: works; it takes no delivery of card links, and nobody who calls as a provider.

SET LOCAL ROLE kakunin_owner;

-- Insurers (kind 2), operators (3), claims reviewers (6) and card link providers (7, name: letters,
-- digits and hyphens, a letter first, so that it is no other party's number in feed.insurer_number).
ALTER TABLE kakunin.party DROP CONSTRAINT party_kind_check;
ALTER TABLE kakunin.party ADD CONSTRAINT party_kind_check CHECK (kind IN (2, 3, 6, 7));

CREATE TABLE kakunin.feed_card_link_row (
  feed_id                uuid     NOT NULL,
  chunk_number           bigint   NOT NULL,
  row_index              integer  NOT NULL,
  action                 smallint NOT NULL,  -- says nothing of a link
  number_hash            bytea    NOT NULL,
  number_key_id          text     NOT NULL,
  row_hash               uuid,               -- null: they are compared row by row
  reference              text     NOT NULL,  -- CardLinkReference of domain/card_link.h
  issuer_key_id          bytea    NOT NULL,
  serial                 bytea    NOT NULL,
  medium                 smallint NOT NULL,
  replaces_issuer_key_id bytea,
  replaces_serial        bytea,
  PRIMARY KEY (feed_id, chunk_number, row_index),
  CHECK ((replaces_issuer_key_id IS NULL) = (replaces_serial IS NULL))
);

-- One row a link that a delivery made, changed or, as one that says something of it, only named. It
-- stays when the delivery is undone and the link is gone: whose it was said to be, and by which
-- delivery, remains known.
CREATE TABLE kakunin.card_link_change (
  feed_id             uuid     NOT NULL,
  issuer_key_id       bytea    NOT NULL,
  serial              bytea    NOT NULL,
  person_id           uuid     NOT NULL,  -- whose it was when it was published
  made                boolean  NOT NULL,  -- nobody knew the link before
  medium_before       smallint,           -- null: made
  medium_after        smallint NOT NULL,
  superseded          boolean  NOT NULL,  -- by this delivery
  superseded_at_after timestamptz,
  PRIMARY KEY (feed_id, issuer_key_id, serial),
  CHECK (made = (medium_before IS NULL))
);
-- Which other deliveries name a link, when one is undone.
CREATE INDEX card_link_change_of_link ON kakunin.card_link_change (issuer_key_id, serial);

GRANT SELECT, INSERT, DELETE ON kakunin.feed_card_link_row TO kakunin_insurer;
GRANT SELECT, INSERT ON kakunin.card_link_change TO kakunin_insurer;
-- Links are put as the operators' port puts them; an undo removes those that its delivery made.
GRANT SELECT, INSERT, DELETE,
      UPDATE (medium, superseded_at, superseded_by_issuer_key_id, superseded_by_serial)
  ON kakunin.card_link TO kakunin_insurer;
