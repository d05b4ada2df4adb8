-- What the user put at the top of the list.
ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
-- Since when it is deleted: it can be brought back until it is purged.
ALTER TABLE conversations ADD COLUMN deleted INTEGER;

DROP INDEX conversations_by_use;
CREATE INDEX conversations_by_use ON conversations (pinned, used) WHERE deleted IS NULL;
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
    tokenize = 'unicode61 remove_diacritics 2'
);
