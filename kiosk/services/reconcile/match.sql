-- Which line of a journal is which offer's transaction.
--
-- Given: `line` (of one or more journals), `offer` (accepted ones), `held` (what is matched now), and
-- variables of `matching.py`.
-- Found: `chosen`, `undone`, `candidate` and `verdict`. Everything follows from what is given, so that
-- the same lines give the same in any order and as often as they come.

CREATE MACRO line_id(layout, id, file, number) AS
    sha1(CASE WHEN id IS NULL THEN file || ':' || number ELSE layout || '/' || id END)[:32]::UUID;

CREATE MACRO sign_value(said, place) AS
    getvariable('check_signs')[place][strpos(getvariable('alphabet'), said[place])];

-- The check of `services/reference.py`: what the signs are worth at their places comes to nothing.
CREATE MACRO is_reference(said) AS
    length(said) = 8 AND coalesce(
        xor(
            xor(
                xor(sign_value(said, 1), sign_value(said, 2)),
                xor(sign_value(said, 3), sign_value(said, 4))
            ),
            xor(
                xor(sign_value(said, 5), sign_value(said, 6)),
                xor(sign_value(said, 7), sign_value(said, 8))
            )
        ) = 0,
        false
    );

CREATE MACRO is_here(branch) AS branch IS NULL OR branch = getvariable('branch');

-- Transactions that a later line takes back, or puts right.
CREATE TABLE taken_back AS
SELECT layout, reverses AS id, bool_or(is_reversal) AS is_reversal
FROM line
WHERE reverses IS NOT NULL
GROUP BY ALL;

CREATE TABLE offer_taken_back AS
SELECT DISTINCT offer.offer, line.occurred_at, line.layout, coalesce(line.id, line.number::TEXT) AS id
FROM line JOIN offer USING (reference)
WHERE line.is_reversal AND line.reverses IS NULL AND line.channel = offer.channel;

-- Rule 1: the reference. What does not go with it is told, and never matched.
CREATE TABLE said AS
SELECT
    line.*,
    offer.offer,
    row_number() OVER same AS time_said,
    first(line.file) OVER same AS first_file,
    CASE
        WHEN line.channel IS DISTINCT FROM offer.channel THEN 'other_channel'
        WHEN NOT is_here(line.branch) THEN 'other_branch'
        WHEN line.service <> offer.service THEN 'other_service'
        WHEN line.occurred_at < offer.accepted_at - to_seconds(getvariable('tolerance'))
        THEN 'before_acceptance'
    END AS fault
FROM line JOIN offer USING (reference)
WHERE NOT line.is_reversal
WINDOW same AS (
    PARTITION BY line.layout, coalesce(line.id, line.file || ':' || line.number)
    ORDER BY line.file_order, line.number
);

CREATE TABLE fitting AS
WITH whole AS (
    SELECT
        file, file_order, number, occurred_at, offer, line_id(layout, id, file, number) AS line
    FROM said ANTI JOIN taken_back USING (layout, id)
    WHERE fault IS NULL AND time_said = 1
),
placed AS (
    SELECT
        *, row_number() OVER (PARTITION BY offer ORDER BY occurred_at, file_order, number) AS place
    FROM whole
)
SELECT
    placed.*,
    place <= (
        SELECT count(*) FROM offer_taken_back AS back
        WHERE back.offer = placed.offer AND back.occurred_at >= placed.occurred_at
    ) AS is_taken_back
FROM placed;

