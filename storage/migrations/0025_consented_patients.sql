-- Creates: what leads from a facility to the patients who consented for visits at home and for online
--   care, and by which link they came.
-- Locks: consent_act, against writes while the indexes are built (two readings of it; consents given
--   by card wait or are refused, to be asked again), then exclusively for a moment (a column without a
--   default). Acts at a desk, nearly all there are, are in neither index and cost as before.
-- Previous binary: works; of acts that it writes meanwhile the booking's name is not known.

SET LOCAL ROLE kakunin_owner;

-- FormOfCare: 2 home visit, 3 online care.
CREATE INDEX consent_act_at_home ON kakunin.consent_act (facility_code, begin_at, stream, number)
  WHERE form_of_care IN (2, 3);
CREATE INDEX consent_act_booking
  ON kakunin.consent_act (facility_code, appointment_day, begin_at, stream, number)
  WHERE form_of_care = 3;

-- Last: its lock keeps out readers too, and lasts to the commit.
ALTER TABLE kakunin.consent_act
  ADD COLUMN link_id uuid;  -- null: not by a link, or written before it was kept
