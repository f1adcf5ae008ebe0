-- At the head office: every region, whether it is still taken in, and how often it failed.
--     psql --dbname bank --file subscriptions.sql
-- Alarm when `errors` grows while the region's server is there: something does not fit and is tried
-- again every few seconds. What and where stands in the server's log.

SELECT s.subname AS region, s.subenabled AS enabled,
    (SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel WHERE srsubid = s.oid) AS copied,
    apply_error_count AS errors, sync_error_count AS copy_errors,
    date_trunc('second', now() - latest_end_time) AS silent_for
FROM pg_subscription AS s
JOIN pg_stat_subscription_stats AS failed ON failed.subid = s.oid
LEFT JOIN pg_stat_subscription AS work
ON work.subid = s.oid AND work.relid IS NULL AND work.leader_pid IS NULL
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY s.subname;
