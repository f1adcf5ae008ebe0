-- One pass over a journal: each line becomes what reconciling needs of it, or has a reason why not.
-- The layout stands in variables and in the macros `fields` and `moment`; `reading.py` has them.
CREATE VIEW journal AS (
    -- a sign that no file has any more, so that a line is one column, whatever stands in it
    FROM read_csv(
        getvariable('path'), columns = {'line': 'VARCHAR'}, auto_detect = false, header = false,
        delim = chr(1), quote = '', escape = '', new_line = '\n', buffer_size = 8388608
    )
);
CREATE VIEW line_read AS (
    WITH numbered AS (
        SELECT row_number() OVER () AS number, line FROM journal
    ),
    split AS (
        SELECT number, fields(line) AS said
        FROM numbered
        WHERE number > getvariable('skip')
            AND trim(line) <> ''
            AND NOT coalesce(starts_with(line, getvariable('trailer')), false)
    ),
    named AS (
        SELECT
            number,
            said IS NOT NULL AS is_whole,
            nullif(trim(said[1]), '') AS id,
            moment(trim(said[2])) AS occurred_at,
            nullif(trim(said[3]), '') AS channel_said,
            nullif(trim(said[4]), '') AS service_said,
            nullif(replace(trim(said[5]), ',', ''), '') AS amount_said,
            -- as `services/reference.py` reads one: signs that stand for nothing are left out
            CASE WHEN said[6] <> '' THEN
                nullif(translate(upper(said[6]), 'OIL -　‐‑–—', '011'), '')
            END AS reference,
            nullif(trim(said[7]), '') AS branch,
            nullif(trim(said[8]), '') AS terminal,
            trim(said[9]) AS kind,
            nullif(trim(said[10]), '') AS reverses
        FROM split
    ),
    ours AS (
        SELECT
            named.*,
            coalesce(getvariable('channel'), channel.ours) AS channel,
            service.ours AS service,
            try_cast(amount_said AS DECIMAL(18, 4)) * getvariable('fen') AS amount
        FROM named
        LEFT JOIN code AS channel ON channel.what = 'channel' AND channel.said = channel_said
        LEFT JOIN code AS service ON service.what = 'service' AND service.said = service_said
    )
    SELECT
        number,
        id,
        occurred_at,
        channel,
        ours.service,
        band.code AS amount_band,
        reference,
        branch,
        terminal,
        coalesce(list_contains(getvariable('reversals'), kind), false)
            OR coalesce(amount < 0 AND getvariable('negative_is_reversal'), false) AS is_reversal,
        reverses,
        CASE
            WHEN NOT is_whole THEN 'form'
            WHEN getvariable('has_id') AND id IS NULL THEN 'id'
            WHEN occurred_at IS NULL THEN 'time'
            WHEN amount_said IS NOT NULL AND amount IS NULL THEN 'amount'
        END AS damage
    FROM ours
    LEFT JOIN band
        ON band.service = ours.service AND abs(amount) > band.above AND abs(amount) <= band.up_to
);
