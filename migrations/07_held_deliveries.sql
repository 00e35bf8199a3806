-- What waits in the retry schedule for a cause to go away, one group (action, lane, state) at a time:
-- a group with millions of rows is one step of the index, and is released in the order of events.
-- An index entry has a maximal size, a lane has none: hence the cut. Held because its result could
-- not be stored is for a person to judge, and not in here.
CREATE INDEX idx_retries_waiting
  ON ${schema}.retries (shard, observer, action, left(lane, 400), state, outbox_id)
  WHERE state IN ('held', 'orphaned') AND reason NOT LIKE 'storage%';
