-- The last round trips, one word for each, in microseconds; `-` is one that is missing.
ALTER TABLE lines ADD COLUMN recent TEXT NOT NULL DEFAULT '';
