-- Creates: the way from a view (abnormal times) to the looks at records that were made by it.
-- Locks: record_access against writes while it is read once, to find that there are none: no record is
--   shown meanwhile (a minute for some hundred millions of rows), eligibility is confirmed. At night.
-- Previous binary: works.

SET LOCAL ROLE kakunin_owner;

CREATE INDEX record_access_view ON kakunin.record_access (view_id) WHERE view_id IS NOT NULL;
