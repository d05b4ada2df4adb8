-- A message that was spoken has a recording of this length.
ALTER TABLE messages ADD COLUMN clip_ms INTEGER;
