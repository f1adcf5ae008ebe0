-- A batch with a receipt and nothing else: the bare form that the synchronisation is measured beside.
CREATE TABLE kiosk (
    kiosk_id text PRIMARY KEY, epoch integer NOT NULL DEFAULT 1, acked_seq bigint NOT NULL DEFAULT 0,
    batch_no bigint NOT NULL DEFAULT 0, chain text NOT NULL DEFAULT '', last_seen timestamptz
);
CREATE TABLE event (
    event_id uuid PRIMARY KEY, kiosk_id text NOT NULL, epoch integer NOT NULL, seq bigint NOT NULL,
    kind text NOT NULL, service text, outcome text, occurred_at timestamptz NOT NULL,
    mono_ns bigint NOT NULL, boot_id text NOT NULL, schema_ver integer NOT NULL, payload jsonb NOT NULL,
    UNIQUE (kiosk_id, epoch, seq)
);
CREATE TABLE receipt (
    kiosk_id text, epoch integer, batch_no bigint, from_seq bigint, to_seq bigint, n integer, sha text,
    inserted integer, PRIMARY KEY (kiosk_id, epoch, batch_no)
);
CREATE FUNCTION bare_push(
    kid text, bno bigint, lo bigint, hi bigint, cnt integer, psha text, prev text, body text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    k kiosk; r receipt; ins integer; there integer;
BEGIN
    SELECT * INTO k FROM kiosk WHERE kiosk_id = kid FOR UPDATE;
    IF NOT FOUND THEN RETURN 'not_enrolled'; END IF;
    SELECT * INTO r FROM receipt WHERE kiosk_id = kid AND epoch = 1 AND batch_no = bno;
    IF FOUND THEN RETURN CASE WHEN r.sha = psha THEN 'already' ELSE 'fork' END; END IF;
    IF bno <> k.batch_no + 1 OR lo <= k.acked_seq OR prev <> k.chain THEN RETURN 'fork'; END IF;
    IF encode(sha256(convert_to(prev || body, 'UTF8')), 'hex') <> psha THEN RETURN 'bad_digest'; END IF;
    INSERT INTO event (
        kiosk_id, epoch, seq, event_id, kind, service, outcome, occurred_at, mono_ns, boot_id,
        schema_ver, payload
    )
    SELECT kid, 1, t.* FROM json_to_recordset(body::json) AS t(
        seq bigint, event_id uuid, kind text, service text, outcome text, occurred_at timestamptz,
        mono_ns bigint, boot_id text, schema_ver integer, payload jsonb
    ) ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS ins = ROW_COUNT;
    SELECT count(*) INTO there FROM event WHERE kiosk_id = kid AND epoch = 1 AND seq BETWEEN lo AND hi;
    IF there <> cnt THEN RAISE 'rows_missing'; END IF;
    INSERT INTO receipt VALUES (kid, 1, bno, lo, hi, cnt, psha, ins);
    UPDATE kiosk SET acked_seq = hi, batch_no = bno, chain = psha, last_seen = now() WHERE kiosk_id = kid;
    RETURN 'ok';
END $$;