-- What is matched now and holds no more.
CREATE TABLE undone AS
WITH back AS (
    SELECT line_id(layout, id, NULL, NULL) AS line, is_reversal FROM taken_back
),
reasons AS (
    SELECT held.line, held.offer, CASE WHEN is_reversal THEN 'reversal' ELSE 'correction' END AS reason
    FROM held JOIN back USING (line)
    UNION ALL
    SELECT held.line, held.offer, 'reversal'
    FROM held JOIN fitting USING (line) WHERE fitting.is_taken_back
    UNION ALL
    -- its own line has gone since: a reversal that none of those that are here explains is its own
    SELECT held.line, held.offer, 'reversal'
    FROM held ANTI JOIN fitting USING (line)
    WHERE held.by_reference AND (
        SELECT count(*) FROM offer_taken_back AS back WHERE back.offer = held.offer
    ) > (SELECT count(*) FROM said WHERE said.offer = held.offer AND said.fault IS NULL)
    UNION ALL
    -- somebody took it for the offer's; now the offer's own has come
    SELECT held.line, held.offer, 'correction'
    FROM held SEMI JOIN (FROM fitting WHERE NOT is_taken_back) AS own ON own.offer = held.offer
    WHERE NOT held.by_reference
)
SELECT line, offer, max(reason) AS reason FROM reasons GROUP BY line, offer;

CREATE TABLE kept AS SELECT held.* FROM held ANTI JOIN undone USING (line, offer);

CREATE TABLE chosen AS
SELECT offer, arg_min(line, (occurred_at, file_order, number)) AS line
FROM (FROM fitting WHERE NOT is_taken_back) AS fitting ANTI JOIN kept USING (offer)
GROUP BY offer;

-- Rule 2: lines without a reference that reads as one. A line meets the offers of its own stretch of
-- time and of the one before, so that no line is held against all offers.
CREATE TABLE without AS
SELECT
    line.*,
    epoch(occurred_at)::BIGINT // getvariable('stretch_seconds') AS stretch,
    row_number() OVER same AS time_said,
    first(file) OVER same AS first_file
FROM line ANTI JOIN taken_back USING (layout, id)
WHERE NOT is_reversal
    AND is_here(branch)
    AND (reference IS NULL AND service IS NOT NULL OR NOT is_reference(reference))
WINDOW same AS (
    PARTITION BY layout, coalesce(id, file || ':' || number) ORDER BY file_order, number
);

CREATE TABLE open_offer AS
SELECT offer.*, epoch(accepted_at)::BIGINT // getvariable('stretch_seconds') + unnest([-1, 0, 1]) AS stretch
FROM offer ANTI JOIN kept USING (offer) ANTI JOIN chosen USING (offer);

CREATE TABLE pair AS
SELECT
    without.file, without.number, offer.offer, line_id(layout, id, file, number) AS line,
    channel, service, offer.amount_band
FROM without JOIN open_offer AS offer USING (channel, service, stretch)
WHERE time_said = 1
    AND occurred_at >= accepted_at - to_seconds(getvariable('tolerance'))
    AND occurred_at <= accepted_at + to_seconds(getvariable('stretch_seconds'))
    AND coalesce(without.amount_band = offer.amount_band, true)
    AND CASE WHEN has_terminals THEN without.terminal = offer.terminal ELSE true END;

