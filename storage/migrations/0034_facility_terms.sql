-- Creates: on what terms a facility uses the service (type, ground and its end, closure, what it
--   added), reminders of a ground's end, and the mail that is to be sent of news.
-- Changes: terminals, their codes and requests may have a label; the onboarding role reads and
--   writes outcomes of applicants' requests alone; housekeeping deletes accounts that nobody
--   confirmed.
-- Locks: facility, terminal, enrolment_code, certificate_request and request_outcome, while they get
--   columns without values or a rule.
-- Previous binary: works, but refuses nobody by these terms and mails nothing: replace every server
--   before a closure, an addition or an application of the restricted type is approved.

SET LOCAL ROLE kakunin_owner;

-- All null: bounded by nothing. Days are JST.
ALTER TABLE kakunin.facility
  ADD COLUMN introduction_type smallint CHECK (introduction_type BETWEEN 1 AND 2),
  ADD COLUMN ground            smallint CHECK (ground BETWEEN 1 AND 10),
  ADD COLUMN ground_ending_day date,
  ADD COLUMN closure_last_day  date,
  ADD COLUMN closure_resume_day date,
  ADD COLUMN home_visits_from  date,  -- 'infinity': not added
  ADD COLUMN online_care_from  date;

-- Facilities that have joined by an application go on with its type and ground, and with home
-- visits and online care as before: nothing of them was bounded.
UPDATE kakunin.facility f SET introduction_type = u.introduction_type,
  ground = CASE u.introduction_type WHEN 2 THEN u.ground END,
  ground_ending_day = CASE u.introduction_type WHEN 2 THEN u.ending_day END
FROM (
  SELECT DISTINCT ON (a.facility_code) a.facility_code, a.introduction_type,
    array_position(ARRAY['measure-1', 'measure-2', 'measure-3', 'measure-4', 'measure-5',
                         'measure-6', 'treatment-house', 'paper-claims', 'check-up-body',
                         'midwife'],
                   substring(convert_from(v.content, 'UTF8') FROM '(?n)^ground=(.*)$'))::smallint
      AS ground,
    substring(convert_from(v.content, 'UTF8') FROM '(?n)^ground_ending_day=(.*)$')::date
      AS ending_day
  FROM kakunin.application a
  JOIN kakunin.application_version v
    ON v.application_id = a.application_id AND v.version = a.version
  WHERE a.kind = 1 AND a.state IN (4, 5)
  ORDER BY a.facility_code, a.first_submitted_at DESC
) u WHERE u.facility_code = f.facility_code;

CREATE INDEX facility_ground ON kakunin.facility (ground) WHERE ground IS NOT NULL;

-- An applicant reports what ends the ground, and every server reads it by the generation.
GRANT UPDATE (ground_ending_day, generation) ON kakunin.facility TO kakunin_onboarding;
GRANT UPDATE (generation) ON kakunin.registry_generation TO kakunin_onboarding;

-- On which days a facility was reminded of the end of its ground.
CREATE TABLE kakunin.ground_reminder (
  facility_code text NOT NULL,
  last_day      date NOT NULL,  -- of the right, as it was reported then
  day           date NOT NULL,
  PRIMARY KEY (facility_code, last_day, day)
);
GRANT SELECT, INSERT ON kakunin.ground_reminder TO kakunin_job;
GRANT SELECT ON kakunin.facility, kakunin.application, kakunin.applicant, kakunin.applicant_news
  TO kakunin_job;
GRANT INSERT ON kakunin.applicant_news TO kakunin_job;
-- News are numbered under their account's row, which is held: that needs the right to change it.
GRANT UPDATE (last_log_in), DELETE ON kakunin.applicant TO kakunin_job;

-- News that are to be mailed; sent ones are gone.
CREATE TABLE kakunin.applicant_mail (
  account text        NOT NULL,
  number  bigint      NOT NULL,
  at      timestamptz NOT NULL,
  text    text        NOT NULL,  -- what is mailed: the news without anybody's free words
  PRIMARY KEY (account, number)
);
CREATE INDEX applicant_mail_at ON kakunin.applicant_mail (at);
GRANT INSERT ON kakunin.applicant_mail TO kakunin_operator;
GRANT SELECT, INSERT, DELETE, UPDATE (at) ON kakunin.applicant_mail TO kakunin_job;

-- Lists of accounts of any state, in the order of their registration.
CREATE INDEX applicant_registered ON kakunin.applicant (registered_at, account COLLATE "C");

-- Where a terminal is used, of those that came by an activation code.
ALTER TABLE kakunin.enrolment_code ADD COLUMN label text;
ALTER TABLE kakunin.certificate_request ADD COLUMN label text;
ALTER TABLE kakunin.terminal ADD COLUMN label text;

-- Of the outcomes of administrative writes an applicant's port sees its own.
ALTER TABLE kakunin.request_outcome ENABLE ROW LEVEL SECURITY;
CREATE POLICY applicants ON kakunin.request_outcome TO kakunin_onboarding
  USING (actor LIKE 'applicant/%' OR actor LIKE 'address/%')
  WITH CHECK (actor LIKE 'applicant/%' OR actor LIKE 'address/%');
CREATE POLICY everybody_else ON kakunin.request_outcome
  TO kakunin_insurer, kakunin_operator, kakunin_job USING (true) WITH CHECK (true);
