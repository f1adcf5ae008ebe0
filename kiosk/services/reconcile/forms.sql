-- Each field with the delimiter before it; if they are not the whole line, a quote is not closed.
CREATE MACRO unquoted(line, pieces, quote) AS
    CASE WHEN array_to_string(pieces, '') = line THEN
        list_transform(
            pieces,
            lambda piece: CASE
                WHEN piece[2] = quote THEN replace(piece[3:-2], quote || quote, quote)
                ELSE piece[2:]
            END
        )
    END;

-- What other lines fall into. No list: damaged.
CREATE MACRO fields_of_quoted(line) AS
    CASE
        WHEN NOT contains(line, getvariable('quote'))
        THEN string_split(line, getvariable('delimiter'))
        ELSE unquoted(
            getvariable('delimiter') || line,
            regexp_extract_all(getvariable('delimiter') || line, getvariable('field')),
            getvariable('quote')
        )
    END;

CREATE MACRO fields_of_object(line) AS
    CASE WHEN json_valid(line) THEN json_extract_string(line, getvariable('paths')) END;

-- A time in UTC: from the layout's zone, which may have one offset only; or with the offset that stands
-- beside it.
CREATE MACRO moment_in_zone(said) AS
    timezone(getvariable('zone'), try_strptime(said, getvariable('format')))::TIMESTAMP;

CREATE MACRO moment_at_offset(said) AS
    try_strptime(said, getvariable('format')) - to_seconds(getvariable('offset_seconds'));

CREATE MACRO moment_with_offset(said) AS
    try_strptime(said, getvariable('format'))::TIMESTAMPTZ::TIMESTAMP;
