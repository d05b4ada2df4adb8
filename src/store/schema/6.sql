-- What the user put at the top of the list.
ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
-- Since when it is deleted: it can be brought back until it is purged.
ALTER TABLE conversations ADD COLUMN deleted INTEGER;

-- Of a copy: the conversation with which its family began.
ALTER TABLE conversations ADD COLUMN origin TEXT;

DROP INDEX conversations_by_use;
CREATE INDEX conversations_by_use ON conversations (used) WHERE deleted IS NULL;
CREATE INDEX conversations_by_rank ON conversations (pinned, used) WHERE deleted IS NULL;
CREATE INDEX conversations_by_origin ON conversations (origin) WHERE origin IS NOT NULL;
CREATE INDEX conversations_deleted ON conversations (deleted) WHERE deleted IS NOT NULL;

-- Names that were given, not taken from what was said: those are found with the message.
CREATE TABLE titles (
    place        INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL UNIQUE REFERENCES conversations (id) ON DELETE CASCADE
) STRICT;

CREATE VIRTUAL TABLE titles_fts USING fts5 (
    text,
    content = '',
    contentless_delete = 1,
    prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);

-- With the beginnings of words: one that is still being typed is searched for at every key. What
-- was in the index before is put into this one by the program.
DROP TABLE messages_fts;
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    text,
    content = '',
    contentless_delete = 1,
    prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
