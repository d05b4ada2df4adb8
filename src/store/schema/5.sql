-- So many bytes of an answer were heard before the user cut in.
ALTER TABLE messages ADD COLUMN heard INTEGER;
-- What was spoken of the answer, and when; and what the backend counted for it.
ALTER TABLE turns ADD COLUMN said TEXT;
ALTER TABLE turns ADD COLUMN usage TEXT;
