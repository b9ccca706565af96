-- Lets: the timed jobs call lists deleted whose time is up, before they remove them step by step.
-- Locks: nothing.
-- Previous binary: works; it removes a list in one go.

SET LOCAL ROLE kakunin_owner;

GRANT UPDATE (state) ON kakunin.bulk_inquiry TO kakunin_job;
