CREATE TABLE conversations (
    id      TEXT PRIMARY KEY,
    title   TEXT NOT NULL DEFAULT '',
    persona TEXT,
    started INTEGER NOT NULL,
    used    INTEGER NOT NULL,
    -- What was said up to this number is shown, but no brain is told of it any more.
    forgotten INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX conversations_by_use ON conversations (used);

-- `position` orders all messages and ties them to the search index; `number` counts within the
-- conversation, so that "how many are above" needs no counting.
CREATE TABLE messages (
    position     INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    turn         TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'note')),
    text         TEXT NOT NULL,
    reasoning    TEXT NOT NULL,
    tools        TEXT,
    by           TEXT,
    at           INTEGER NOT NULL,
    ending       TEXT NOT NULL CHECK (ending IN ('open', 'complete', 'cut')),
    why          TEXT,
    revision     INTEGER NOT NULL,
    UNIQUE (conversation, number)
) STRICT;

CREATE TABLE turns (
    id           TEXT UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    stages       TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

CREATE INDEX turns_by_conversation ON turns (conversation);

-- What was said and not confirmed yet; `owner` is the running program that will say it.
CREATE TABLE outbox (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    turn         TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    question     TEXT NOT NULL,
    say          TEXT NOT NULL,
    owner        TEXT NOT NULL
) STRICT;

CREATE TABLE draft (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    text TEXT NOT NULL
) STRICT;

CREATE TABLE notes (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL,
    at   INTEGER NOT NULL
) STRICT;

CREATE TABLE todos (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    at   INTEGER NOT NULL
) STRICT;

CREATE TABLE timers (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    label   TEXT NOT NULL,
    due     INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE INDEX timers_by_due ON timers (due);

-- Holds segmented words only, no second copy of the text.
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    text,
    content = '',
    contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2'
);
