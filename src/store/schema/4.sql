-- How each terminal tells of a held key, as far as it was learned; times in milliseconds.
CREATE TABLE grips (
    terminal     TEXT PRIMARY KEY,
    releases     INTEGER,
    first_repeat INTEGER,
    repeat       INTEGER
) STRICT, WITHOUT ROWID;