-- How many lines come in a stretch of time that nobody waits for: where there are strangers, a line
-- that fits says little, as the offer's own may be missing. Those of all services, and one more than
-- was seen: few are seen of what is rare.
CREATE TABLE stranger AS
WITH seen AS (
    SELECT channel, count(*) AS lines
    FROM without ANTI JOIN pair USING (file, number)
    WHERE NOT has_terminals OR terminal IS NOT NULL
    GROUP BY channel
)
SELECT
    channel,
    (1 + any_value(seen.lines))
        / count(DISTINCT epoch(occurred_at)::BIGINT // getvariable('stretch_seconds')) AS rate
FROM line JOIN seen USING (channel)
GROUP BY channel;

CREATE TABLE free AS
WITH pairs AS (FROM pair ANTI JOIN kept USING (line)),
of_line AS (SELECT line, count(*) AS offers FROM pairs GROUP BY line),
of_offer AS (SELECT offer, count(*) AS lines FROM pairs GROUP BY offer)
SELECT pairs.*, offers = 1 AND lines = 1 AS is_single
FROM pairs JOIN of_line USING (line) JOIN of_offer USING (offer);

-- Kinds of offers in which too many guesses would be right by chance only.
CREATE TABLE doubtful AS
WITH waiting AS (
    SELECT channel, service, amount_band, count(DISTINCT offer) AS offers
    FROM open_offer GROUP BY ALL
),
guess AS (
    SELECT channel, service, amount_band, count(*) FILTER (is_single) AS lines
    FROM free GROUP BY ALL
)
SELECT guess.channel, guess.service, guess.amount_band
FROM guess
JOIN waiting
    ON waiting.channel = guess.channel
    AND waiting.service = guess.service
    AND waiting.amount_band IS NOT DISTINCT FROM guess.amount_band
JOIN stranger ON stranger.channel = guess.channel
WHERE waiting.offers * rate > getvariable('by_chance') * guess.lines;

CREATE TABLE candidate AS
SELECT
    file, number, line, offer,
    is_single AND NOT EXISTS (
        FROM doubtful
        WHERE doubtful.channel = free.channel
            AND doubtful.service = free.service
            AND doubtful.amount_band IS NOT DISTINCT FROM free.amount_band
    ) AS is_alone
FROM free;

-- Their room is needed.
DROP TABLE pair;
DROP TABLE free;
DROP TABLE open_offer;

-- What is told of each line that concerns somebody. Nothing is told of one that came before in
-- another file: it is the same transaction.
CREATE TABLE verdict AS
WITH settled AS (
    SELECT line, offer FROM kept UNION ALL SELECT line, offer FROM chosen
),
of_reference AS (
    SELECT
        said.* EXCLUDE (time_said, first_file, fault),
        CASE
            WHEN fault IS NOT NULL THEN fault
            WHEN time_said > 1 THEN 'repeated'
            WHEN fit.line IS NULL OR fit.is_taken_back THEN 'taken_back'
            WHEN settled.line IS NULL THEN 'duplicate'
        END AS fault
    FROM said
    LEFT JOIN (SELECT file, number, line, is_taken_back FROM fitting) AS fit USING (file, number)
    LEFT JOIN settled ON settled.line = fit.line
    WHERE time_said = 1 OR first_file = file
),
of_candidate AS (
    SELECT file, number, bool_and(is_alone) AS is_alone, count(*) AS offers FROM candidate GROUP BY ALL
),
of_none AS (
    SELECT
        without.* EXCLUDE (time_said, first_file, stretch),
        kept.offer,
        CASE
            WHEN time_said > 1 THEN 'repeated'
            WHEN reference IS NOT NULL THEN 'damaged_reference'
        END AS fault,
        CASE WHEN offers IS NOT NULL THEN
            CASE WHEN is_alone THEN 'probable' ELSE 'ambiguous' END
        END AS guess
    FROM without
    LEFT JOIN of_candidate USING (file, number)
    LEFT JOIN kept ON kept.line = line_id(layout, id, file, number)
    WHERE (time_said = 1 OR first_file = file)
        AND (offers IS NOT NULL OR reference IS NOT NULL OR kept.offer IS NOT NULL)
),
of_nobody AS (
    SELECT line.*, NULL::UUID AS offer, 'unknown_reference' AS fault
    FROM line ANTI JOIN offer USING (reference)
    WHERE NOT is_reversal AND is_here(branch) AND reference IS NOT NULL AND is_reference(reference)
),
whole AS (
    SELECT *, NULL AS guess FROM of_reference
    UNION ALL BY NAME FROM of_none
    UNION ALL BY NAME SELECT *, NULL AS guess FROM of_nobody
)
SELECT
    line_id(layout, id, file, number) AS line,
    file, number, channel, service, reference, amount_band, occurred_at, offer, fault,
    CASE WHEN reverses IS NOT NULL THEN line_id(layout, reverses, NULL, NULL) END AS reverses,
    CASE
        WHEN fault IS NOT NULL AND fault <> 'damaged_reference' THEN 'none'
        WHEN offer IS NOT NULL THEN 'matched'
        ELSE coalesce(guess, 'none')
    END AS state
FROM whole;
