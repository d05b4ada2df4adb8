-- What became of the line to each backend, over all runs; times in milliseconds.
CREATE TABLE lines (
    backend    TEXT PRIMARY KEY,
    since      INTEGER NOT NULL,
    used       INTEGER NOT NULL,
    greeted    INTEGER NOT NULL,
    lost       INTEGER NOT NULL,
    refused    INTEGER NOT NULL,
    given_up   INTEGER NOT NULL,
    up         INTEGER NOT NULL,
    trips      INTEGER NOT NULL,
    -- Microseconds: a round trip on one machine is far shorter than a millisecond.
    trips_took INTEGER NOT NULL,
    cause      TEXT
) STRICT, WITHOUT ROWID;
