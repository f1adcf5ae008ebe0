-- Takes a region's branch database into the head office's, first what is there, then what comes.
-- Run it in the head office's database, as a superuser, after `kiosk branch init` there:
--     psql --dbname bank --set region=north \
--         --set connection='host=north.example dbname=branch user=kiosk_replication passfile=/…/passfile sslmode=verify-full' \
--         --file subscribe.sql
-- The password stays in the file: whoever may read pg_subscription reads the connection, too.

\set ON_ERROR_STOP on

-- disable_on_error stays off: it would also disable a region whose server was away for a moment
-- ("could not receive data from WAL stream"), and only a person could bring it back.
-- synchronous_commit is on: a crash in the first copy that forgets that a table is done leaves it
-- behind for good (docs/head-office.md); so it takes a crash in one very moment.
CREATE SUBSCRIPTION :"region" CONNECTION :'connection'
PUBLICATION kiosk_log, kiosk_derived WITH (disable_on_error = false, synchronous_commit = on);
