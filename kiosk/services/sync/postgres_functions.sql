-- The branch's end of the synchronisation as functions of PostgreSQL: one call for each batch.
-- `postgres_functions.py` fills in what stands in braces and installs them; `receive.py` says the
-- same in statements. `postgres_roles.py` says who may call which and as whom they run.
-- Each refusal is an exception that rolls everything back: SQLSTATE KS001, the status as its
-- message and what the sentence mentions as its detail.

CREATE OR REPLACE FUNCTION kiosk_refuse(status text, details json DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'KS001', MESSAGE = status, DETAIL = details::text;
END $$;

CREATE OR REPLACE FUNCTION kiosk_position(of_terminal terminal) RETURNS json
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT json_build_object(
        'number', of_terminal.batch_number, 'seq', of_terminal.acked_seq, 'chain', of_terminal.chain
    )
$$;

-- Check that the terminal belongs here and is who it says; keep its other batches out until the end.
CREATE OR REPLACE FUNCTION kiosk_identify(
    caller json, OUT known terminal, OUT here branch_meta
) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    schema integer := caller ->> 'schema_version';
BEGIN
    SELECT * INTO here FROM branch_meta;
    IF NOT FOUND THEN
        PERFORM kiosk_refuse('no_branch_database');
    END IF;
    IF caller ->> 'database_id' <> here.id::text THEN
        PERFORM kiosk_refuse('other_database');
    END IF;
    IF schema > here.schema_max OR (caller ->> 'wire_format')::integer NOT IN ({wire_formats}) THEN
        PERFORM kiosk_refuse('schema_too_new', json_build_object(
            'schema', schema, 'low', here.schema_min, 'high', here.schema_max
        ));
    ELSIF schema < here.schema_min THEN
        PERFORM kiosk_refuse('schema_too_old', json_build_object(
            'schema', schema, 'low', here.schema_min, 'high', here.schema_max
        ));
    END IF;
    PERFORM FROM branch WHERE code = caller ->> 'branch';
    IF NOT FOUND THEN
        PERFORM kiosk_refuse('wrong_branch');
    END IF;
    SELECT * INTO known FROM terminal
    WHERE branch = caller ->> 'branch' AND code = caller ->> 'terminal'
    -- one who may be the owner, as the administrator may, can do everything anyway
    AND (login = session_user OR pg_has_role(session_user, current_user, 'MEMBER'))
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM kiosk_refuse('not_enrolled');
    END IF;
    IF known.epoch <> (caller ->> 'epoch')::integer THEN
        PERFORM kiosk_refuse('epoch_mismatch', json_build_object(
            'epoch', (caller ->> 'epoch')::integer, 'known', known.epoch
        ));
    END IF;
    IF known.digit <> (caller ->> 'digit')::integer THEN
        PERFORM kiosk_refuse('digit_differs', json_build_object(
            'digit', (caller ->> 'digit')::integer, 'known', known.digit
        ));
    END IF;
END $$;

-- `ok` when both stand at the same place, `ahead` when the branch is further; else a refusal.
CREATE OR REPLACE FUNCTION kiosk_compare(known terminal, theirs json) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    number integer := theirs ->> 'number';
BEGIN
    IF known.batch_number > number THEN
        RETURN 'ahead';
    ELSIF known.batch_number < number THEN
        PERFORM kiosk_refuse('branch_lost_data', json_build_object(
            'number', number, 'known', known.batch_number
        ));
    ELSIF known.acked_seq <> (theirs ->> 'seq')::bigint OR known.chain <> theirs ->> 'chain' THEN
        PERFORM kiosk_refuse('fork', json_build_object('number', number));
    END IF;
    RETURN 'ok';
END $$;

-- Note when the terminal was in touch, what it runs, how far its clock is off and what waits there.
CREATE OR REPLACE FUNCTION kiosk_keep_terminal(caller json) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    UPDATE terminal SET
        schema_version = (caller ->> 'schema_version')::integer,
        app_version = caller ->> 'app_version',
        last_seen = now(),
        clock_skew_seconds = greatest(-2147483647, least(2147483647, round(
            extract(epoch FROM (caller ->> 'sent_at')::timestamptz - now())
        ))),
        waiting = (caller ->> 'waiting')::bigint,
        oldest_waiting_at = (
            SELECT at FROM (SELECT (caller ->> 'oldest_waiting_at')::timestamptz) AS told(at)
            -- what lies beyond can't be read by those who ask
            WHERE at BETWEEN '1970-01-01' AND '9000-01-01'
        ),
        up_seconds = CASE WHEN health.is_told THEN health.up_seconds ELSE terminal.up_seconds END,
        printer = CASE WHEN health.is_told THEN health.printer ELSE terminal.printer END,
        free_mb = CASE WHEN health.is_told THEN health.free_mb ELSE terminal.free_mb END,
        last_error = CASE WHEN health.is_told THEN health.last_error ELSE terminal.last_error END,
        last_error_at = CASE
            WHEN health.is_told THEN health.last_error_at ELSE terminal.last_error_at
        END,
        goes_out = CASE WHEN health.is_told THEN health.goes_out ELSE terminal.goes_out END,
        -- an audit log that went back keeps what was known of it before
        audit_seq = CASE WHEN audit.is_torn THEN audit_seq ELSE coalesce(audit.seq, audit_seq) END,
        audit_head = CASE WHEN audit.is_torn OR audit.seq IS NULL THEN audit_head ELSE audit.head END,
        audit_torn_at = CASE
            WHEN audit.is_torn THEN coalesce(audit_torn_at, now()) ELSE audit_torn_at
        END
    FROM (
        SELECT told.seq, told.head, coalesce(
            before.audit_seq > told.seq
            OR before.audit_seq = told.seq AND before.audit_head <> told.head, false
        ) AS is_torn
        FROM terminal AS before,
            (SELECT (caller ->> 'audit_seq')::bigint, caller ->> 'audit_head') AS told(seq, head)
        WHERE before.branch = caller ->> 'branch' AND before.code = caller ->> 'terminal'
    ) AS audit, (
        SELECT
            json_typeof(told) IS NOT DISTINCT FROM 'object' AS is_told,
            (told ->> 'up_seconds')::bigint AS up_seconds,
            told ->> 'printer' AS printer,
            (told ->> 'free_mb')::bigint AS free_mb,
            told ->> 'last_error' AS last_error,
            -- what lies beyond can't be read by those who ask
            CASE
                WHEN (told ->> 'last_error_at')::timestamptz BETWEEN '1970-01-01' AND '9000-01-01'
                THEN (told ->> 'last_error_at')::timestamptz
            END AS last_error_at,
            coalesce((told ->> 'goes_out')::boolean, false) AS goes_out
        FROM (SELECT caller -> 'condition') AS condition(told)
    ) AS health
    WHERE branch = caller ->> 'branch' AND code = caller ->> 'terminal'
$$;

CREATE OR REPLACE FUNCTION kiosk_greet(caller json) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    who record;
    status text;
BEGIN
    SELECT * INTO who FROM kiosk_identify(caller);
    status := kiosk_compare(who.known, caller -> 'position');
    PERFORM kiosk_keep_terminal(caller);
    RETURN json_build_object(
        'status', status, 'database_id', (who.here).id, 'position', kiosk_position(who.known)
    );
END $$;

-- Bring the derived tables up to date with events that were just stored.
CREATE OR REPLACE FUNCTION kiosk_project(
    fresh event[], p_branch text, p_terminal text, p_epoch integer,
    p_from_seq bigint, p_to_seq bigint
) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    kinds text[];
    left_out boolean;
    steps boolean;
    counted boolean;
    ended boolean;
BEGIN
    {news} INTO kinds, left_out, steps, counted, ended;
{projections}
END $$;

-- Whether the events are the caller's own, from `p_from_seq` on in order, and mean something.
CREATE OR REPLACE FUNCTION kiosk_are_sound(
    fresh event[], p_branch text, p_terminal text, p_epoch integer, p_from_seq bigint,
    p_lowest_schema integer, p_highest_schema integer
) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_and(
        event.branch = p_branch AND event.terminal = p_terminal AND event.epoch = p_epoch
        AND event.seq = p_from_seq + place - 1
        AND isfinite(event.occurred_at) AND isfinite(event.business_date)
        AND coalesce(isfinite(event.arrived_at), true)
        AND {means_something}
    ), false)
    FROM unnest(fresh) WITH ORDINALITY AS event({columns}, place)
