-- Offers a region's branch database to the head office.
-- Run it in the region's database, as a superuser, after `kiosk branch init`:
--     psql --dbname branch --file publish.sql
-- then give the head office's login a password:
--     psql --dbname branch --command '\password kiosk_replication'
-- docs/head-office.md says what else the two servers need.

\set ON_ERROR_STOP on
BEGIN;

-- A reader like any other, who may follow the log as well.
SELECT 'CREATE ROLE kiosk_replication LOGIN REPLICATION IN ROLE kiosk_reader'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kiosk_replication') \gexec
-- It may connect here, and the rules about which rows a counter sees hide nothing from it: else the
-- first copy would lack them, without a word.
ALTER ROLE kiosk_replication BYPASSRLS;
SELECT format('GRANT CONNECT ON DATABASE %I TO kiosk_replication', current_database()) \gexec

DROP PUBLICATION IF EXISTS kiosk_log, kiosk_derived;

-- What only ever grows. Deletions stay in the region: when it drops a month of events, or moves some
-- to a month of their own, the head office keeps what it has. By way of the root, both ends may
-- have different months.
CREATE PUBLICATION kiosk_log FOR TABLE branch, terminal, event, receipt, journal_file
WITH (publish = 'insert, update', publish_via_partition_root = true);

-- What follows from it, and what is decided in the region.
CREATE PUBLICATION kiosk_derived
FOR TABLE visit, ticket, counter_state, demo_run, diversion, help_call, assist, sign_up, follow_up,
    outage, consent, hourly_figures, quarantine
WITH (publish = 'insert, update, delete');

SELECT format('GRANT CONNECT ON DATABASE %I TO kiosk_replication', current_database()) \gexec
COMMIT;
