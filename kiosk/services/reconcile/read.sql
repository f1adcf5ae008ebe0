-- One pass over a journal: each line becomes what reconciling needs of it, or has a reason why not.
-- Given: `said` (what stands at the columns of a line), the macro `moment`, and variables of
-- `reading.py`.
CREATE MACRO line_id(said) AS md5(said)::UUID;
CREATE MACRO id_of(journals_own) AS line_id(getvariable('layout') || '/' || journals_own);

-- What the layout calls a channel or a service.
CREATE MACRO our_channel(said) AS
    getvariable('channels')[list_position(getvariable('channels_said'), said)];
CREATE MACRO our_service(said) AS
    getvariable('services')[list_position(getvariable('services_said'), said)];

CREATE VIEW line_read AS (
    WITH told AS (
        SELECT
            * EXCLUDE (time, amount, reference, branch, terminal, reverses),
            CASE WHEN is_whole THEN moment(trim(time)) END AS occurred_at,
            amount AS amount_said,
            try_cast(replace(amount, ',', '') AS DECIMAL(18, 4)) * getvariable('fen') AS amount,
            -- as `services/reference.py` reads one: signs that stand for nothing are left out
            CASE
                WHEN reference = '' OR regexp_full_match(reference, '[0-9A-HJKMNP-Z]+')
                THEN nullif(reference, '')
                ELSE nullif(translate(upper(reference), 'OIL -　‐‑–—', '011'), '')
            END AS reference,
            nullif(trim(branch), '') AS branch,
            nullif(trim(terminal), '') AS terminal,
            nullif(trim(reverses), '') AS reverses
        FROM said
    ),
    weighed AS (
        SELECT
            told.* REPLACE (
                coalesce(getvariable('channel'), our_channel(trim(channel))) AS channel,
                our_service(trim(service)) AS service
            ),
            CASE
                WHEN is_whole IS NOT TRUE THEN 'form'
                WHEN getvariable('has_id') AND coalesce(trim(id), '') = '' THEN 'id'
                WHEN occurred_at IS NULL THEN 'time'
                WHEN amount IS NULL AND trim(amount_said) <> '' THEN 'amount'
            END AS damage,
            reference IS NOT NULL OR reverses IS NOT NULL OR (
                coalesce(branch = getvariable('branch'), true)
                AND (terminal IS NOT NULL OR NOT getvariable('has_terminals'))
                AND our_service(trim(service)) IS NOT NULL
            ) AS may_concern
        FROM told
    ),
    -- of a line that can be nobody's here, only its time is left
    ours AS (
        SELECT
            occurred_at, channel, damage, may_concern,
            CASE WHEN may_concern OR damage IS NOT NULL THEN number END AS number,
            CASE WHEN may_concern THEN
                coalesce(id_of(nullif(trim(id), '')), line_id(getvariable('file') || ':' || number))
            END AS line,
            CASE WHEN may_concern THEN service END AS service,
            CASE WHEN may_concern THEN abs(amount) END AS amount,
            CASE WHEN may_concern THEN branch END AS branch,
            CASE WHEN may_concern THEN terminal END AS terminal,
            CASE WHEN may_concern THEN
                coalesce(list_contains(getvariable('reversals'), trim(kind)), false)
                OR coalesce(amount < 0 AND getvariable('negative_is_reversal'), false)
            END AS is_reversal,
            reference,
            id_of(reverses) AS reverses
        FROM weighed
    )
    SELECT
        number, line, occurred_at, channel, ours.service, band.code AS amount_band, reference, branch,
        terminal, is_reversal, reverses, damage
    FROM ours
    LEFT JOIN band
        ON band.service = ours.service AND amount > band.above AND amount <= band.up_to
);
