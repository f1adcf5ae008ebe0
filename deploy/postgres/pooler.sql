-- Lets PgBouncer look up how the logins of terminals and counters prove themselves.
-- Run it in each database behind the pooler, as a superuser, after `kiosk branch init`:
--     psql --dbname branch --file pooler.sql
-- then give the pooler's own login a password, the one in PgBouncer's userlist.txt:
--     psql --dbname branch --command '\password kiosk_pooler'

\set ON_ERROR_STOP on
BEGIN;

SELECT 'CREATE ROLE kiosk_pooler LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kiosk_pooler') \gexec

SELECT format('GRANT CONNECT ON DATABASE %I TO kiosk_pooler', current_database()) \gexec

SELECT format('GRANT CONNECT ON DATABASE %I TO kiosk_pooler', current_database()) \gexec
CREATE SCHEMA IF NOT EXISTS kiosk_pooler;
REVOKE ALL ON SCHEMA kiosk_pooler FROM PUBLIC;
GRANT USAGE ON SCHEMA kiosk_pooler TO kiosk_pooler;

-- Of terminals and counters only: nobody else comes through the pooler.
CREATE OR REPLACE FUNCTION kiosk_pooler.lookup(login text)
RETURNS TABLE (name text, verifier text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT rolname::text, rolpassword FROM pg_authid
    WHERE rolname = login AND rolcanlogin AND NOT rolsuper
    AND (pg_has_role(oid, 'kiosk_terminal', 'MEMBER') OR pg_has_role(oid, 'kiosk_counter', 'MEMBER'))
$$;
REVOKE ALL ON FUNCTION kiosk_pooler.lookup(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kiosk_pooler.lookup(text) TO kiosk_pooler;

COMMIT;
