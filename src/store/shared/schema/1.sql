-- Everything belongs to an owner: whoever shares a token. Moments are milliseconds since 1970.

CREATE TABLE hearsay_conversations (
    owner text NOT NULL,
    id text NOT NULL,
    title text NOT NULL,
    started bigint NOT NULL,
    used bigint NOT NULL,
    -- Nothing up to this position is recalled.
    forgotten bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (owner, id)
);

CREATE TABLE hearsay_messages (
    position bigserial PRIMARY KEY,
    owner text NOT NULL,
    conversation text NOT NULL,
    id text NOT NULL,
    turn text NOT NULL,
    role text NOT NULL,
    text text NOT NULL,
    answerer text,
    cut boolean NOT NULL,
    at bigint NOT NULL,
    -- Which server is to answer this question: the last one that was asked.
    asked text,
    -- The words of the text, as they are searched for.
    words tsvector NOT NULL,
    UNIQUE (owner, id)
);

CREATE INDEX hearsay_messages_said ON hearsay_messages (owner, conversation, position);
CREATE INDEX hearsay_messages_words ON hearsay_messages USING gin (words);

CREATE TABLE hearsay_notes (
    id bigserial PRIMARY KEY,
    owner text NOT NULL,
    text text NOT NULL,
    at bigint NOT NULL
);

CREATE INDEX hearsay_notes_owner ON hearsay_notes (owner, id);

CREATE TABLE hearsay_todos (
    id bigserial PRIMARY KEY,
    owner text NOT NULL,
    text text NOT NULL,
    done boolean NOT NULL DEFAULT false,
    at bigint NOT NULL
);

CREATE INDEX hearsay_todos_owner ON hearsay_todos (owner, id);

CREATE TABLE hearsay_timers (
    id bigserial PRIMARY KEY,
    owner text NOT NULL,
    label text NOT NULL,
    due bigint NOT NULL,
    created bigint NOT NULL
);

CREATE INDEX hearsay_timers_due ON hearsay_timers (owner, due, id);
