-- What the attempts that are kept of a delivery do not tell.

-- Since when its destination has been unavailable, counted from the first UNAVAILABLE and ended by
-- any answer; `unavailable_limit` counts from here. first_at does not serve: a delivery may have
-- waited, held or behind another, long before or after its first try.
-- Tries so far, also those of which `history` has dropped the attempt. 0 in rows from before: then
-- it is as many as `history` has.
ALTER TABLE ${schema}.retries
  ADD COLUMN unavailable_since timestamptz,
  ADD COLUMN tries             int NOT NULL DEFAULT 0;
