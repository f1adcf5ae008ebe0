-- In a region: how far the head office is behind, and how much room is left until it is cut off.
--     psql --dbname branch --file lag.sql
-- Alarm when `active` is false for longer than an outage may last, and when `wal_status` is not
-- `reserved` or `extended`: `lost` means that the head office must start anew.

SELECT slot_name, active, wal_status,
    pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) AS bytes_behind,
    safe_wal_size AS bytes_left
FROM pg_replication_slots
WHERE slot_type = 'logical' AND database = current_database() AND NOT temporary
ORDER BY slot_name;