$$;

-- Take a batch whose events are all new and sound: the usual case. Answers whether it was one; if
-- not, nothing has changed.
CREATE OR REPLACE FUNCTION kiosk_store_at_once(
    caller json, batch text, events integer, here branch_meta
) RETURNS boolean LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    before bigint := caller -> 'position' ->> 'seq';
    fresh event[];
BEGIN
    WITH new AS (
        INSERT INTO event ({columns})
        SELECT {values}
        FROM json_to_recordset(('[' || replace(batch, E'\n', ',') || ']')::json) AS line({types})
        ON CONFLICT DO NOTHING
        RETURNING event AS stored
    )
    SELECT array_agg(stored) INTO fresh FROM new;
    IF coalesce(cardinality(fresh), 0) <> events OR NOT kiosk_are_sound(
        fresh, caller ->> 'branch', caller ->> 'terminal', (caller ->> 'epoch')::integer,
        before + 1, here.schema_min, here.schema_max
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'KS002';
    END IF;
    PERFORM kiosk_project(
        fresh, caller ->> 'branch', caller ->> 'terminal', (caller ->> 'epoch')::integer,
        before + 1, before + events
    );
    RETURN true;
EXCEPTION
    WHEN data_exception OR integrity_constraint_violation OR statement_too_complex OR SQLSTATE 'KS002'
    THEN RETURN false;
END $$;

-- Take one event of a batch. Answers `inserted`, `duplicate`, `missing` (another event has its id),
-- or why it can't be taken; then nothing has changed.
CREATE OR REPLACE FUNCTION kiosk_store_one(
    caller json, line text, number bigint, here branch_meta
) RETURNS text LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    sent event;
    p_branch text := caller ->> 'branch';
    p_terminal text := caller ->> 'terminal';
    p_epoch integer := caller ->> 'epoch';
    hint text;
BEGIN
    SELECT {values} INTO sent FROM json_to_record(line::json) AS line({types});
    IF (sent.branch, sent.terminal, sent.epoch, sent.seq)
        IS DISTINCT FROM (p_branch, p_terminal, p_epoch, number)
    THEN
        PERFORM kiosk_refuse('malformed', json_build_object(
            'number', (caller -> 'position' ->> 'number')::integer + 1
        ));
    ELSIF sent.schema_version > here.schema_max THEN
        PERFORM kiosk_refuse('schema_too_new', json_build_object(
            'schema', sent.schema_version, 'low', here.schema_min, 'high', here.schema_max
        ));
    ELSIF sent.schema_version < here.schema_min THEN
        RETURN 'schema too old';
    ELSIF (sent.kind, sent.stage) NOT IN ({stages}) THEN
        RETURN 'unknown kind or stage';
    ELSIF NOT kiosk_are_sound(
        ARRAY[sent], p_branch, p_terminal, p_epoch, number, here.schema_min, here.schema_max
    ) THEN
        RETURN 'value or empty column';
    END IF;
    INSERT INTO event ({columns}) SELECT sent.* ON CONFLICT DO NOTHING;
    IF FOUND THEN
        PERFORM kiosk_project(ARRAY[sent], p_branch, p_terminal, p_epoch, number, number);
        RETURN 'inserted';
    END IF;
    PERFORM FROM event AS there
    WHERE there.branch = p_branch AND there.business_date = sent.business_date
    AND there.id = sent.id AND there.terminal = p_terminal AND there.epoch = p_epoch
    AND there.seq = number;
    RETURN CASE WHEN FOUND THEN 'duplicate' ELSE 'missing' END;
EXCEPTION
    WHEN integrity_constraint_violation THEN
        GET STACKED DIAGNOSTICS hint = CONSTRAINT_NAME;
        RETURN 'refused by the database: ' || SQLSTATE || ' ' || hint;
    WHEN data_exception OR statement_too_complex THEN
        RETURN 'refused by the database: ' || SQLSTATE;
END $$;

-- What was answered when this batch came before.
CREATE OR REPLACE FUNCTION kiosk_earlier_answer(earlier receipt, known terminal, here branch_meta)
RETURNS json LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT json_build_object(
        'status', 'already', 'database_id', here.id, 'position', kiosk_position(known),
        'inserted', earlier.inserted, 'duplicates', earlier.duplicates,
        'received_at', earlier.received_at,
        'rejected', coalesce(
            json_agg(json_build_object('seq', q.seq, 'event', q.event, 'reason', q.reason)
                     ORDER BY q.seq) FILTER (WHERE q.seq IS NOT NULL),
            '[]'
        )
    )
    FROM (SELECT) AS one LEFT JOIN quarantine AS q
    ON q.branch = earlier.branch AND q.terminal = earlier.terminal AND q.epoch = earlier.epoch
    AND q.seq BETWEEN earlier.from_seq AND earlier.to_seq
$$;

-- Look at each event; store what is new and sound, put aside what can't be taken.
-- Answers the counts and `rejected`.
CREATE OR REPLACE FUNCTION kiosk_store_with_care(
    caller json, lines text[], doubtful json, here branch_meta
) RETURNS json LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    before bigint := caller -> 'position' ->> 'seq';
    reason text;
    event_id text;
    rejected json[] := '{}';
    inserted integer := 0;
    duplicates integer := 0;
    missing integer := 0;
BEGIN
    FOR place IN 1 .. cardinality(lines) LOOP
        SELECT each ->> 'reason', each ->> 'event' INTO reason, event_id FROM json_array_elements(doubtful) AS each
        WHERE (each ->> 'seq')::bigint = before + place;
        IF NOT FOUND THEN
            reason := kiosk_store_one(caller, lines[place], before + place, here);
            event_id := kiosk_event_id(lines[place]);
        END IF;
        CASE reason
            WHEN 'inserted' THEN inserted := inserted + 1;
            WHEN 'duplicate' THEN duplicates := duplicates + 1;
            WHEN 'missing' THEN missing := missing + 1;
            ELSE
                rejected := rejected || json_build_object(
                    'seq', before + place, 'event', event_id, 'reason', reason
                );
                INSERT INTO quarantine (
                    branch, terminal, epoch, seq, event, reason, text, received_at
                ) VALUES (
                    caller ->> 'branch', caller ->> 'terminal', (caller ->> 'epoch')::integer,
                    before + place, event_id, reason, lines[place], now()
                ) ON CONFLICT DO NOTHING;
        END CASE;
    END LOOP;
    IF missing > 0 THEN
        PERFORM kiosk_refuse('rows_missing', json_build_object(
            'number', (caller -> 'position' ->> 'number')::integer + 1, 'missing', missing
        ));
    END IF;
    RETURN json_build_object(
        'inserted', inserted, 'duplicates', duplicates, 'rejected', to_json(rejected)
    );
END $$;

-- The id in a line, as it stands; empty when there is none.
CREATE OR REPLACE FUNCTION kiosk_event_id(line text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce(line::json ->> 'id', '');
EXCEPTION
    WHEN data_exception OR statement_too_complex THEN RETURN '';
END $$;

-- Take a batch: all of it, in one transaction, or nothing.
-- batch: its lines with a line feed between them. doubtful: [{seq, event, reason}], what the
-- terminal takes for damaged; without it, a batch that can not be taken at once is answered with
-- null: nothing has changed, and the terminal looks at each event before it comes again.
CREATE OR REPLACE FUNCTION kiosk_push(caller json, batch text, batch_digest text, doubtful json)
RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    this_number integer := (caller -> 'position' ->> 'number')::integer + 1;
    before bigint := caller -> 'position' ->> 'seq';
    lines text[] := string_to_array(batch, E'\n');
    events integer := cardinality(lines);
    who record;
    earlier receipt;
    stored json;
BEGIN
    -- figures and ticket numbers are the branch's: its terminals take turns, others need not wait
    PERFORM FROM branch WHERE code = caller ->> 'branch' FOR NO KEY UPDATE;
    SELECT * INTO who FROM kiosk_identify(caller);
    SELECT * INTO earlier FROM receipt
    WHERE branch = caller ->> 'branch' AND terminal = caller ->> 'terminal'
    AND epoch = (caller ->> 'epoch')::integer AND number = this_number;
    IF FOUND THEN
        IF earlier.digest <> batch_digest THEN
            PERFORM kiosk_refuse('fork', json_build_object('number', this_number));
        END IF;
        PERFORM kiosk_keep_terminal(caller);
        RETURN kiosk_earlier_answer(earlier, who.known, who.here);
    END IF;
    IF kiosk_compare(who.known, caller -> 'position') = 'ahead' THEN
        PERFORM kiosk_refuse('ahead', json_build_object(
            'number', this_number, 'known', (who.known).batch_number
        ));
    END IF;
    IF batch_digest <> encode(sha256(convert_to((who.known).chain || batch, 'UTF8')), 'hex') THEN
        PERFORM kiosk_refuse('bad_digest', json_build_object('number', this_number));
    END IF;
    IF doubtful IS NOT NULL THEN
        stored := kiosk_store_with_care(caller, lines, doubtful, who.here);
    ELSIF kiosk_store_at_once(caller, batch, events, who.here) THEN
        stored := json_build_object('inserted', events, 'duplicates', 0, 'rejected', '[]'::json);
    ELSE
        RETURN NULL;
    END IF;
    INSERT INTO receipt (
        branch, terminal, epoch, number, from_seq, to_seq, events, digest, inserted, duplicates,
        quarantined, received_at
    ) VALUES (
        caller ->> 'branch', caller ->> 'terminal', (caller ->> 'epoch')::integer, this_number,
        before + 1, before + events, events, batch_digest, (stored ->> 'inserted')::integer,
        (stored ->> 'duplicates')::integer, json_array_length(stored -> 'rejected'), now()
    );
    PERFORM kiosk_keep_terminal(caller);
    UPDATE terminal
    SET acked_seq = before + events, batch_number = this_number, chain = batch_digest
    WHERE branch = caller ->> 'branch' AND code = caller ->> 'terminal';
    RETURN json_build_object(
        'status', 'ok', 'database_id', (who.here).id, 'received_at', now(),
        'position', json_build_object(
            'number', this_number, 'seq', before + events, 'chain', batch_digest
        ),
        'inserted', stored -> 'inserted', 'duplicates', stored -> 'duplicates',
        'rejected', stored -> 'rejected'
    );
END $$;

-- The branch's queue of today as its terminals get it; `queue_snapshot.py` says the same.
CREATE OR REPLACE FUNCTION kiosk_queue(known terminal) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    WITH today AS (
        SELECT code, (now() AT TIME ZONE time_zone)::date AS day FROM branch
        WHERE code = known.branch
    ), tickets AS (
        SELECT t.* FROM today JOIN ticket AS t
        ON t.branch = today.code AND t.business_date = today.day
    ), counters AS (
        SELECT n.* FROM today JOIN counter_state AS n
        ON n.branch = today.code AND n.business_date = today.day
    ), waiting AS (
        SELECT json_agg(json_build_object(
            'ticket', t.id, 'queue', t.queue, 'service', t.service,
            'priority', coalesce(t.priority, 'normal'),
            'counter', CASE
                WHEN t.wanted_counter IS NOT NULL THEN t.wanted_counter::integer
                WHEN t.wanted_staff IS NOT NULL THEN coalesce((
                    SELECT min(n.number) FROM counters AS n
                    WHERE n.staff = t.wanted_staff AND n.state <> 'closed'
                ), 0)
            END,
            'arrived_at', t.arrived_at, 'issued_at', t.issued_at
        ) ORDER BY t.issued_at, t.id) AS all_of_them
        FROM tickets AS t WHERE t.state = 'waiting'
    ), at_work AS (
        SELECT json_agg(json_build_object(
            'number', n.number, 'queues', c.queues, 'state', n.state, 'back_at', n.back_at,
            'in_hand', CASE WHEN t.id IS NOT NULL THEN json_build_object(
                'service', t.service,
                'since', t.called_at + t.hold_seconds * interval '1 second'
            ) END
        ) ORDER BY n.number) AS all_of_them
        FROM counters AS n
        LEFT JOIN counter AS c ON c.branch = n.branch AND c.number = n.number
        LEFT JOIN ticket AS t ON t.id = n.ticket
    ), ended AS (
        SELECT json_agg(json_build_array(
            t.service,
            greatest(0, floor(extract(epoch FROM t.ended_at - t.first_called_at))::integer
                - t.hold_seconds),
            greatest(0, floor(extract(epoch FROM t.first_called_at - t.arrived_at))::integer),
            t.state = 'no_show'
        ) ORDER BY t.ended_at, t.id) AS all_of_them
        FROM tickets AS t WHERE t.state IN ('served', 'no_show')
        -- one wait, and so one call: it was neither sent on nor called once more
        AND t.waiting_seconds <= extract(epoch FROM t.first_called_at - t.issued_at) + 1
    ), came AS (
        SELECT json_agg(json_build_array(
            t.priority, greatest(0, floor(extract(epoch FROM now() - t.issued_at))::integer)
        ) ORDER BY t.issued_at, t.id) AS all_of_them
        FROM tickets AS t
        WHERE t.priority <> 'normal' AND t.issued_at > now() - interval '1 hour'
    ), calls AS (
        SELECT json_agg(json_build_object(
            'id', h.id, 'terminal', h.terminal, 'screen', h.screen, 'service', h.service,
            'asked_at', h.asked_at, 'taken_at', h.taken_at, 'taken_by', h.taken_by,
            -- whoever has gone waits for nobody; not when staff signed in at the terminal
            'done_at', coalesce(h.done_at, CASE WHEN v.end_reason <> 'staff' THEN v.ended_at END)
        ) ORDER BY h.asked_at, h.id) AS all_of_them
        FROM today JOIN help_call AS h ON h.branch = today.code AND h.business_date = today.day
        LEFT JOIN visit AS v ON v.id = h.visit
    ), outages AS (
        SELECT json_agg(json_build_object(
            'id', o.id, 'channel', o.channel, 'machine', o.machine, 'began_at', o.began_at,
            'began_by', o.began_by, 'until', o.until, 'ended_at', o.ended_at
        ) ORDER BY o.began_at, o.id) AS all_of_them
        FROM today JOIN outage AS o ON o.branch = today.code
        -- of one that has ended, other places may not know so yet
        WHERE o.until > now() OR (o.until IS NULL AND o.ended_at IS NULL)
        OR o.business_date = today.day
    )
    SELECT json_build_object(
        'read_at', now(), 'epoch', known.epoch, 'acked_seq', known.acked_seq,
        'waiting', coalesce(waiting.all_of_them, '[]'),
        'counters', coalesce(at_work.all_of_them, '[]'),
        'ended', coalesce(ended.all_of_them, '[]'),
        'came', coalesce(came.all_of_them, '[]'),
        'calls', coalesce(calls.all_of_them, '[]'),
        'outages', coalesce(outages.all_of_them, '[]')
    )::text
    FROM waiting, at_work, ended, came, calls, outages
$$;

-- What the branch says and the terminal does not have: the newest release of each name, and the queue
-- as it is now. held: {name: {version, digests}}.
CREATE OR REPLACE FUNCTION kiosk_pull(caller json, held json) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    who record;
    queue text;
    newer json;
BEGIN
    SELECT * INTO who FROM kiosk_identify(caller);
    queue := kiosk_queue(who.known);
    SELECT coalesce(json_agg(json_build_object(
        'name', r.name, 'version', r.version, 'digest', r.digest, 'format', r.format,
        'body', r.body, 'published_at', r.published_at
    )), '[]') INTO newer
    FROM (
        SELECT DISTINCT ON (name) * FROM release
        WHERE branch = caller ->> 'branch' ORDER BY name, version DESC
    ) AS r
    WHERE NOT coalesce(held -> r.name -> 'digests', '[]')::jsonb ? r.digest;
    PERFORM kiosk_keep_terminal(caller);
    -- nothing that a customer filled in is kept for longer than the day
    DELETE FROM ticket_entry AS e USING branch AS b
    WHERE b.code = caller ->> 'branch' AND e.branch = b.code
    AND e.business_date < (now() AT TIME ZONE b.time_zone)::date;
    PERFORM kiosk_delete_due_contacts(caller ->> 'branch');
    UPDATE terminal SET releases = (
        SELECT coalesce(json_object_agg(key, value -> 'version'), '{}') FROM json_each(held)
    )
    WHERE branch = caller ->> 'branch' AND code = caller ->> 'terminal';
    RETURN json_build_object(
        'status', 'ok', 'database_id', (who.here).id, 'position', kiosk_position(who.known),
        'releases', (SELECT json_agg(each) FROM (
            SELECT json_array_elements(newer) AS each
            UNION ALL
            SELECT json_build_object(
                'name', 'queue', 'version', floor(extract(epoch FROM now()) * 1000)::bigint,
                'digest', encode(sha256(convert_to(queue, 'UTF8')), 'hex'),
                'format', {queue_format}, 'body', queue, 'published_at', now()
            )
        ) AS all_of_them)
    );
END $$;

-- The caller as the one whose events in quarantine are meant: of an earlier epoch, perhaps.
CREATE OR REPLACE FUNCTION kiosk_of_quarantine(caller json) RETURNS json
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT (caller::jsonb || jsonb_build_object(
        'epoch', coalesce(caller ->> 'quarantine_epoch', caller ->> 'epoch')::integer
    ))::json
$$;

-- Try events in quarantine again. events: [{seq, reason}], the reason why the terminal still takes it
-- for damaged, or nothing.
CREATE OR REPLACE FUNCTION kiosk_retry(caller json, events json) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    who record;
    each record;
    held quarantine;
    outcome text;
    inserted integer := 0;
    duplicates integer := 0;
    rejected json[] := '{}';
BEGIN
    PERFORM FROM branch WHERE code = caller ->> 'branch' FOR NO KEY UPDATE;
    SELECT * INTO who FROM kiosk_identify(caller);
    caller := kiosk_of_quarantine(caller);
    FOR each IN SELECT * FROM json_to_recordset(events) AS e(seq bigint, reason text) ORDER BY 1 LOOP
        SELECT * INTO held FROM quarantine AS q
        WHERE q.branch = caller ->> 'branch' AND q.terminal = caller ->> 'terminal'
        AND q.epoch = (caller ->> 'epoch')::integer AND q.seq = each.seq;
        -- without one, an earlier call brought it in, and its answer was not heard
        CONTINUE WHEN NOT FOUND;
        outcome := coalesce(
            nullif(each.reason, ''), kiosk_store_one(caller, held.text, each.seq, who.here)
        );
        CASE outcome
            WHEN 'inserted' THEN inserted := inserted + 1;
            WHEN 'duplicate' THEN duplicates := duplicates + 1;
            ELSE rejected := rejected || json_build_object(
                'seq', each.seq, 'event', held.event, 'reason', outcome
            );
        END CASE;
        IF outcome IN ('inserted', 'duplicate') THEN
            DELETE FROM quarantine AS q
            WHERE q.branch = held.branch AND q.terminal = held.terminal
            AND q.epoch = held.epoch AND q.seq = held.seq;
        ELSE
            UPDATE quarantine AS q SET reason = outcome
            WHERE q.branch = held.branch AND q.terminal = held.terminal
            AND q.epoch = held.epoch AND q.seq = held.seq;
        END IF;
    END LOOP;
    RETURN json_build_object(
        'status', 'ok', 'database_id', (who.here).id, 'position', kiosk_position(who.known),
        'inserted', inserted, 'duplicates', duplicates, 'rejected', to_json(rejected)
    );
END $$;

-- Decide that events in quarantine shall never be counted. events: [seq, …]
CREATE OR REPLACE FUNCTION kiosk_drop(caller json, events json, why text) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    who record;
BEGIN
    SELECT * INTO who FROM kiosk_identify(caller);
    caller := kiosk_of_quarantine(caller);
    UPDATE quarantine SET dropped_at = now(), dropped_why = why
    WHERE branch = caller ->> 'branch' AND terminal = caller ->> 'terminal'
    AND epoch = (caller ->> 'epoch')::integer AND dropped_at IS NULL
    AND seq IN (SELECT each::bigint FROM json_array_elements_text(events) AS each);
    RETURN json_build_object(
        'status', 'ok', 'database_id', (who.here).id, 'position', kiosk_position(who.known)
    );
END $$;

-- What stands here of a day: the caller's own events of an epoch, from the seq `first` to `last` where
-- these are given, each as [seq, kind, digest]. A line is made of an event's columns as `wire.line_of_event`
-- makes it in SQLite.
CREATE OR REPLACE FUNCTION kiosk_day(
    caller json, day date, of_epoch integer, first bigint, last bigint
) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
DECLARE
    who record;
    wire_format integer := caller ->> 'wire_format';
    events json;
    in_epochs json;
BEGIN
    SELECT * INTO who FROM kiosk_identify(caller);
    SELECT coalesce(json_agg(json_build_array(
        event.seq, event.kind, encode(sha256(convert_to(line, 'UTF8')), 'hex')
    ) ORDER BY event.seq), '[]') INTO events
    FROM event CROSS JOIN LATERAL (SELECT CASE wire_format {lines} END) AS made(line)
    WHERE event.branch = caller ->> 'branch' AND event.terminal = caller ->> 'terminal'
    AND event.epoch = of_epoch AND event.business_date = day AND event.seq BETWEEN coalesce(first, -9223372036854775808) AND coalesce(last, 9223372036854775807);
    SELECT coalesce(json_object_agg(epoch, n), '{}') INTO in_epochs FROM (
        SELECT epoch, count(*) AS n FROM event
        WHERE branch = caller ->> 'branch' AND terminal = caller ->> 'terminal'
        AND business_date = day GROUP BY epoch
    ) AS counted;
    RETURN json_build_object(
        'status', 'ok', 'database_id', (who.here).id, 'position', kiosk_position(who.known),
        'day', json_build_object(
            'events', events, 'in_epochs', in_epochs, 'kept_from', (who.here).events_from
        )
    );
END $$;

-- Give a terminal that comes with the branch's code the epoch of a new store; again the same one
-- until the first batch of that epoch is here. request: {code, epoch, business_date, positions}
CREATE OR REPLACE FUNCTION kiosk_renew(caller json, request json) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    p_branch text := caller ->> 'branch';
    p_terminal text := caller ->> 'terminal';
    at_present integer;
    who record;
    granted integer;
BEGIN
    -- a terminal whose store is damaged does not know its epoch
    SELECT epoch INTO at_present FROM terminal WHERE branch = p_branch AND code = p_terminal;
    SELECT * INTO who
    FROM kiosk_identify((caller::jsonb || jsonb_build_object('epoch', at_present))::json);
    -- no code was shown, or none was said: neither is equal to anything
    IF NOT coalesce(
        (who.known).renewal_code = encode(sha256(convert_to(request ->> 'code', 'UTF8')), 'hex'),
        false
    ) THEN
        PERFORM kiosk_refuse('renewal_refused');
    ELSIF (who.known).renewal_epoch IS NULL THEN
        -- a branch that was restored may know of fewer epochs than the store
        granted := greatest((who.known).epoch, (request ->> 'epoch')::integer) + 1;
        UPDATE terminal SET
            renewal_epoch = granted, epoch = granted, acked_seq = 0, batch_number = 0, chain = '',
            audit_seq = NULL, audit_head = NULL, audit_torn_at = NULL
        WHERE branch = p_branch AND code = p_terminal;
    ELSIF (who.known).epoch = (who.known).renewal_epoch AND (who.known).batch_number = 0 THEN
        granted := (who.known).epoch;
    ELSE
        PERFORM kiosk_refuse('renewal_refused');
    END IF;
    RETURN json_build_object('status', 'ok', 'database_id', (who.here).id,
        'position', json_build_object('number', 0, 'seq', 0, 'chain', ''),
        'grant', json_build_object(
            'epoch', granted,
            'highest_number', (
                SELECT coalesce(max(right(t.number, 3)::integer), 0) FROM ticket AS t
                WHERE t.branch = p_branch AND t.terminal = p_terminal
                AND t.business_date = (request ->> 'business_date')::date
                AND t.number ~ '^.[0-9]{4}$'
            ),
            'confirmed', (
                SELECT coalesce(json_agg(r.epoch), '[]') FROM receipt AS r
                JOIN json_to_recordset(request -> 'positions')
                    AS theirs(epoch integer, number integer, chain text)
                ON r.epoch = theirs.epoch AND r.number = theirs.number AND r.digest = theirs.chain
                WHERE r.branch = p_branch AND r.terminal = p_terminal
            ),
            'events_from', (who.here).events_from,
            'undecided', (
                SELECT coalesce(json_agg(json_build_object(
                    'epoch', q.epoch, 'seq', q.seq, 'event', q.event, 'reason', q.reason,
                    'text', q.text, 'received_at', q.received_at
                )), '[]')
                FROM quarantine AS q
                WHERE q.branch = p_branch AND q.terminal = p_terminal AND q.dropped_at IS NULL
            )
        )
    );
END $$;

-- Which of a terminal's events are here, counted or in quarantine, in whatever epoch.
-- events: [{day, id}]
CREATE OR REPLACE FUNCTION kiosk_which_are_known(caller json, events json) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    p_branch text := caller ->> 'branch';
    p_terminal text := caller ->> 'terminal';
    who record;
BEGIN
    SELECT * INTO who FROM kiosk_identify(caller);
    RETURN json_build_object(
        'status', 'ok', 'database_id', (who.here).id, 'position', kiosk_position(who.known),
        'known', (
            SELECT coalesce(json_agg(asked.id), '[]')
            FROM json_to_recordset(events) AS asked(day date, id uuid)
            WHERE EXISTS (
                SELECT FROM event AS e
                WHERE e.branch = p_branch AND e.business_date = asked.day AND e.id = asked.id
                AND e.terminal = p_terminal
            ) OR EXISTS (
                SELECT FROM quarantine AS q
                WHERE q.branch = p_branch AND q.terminal = p_terminal
                AND q.event = replace(asked.id::text, '-', '')
            )
        )
    );
END $$;


-- The branch whose counter asks; a policy of the table itself could not look there.
CREATE OR REPLACE FUNCTION kiosk_own_branch() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT branch FROM counter WHERE login = session_user
$$;


-- A counter's turn: nobody else acts as it until the transaction ends, nor with the ticket in its hand.
-- The rows are locked first and read then, each in a statement of its own: what others did while
-- this one waited is seen. One round trip, and plans that a session keeps.
DROP FUNCTION IF EXISTS kiosk_turn(text, integer);
CREATE FUNCTION kiosk_turn(p_branch text, p_number integer) RETURNS TABLE ({turn_columns})
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM counter
    WHERE branch = p_branch AND number = p_number
    AND (login = session_user OR pg_has_role(session_user, current_user, 'MEMBER'))
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM FROM ticket
    WHERE id = (SELECT ticket FROM counter_state WHERE branch = p_branch AND number = p_number)
    FOR NO KEY UPDATE;
    RETURN QUERY {turn};
END $$;


-- What a counter records: its own events in their order, of tickets that it has locked, and what
-- follows from them. `desk_journal.py` does the same where there are no logins.
-- events: [event, …], each as its line has it.
CREATE OR REPLACE FUNCTION kiosk_record(p_branch text, p_counter integer, events json) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    p_origin text := '@' || p_counter;
    p_lowest_schema integer;
    p_highest_schema integer;
    who counter;
    fresh event[];
BEGIN
    SELECT * INTO who FROM counter
    WHERE branch = p_branch AND number = p_counter
    -- one who may be the owner, as the administrator may, can do everything anyway
    AND (login = session_user OR pg_has_role(session_user, current_user, 'MEMBER'))
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM kiosk_refuse('not_enrolled');
    END IF;
    SELECT schema_min, schema_max INTO p_lowest_schema, p_highest_schema FROM branch_meta;
    WITH new AS (
        INSERT INTO event ({columns})
        SELECT {values} FROM json_to_recordset(events) AS line({types})
        RETURNING event AS stored
    )
    SELECT array_agg(stored ORDER BY (stored).seq) INTO fresh FROM new;
    PERFORM FROM ticket
    WHERE branch = p_branch AND id = ANY (ARRAY(SELECT event.ticket FROM unnest(fresh) AS event))
    ORDER BY id FOR NO KEY UPDATE;
    IF NOT coalesce((
        SELECT bool_and(coalesce(
            event.branch = p_branch AND event.terminal = p_origin AND event.epoch = 1
            AND event.seq = who.last_seq + event.place AND event.counter = p_counter::text
            AND isfinite(event.occurred_at) AND isfinite(event.business_date)
            AND {counter_means_something}
            AND CASE event.kind WHEN 'ticket' THEN
                event.visit = t.visit AND event.ticket_number = t.number
                AND event.business_date = t.business_date AND event.step = t.steps + event.nth
                AND (event.nth > 1 OR event.payload ->> 'was' = t.state)
                AND (event.payload ->> 'seconds')::integer >= 0
            ELSE true END,
            false
        ))
        FROM (
            SELECT *, row_number() OVER (PARTITION BY ticket ORDER BY place) AS nth
            FROM unnest(fresh) WITH ORDINALITY AS each({columns}, place)
        ) AS event
        LEFT JOIN ticket AS t ON t.branch = p_branch AND t.id = event.ticket
    ), false) THEN
        PERFORM kiosk_refuse('malformed');
    END IF;
    PERFORM kiosk_project(
        fresh, p_branch, p_origin, 1, who.last_seq + 1, who.last_seq + cardinality(fresh)
    );
    UPDATE counter
    SET last_seq = who.last_seq + cardinality(fresh), last_event = fresh[cardinality(fresh)].id
    WHERE branch = p_branch AND number = p_counter;
END $$;

-- Keep what customers filled in while waiting, for the caller's tickets that go on; none is an event.
-- Answers the tickets that are known here: for these the terminal need not keep anything.
-- entries: [{ticket, field, value}]; an empty value takes the field back.
CREATE OR REPLACE FUNCTION kiosk_fill_in(caller json, entries json) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    who record;
    mine uuid[];
BEGIN
    SELECT * INTO who FROM kiosk_identify(caller);
    -- whoever ends a ticket locks it too: what comes late finds it ended
    SELECT array_agg(locked.id) INTO mine FROM (
        SELECT t.id FROM ticket AS t
        WHERE t.branch = caller ->> 'branch' AND t.terminal = caller ->> 'terminal'
        AND t.id IN (SELECT e.ticket FROM json_to_recordset(entries) AS e(ticket uuid))
        ORDER BY t.id FOR NO KEY UPDATE
    ) AS locked;
    INSERT INTO ticket_entry (ticket, field, value, branch, business_date)
    SELECT t.id, e.field, e.value, t.branch, t.business_date
    FROM json_to_recordset(entries) AS e(ticket uuid, field text, value text)
    JOIN ticket AS t ON t.id = e.ticket
    JOIN branch AS b ON b.code = t.branch
    WHERE t.id = ANY (mine) AND t.state NOT IN ({ended})
    AND t.business_date >= (now() AT TIME ZONE b.time_zone)::date
    AND e.field ~ '{field}' AND e.value ~ '{value}'
    ON CONFLICT (ticket, field) DO UPDATE SET value = excluded.value;
    DELETE FROM ticket_entry AS kept
    USING json_to_recordset(entries) AS e(ticket uuid, field text, value text)
    WHERE kept.ticket = e.ticket AND kept.field = e.field AND e.ticket = ANY (mine) AND e.value = '';
    RETURN json_build_object(
        'status', 'ok', 'database_id', (who.here).id, 'position', kiosk_position(who.known),
        'settled', to_json(coalesce(mine, '{}'))
    );
END $$;

-- Whether the consent for a contact has ended, or its sign-up needs no call any more.
CREATE OR REPLACE FUNCTION kiosk_contact_has_ended(p_contact uuid, p_of uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT {has_ended}
$$;

-- Delete the phone numbers of a branch that must not be kept any more.
CREATE OR REPLACE FUNCTION kiosk_delete_due_contacts(p_branch text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    p_today date;
BEGIN
    SELECT (now() AT TIME ZONE time_zone)::date INTO p_today FROM branch WHERE code = p_branch;
    {delete_due};
END $$;

-- Keep phone numbers that were given at the caller's, encrypted, as far as their consent stands.
-- Answers which of those that were sent and held are here, and which must go.
-- contacts: [{id, sign_up, …}], the columns of the table; held: [id]
CREATE OR REPLACE FUNCTION kiosk_keep_contacts(caller json, contacts json, held json) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    p_branch text := caller ->> 'branch';
    p_terminal text := caller ->> 'terminal';
    who record;
    today date;
    asked uuid[];
    there uuid[];
    gone uuid[];
BEGIN
    SELECT * INTO who FROM kiosk_identify(caller);
    SELECT (now() AT TIME ZONE time_zone)::date INTO today FROM branch WHERE code = p_branch;
    SELECT array_agg(s.id) INTO gone
    FROM json_to_recordset(contacts) AS s(id uuid, sign_up uuid, keep_until date)
    WHERE s.keep_until < today OR kiosk_contact_has_ended(s.id, s.sign_up);
    gone := coalesce(gone, '{}');
    INSERT INTO contact (
        id, branch, terminal, sign_up, purpose, number_encrypted, key_id, blind_index,
        number_masked, consent_version, language, given_at, keep_until, withdrawal_code, is_brought
    )
    SELECT
        s.id, p_branch, p_terminal, s.sign_up, s.purpose, decode(s.number_encrypted, 'hex'),
        s.key_id, s.blind_index, s.number_masked, s.consent_version, s.language, s.given_at,
        s.keep_until, s.withdrawal_code, false
    FROM json_to_recordset(contacts) AS s(
        id uuid, sign_up uuid, purpose text, number_encrypted text, key_id text, blind_index text,
        number_masked text, consent_version integer, language text, given_at timestamptz,
        keep_until date, withdrawal_code text
    )
    JOIN consent AS c ON c.id = s.id
    WHERE c.branch = p_branch AND c.terminal = p_terminal AND c.given_at IS NOT NULL
    AND s.id <> ALL (gone) AND s.keep_until <= today + {most_keep_days}
    AND s.number_encrypted ~ '^([0-9a-f]{2})*$' AND length(s.number_encrypted) = 2 * {closed_bytes}
    AND s.key_id ~ '{key_id}' AND s.blind_index ~ '{blind_index}' AND s.number_masked ~ '{masked}'
    AND s.withdrawal_code ~ '{withdrawal_code}' AND s.purpose IN ({purposes})
    AND s.language IN ({languages})
    ON CONFLICT (id) DO UPDATE SET {renewed}
    WHERE contact.branch = p_branch AND contact.terminal = p_terminal;
    PERFORM kiosk_delete_due_contacts(p_branch);
    SELECT array_agg(id) INTO asked FROM (
        SELECT value::uuid AS id FROM json_array_elements_text(held)
        UNION SELECT s.id FROM json_to_recordset(contacts) AS s(id uuid)
    ) AS every;
    SELECT array_agg(id) INTO there FROM contact
    WHERE branch = p_branch AND terminal = p_terminal AND id = ANY (asked);
    there := coalesce(there, '{}');
    RETURN json_build_object(
        'status', 'ok', 'database_id', (who.here).id, 'position', kiosk_position(who.known),
        'settled', to_json(there),
        'gone', (
            SELECT coalesce(json_agg(id), '[]') FROM unnest(asked) AS id
            WHERE id = ANY (gone) OR (id <> ALL (there) AND kiosk_contact_has_ended(id, NULL))
        )
    );
END $$;
