-- Which line of a journal is which offer's transaction.
--
-- Given: `line` (of one or more journals), `moment` (when any line was), `offer` (accepted ones), `held`
-- (what is matched now), and variables of `matching.py`.
-- Found: `chosen`, `undone`, `candidate` and `verdict`. Everything follows from what is given, so that
-- the same lines give the same in any order and as often as they come.

-- As a branch database has it.
CREATE MACRO plain(id) AS replace(id::TEXT, '-', '');

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
SELECT reverses AS line, bool_or(is_reversal) AS is_reversal
FROM line
WHERE reverses IS NOT NULL
GROUP BY ALL;

CREATE TABLE offer_taken_back AS
SELECT DISTINCT offer.offer, line.occurred_at, line.line
FROM line JOIN offer USING (reference)
WHERE line.is_reversal AND line.reverses IS NULL AND line.channel = offer.channel;

-- The lines of which something may be told, and whose reference they have: an offer's, one that nobody
-- here knows, or none that reads as one. What does not go with the offer is told, and never matched.
CREATE TABLE seen AS
SELECT
    line.* EXCLUDE (branch, is_reversal),
    offer.offer,
    gone.line IS NOT NULL AS is_taken_back,
    CASE
        WHEN offer.offer IS NOT NULL THEN 'offer'
        WHEN line.reference IS NULL OR NOT is_reference(line.reference) THEN 'none'
        ELSE 'unknown'
    END AS reference_of,
    CASE
        WHEN offer.offer IS NULL THEN NULL
        WHEN line.channel IS DISTINCT FROM offer.channel THEN 'other_channel'
        WHEN NOT is_here(line.branch) THEN 'other_branch'
        WHEN line.service <> offer.service THEN 'other_service'
        WHEN line.occurred_at < offer.accepted_at - to_seconds(getvariable('tolerance'))
        THEN 'before_acceptance'
    END AS fault
FROM line
LEFT JOIN offer ON offer.reference = line.reference
LEFT JOIN taken_back AS gone ON gone.line = line.line
WHERE NOT line.is_reversal
    AND (offer.offer IS NOT NULL OR is_here(line.branch))
    AND (
        reference_of <> 'none'
        OR gone.line IS NULL AND (line.reference IS NOT NULL OR line.service IS NOT NULL)
    );

-- What comes again is the same transaction: it is told where it stands in one file twice.
CREATE TABLE repeated AS
WITH again AS (SELECT line FROM seen GROUP BY line HAVING count(*) > 1)
SELECT seen.*, first(file_order) OVER same = file_order AS is_told
FROM seen SEMI JOIN again USING (line)
WHERE reference_of <> 'unknown'
WINDOW same AS (PARTITION BY line, reference_of ORDER BY file_order, number)
QUALIFY row_number() OVER same > 1;

DELETE FROM seen USING repeated
WHERE seen.file_order = repeated.file_order AND seen.number = repeated.number;

-- Rule 1: the reference. Of an offer's transactions, as many are taken back as reversals say so.
CREATE VIEW fitting AS
FROM seen WHERE reference_of = 'offer' AND fault IS NULL AND NOT is_taken_back;

CREATE TABLE reversed AS
WITH placed AS (
    SELECT
        offer, line, occurred_at,
        row_number() OVER (PARTITION BY offer ORDER BY occurred_at, file_order, number) AS place
    FROM fitting SEMI JOIN offer_taken_back USING (offer)
)
SELECT line
FROM placed
WHERE place <= (
    SELECT count(*) FROM offer_taken_back AS back
    WHERE back.offer = placed.offer AND back.occurred_at >= placed.occurred_at
);

-- What is matched now and holds no more.
CREATE TABLE undone AS
WITH reasons AS (
    SELECT held.line, held.offer, CASE WHEN is_reversal THEN 'reversal' ELSE 'correction' END AS reason
    FROM held JOIN taken_back USING (line)
    UNION ALL
    SELECT held.line, held.offer, 'reversal' FROM held JOIN reversed USING (line)
    UNION ALL
    -- its own line has gone since: a reversal that none of those that are here explains is its own
    SELECT held.line, held.offer, 'reversal'
    FROM held ANTI JOIN fitting USING (line)
    WHERE held.by_reference AND (
        SELECT count(*) FROM offer_taken_back AS back WHERE back.offer = held.offer
    ) > (SELECT count(*) FROM seen WHERE seen.offer = held.offer AND seen.fault IS NULL)
    UNION ALL
    -- somebody took it for the offer's; now the offer's own has come
    SELECT held.line, held.offer, 'correction'
    FROM held SEMI JOIN (FROM fitting ANTI JOIN reversed USING (line)) AS own ON own.offer = held.offer
    WHERE NOT held.by_reference
)
SELECT line, offer, max(reason) AS reason FROM reasons GROUP BY line, offer;

CREATE TABLE kept AS SELECT held.* FROM held ANTI JOIN undone USING (line, offer);

CREATE TABLE chosen AS
SELECT offer, arg_min(line, (occurred_at, file_order, number)) AS line
FROM fitting ANTI JOIN reversed USING (line) ANTI JOIN kept USING (offer)
GROUP BY offer;

