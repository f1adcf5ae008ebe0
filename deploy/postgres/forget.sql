-- At the head office: removes all that came from some branches, so that their region can be taken in
-- anew. First drop the region's subscription; other regions are not touched.
--     psql --dbname bank --set branches=0001,0002 --file forget.sql

\set ON_ERROR_STOP on
BEGIN;

CREATE TEMPORARY TABLE gone ON COMMIT DROP AS
SELECT string_to_table(:'branches', ',') AS code;

DELETE FROM hourly_figures WHERE branch IN (SELECT code FROM gone);
DELETE FROM consent WHERE branch IN (SELECT code FROM gone);
DELETE FROM outage WHERE branch IN (SELECT code FROM gone);
DELETE FROM follow_up WHERE branch IN (SELECT code FROM gone);
DELETE FROM sign_up WHERE branch IN (SELECT code FROM gone);
DELETE FROM assist WHERE branch IN (SELECT code FROM gone);
DELETE FROM help_call WHERE branch IN (SELECT code FROM gone);
DELETE FROM demo_run WHERE branch IN (SELECT code FROM gone);
DELETE FROM diversion WHERE branch IN (SELECT code FROM gone);
DELETE FROM counter_state WHERE branch IN (SELECT code FROM gone);
DELETE FROM ticket WHERE branch IN (SELECT code FROM gone);
DELETE FROM visit WHERE branch IN (SELECT code FROM gone);
DELETE FROM quarantine WHERE branch IN (SELECT code FROM gone);
DELETE FROM receipt WHERE branch IN (SELECT code FROM gone);
DELETE FROM event WHERE branch IN (SELECT code FROM gone);
DELETE FROM terminal WHERE branch IN (SELECT code FROM gone);
DELETE FROM branch WHERE code IN (SELECT code FROM gone);

COMMIT;