-- Rule 2: lines without a reference that reads as one. An offer meets the lines of the stretches of
-- time that its window touches, so that no line is held against all offers.
CREATE MACRO stretch_of(moment) AS epoch(moment)::BIGINT // getvariable('stretch_seconds');
CREATE MACRO earliest(accepted_at) AS accepted_at - to_seconds(getvariable('tolerance'));
CREATE MACRO latest(accepted_at) AS accepted_at + to_seconds(getvariable('stretch_seconds'));

CREATE VIEW without AS FROM seen WHERE reference_of = 'none';

CREATE TABLE open_offer AS
SELECT offer.* EXCLUDE (reference, visit, business_date)
FROM offer ANTI JOIN kept USING (offer) ANTI JOIN chosen USING (offer);

CREATE TABLE pair AS
WITH in_stretch AS (
    SELECT
        *,
        unnest(range(stretch_of(earliest(accepted_at)), stretch_of(latest(accepted_at)) + 1)) AS stretch
    FROM open_offer
)
SELECT line, offer.offer
FROM without JOIN in_stretch AS offer
    ON offer.channel = without.channel
    AND offer.service = without.service
    AND offer.stretch = stretch_of(occurred_at)
WHERE occurred_at BETWEEN earliest(accepted_at) AND latest(accepted_at)
    AND coalesce(without.amount_band = offer.amount_band, true)
    AND CASE WHEN has_terminals THEN without.terminal = offer.terminal ELSE true END;

-- How many lines come in a stretch of time that nobody waits for: where there are strangers, a line
-- that fits says little, as the offer's own may be missing. Those of all services, and one more than
-- was seen: few are seen of what is rare.
CREATE TABLE stranger AS
WITH unmet AS (
    SELECT channel, count(*) AS lines
    FROM without ANTI JOIN pair USING (line)
    WHERE NOT has_terminals OR terminal IS NOT NULL
    GROUP BY channel
)
SELECT
    channel,
    (1 + any_value(unmet.lines)) / count(DISTINCT stretch_of(occurred_at)) AS rate
FROM moment JOIN unmet USING (channel)
GROUP BY channel;

-- A line that may be one offer's only, and the offer has no other.
CREATE TABLE single AS
WITH free AS (FROM pair ANTI JOIN kept USING (line)),
of_line AS (SELECT line FROM free GROUP BY line HAVING count(*) = 1),
of_offer AS (SELECT offer FROM free GROUP BY offer HAVING count(*) = 1)
SELECT line, open_offer.*
FROM free SEMI JOIN of_line USING (line) SEMI JOIN of_offer USING (offer) JOIN open_offer USING (offer);

-- But not of kinds of offers in which too many guesses would be right by chance only.
CREATE TABLE alone AS
WITH waiting AS (
    SELECT channel, service, amount_band, count(*) AS offers FROM open_offer GROUP BY ALL
),
guess AS (
    SELECT channel, service, amount_band, list(line) AS lines FROM single GROUP BY ALL
)
SELECT unnest(lines) AS line
FROM guess
JOIN waiting
    ON waiting.channel = guess.channel
    AND waiting.service = guess.service
    AND waiting.amount_band IS NOT DISTINCT FROM guess.amount_band
LEFT JOIN stranger ON stranger.channel = guess.channel
WHERE coalesce(waiting.offers * rate <= getvariable('by_chance') * len(lines), true);

CREATE TABLE candidate AS
SELECT pair.*, alone.line IS NOT NULL AS is_alone
FROM pair ANTI JOIN kept USING (line) LEFT JOIN alone ON alone.line = pair.line;

-- Their room is needed.
DROP TABLE pair;
DROP TABLE open_offer;

-- What is told of each line that concerns somebody.
CREATE TABLE verdict AS
WITH settled AS (
    SELECT line, offer FROM kept UNION ALL SELECT line, offer FROM chosen
),
guess AS (
    SELECT line, CASE WHEN any_value(is_alone) THEN 'probable' ELSE 'ambiguous' END AS guess
    FROM candidate GROUP BY line
),
told AS (
    SELECT
        seen.* EXCLUDE (offer, fault),
        coalesce(seen.offer, settled.offer) AS offer,
        CASE
            WHEN fault IS NOT NULL THEN fault
            WHEN reference_of = 'unknown' THEN 'unknown_reference'
            WHEN reference_of = 'none' AND reference IS NOT NULL THEN 'damaged_reference'
            WHEN reference_of = 'none' THEN NULL
            WHEN is_taken_back OR reversed.line IS NOT NULL THEN 'taken_back'
            WHEN settled.line IS NULL THEN 'duplicate'
        END AS fault,
        guess
    FROM seen
    LEFT JOIN settled ON settled.line = seen.line
    LEFT JOIN guess ON guess.line = seen.line
    LEFT JOIN reversed ON reversed.line = seen.line
    UNION ALL BY NAME
    SELECT * EXCLUDE is_told REPLACE (coalesce(fault, 'repeated') AS fault) FROM repeated WHERE is_told
)
SELECT
    line, file.file, number, channel, service, reference, amount_band, occurred_at, offer, fault, reverses,
    CASE
        WHEN fault IS NOT NULL AND fault <> 'damaged_reference' THEN 'none'
        WHEN offer IS NOT NULL THEN 'matched'
        ELSE coalesce(guess, 'none')
    END AS state
FROM told JOIN file USING (file_order)
WHERE fault IS NOT NULL OR offer IS NOT NULL OR guess IS NOT NULL;
