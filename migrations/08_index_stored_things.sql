-- What the commands on stored things need: looks that go by an index, and a memory of what was
-- discarded by hand.

-- Deliveries that somebody took out of the retry schedule. For people, as a record; and for the
-- daemon: a try may be under way while its delivery is discarded, and what comes of it must not put
-- the delivery back (see void_discarded in host/store). Kept for thirty days, removed by the next
-- discard. Scheduling the delivery anew (a retry of its dead letter, a replay) removes it at once.
CREATE TABLE ${schema}.discarded_deliveries (
  delivery_id  uuid PRIMARY KEY,
  event_id     uuid        NOT NULL,
  observer     text        NOT NULL,
  action       text        NOT NULL,
  ordering_key text        NOT NULL,
  attempts     int         NOT NULL,
  last_error   text        NOT NULL,
  discarded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX idx_discarded_deliveries_event ON ${schema}.discarded_deliveries (event_id);
CREATE INDEX idx_discarded_deliveries_at ON ${schema}.discarded_deliveries (discarded_at);
COMMENT ON TABLE ${schema}.discarded_deliveries IS
  'Deliveries that were taken out of the retry schedule by hand.';

-- "Is anything of this event scheduled?": retention, `events show`, and the event's status.
CREATE INDEX idx_retries_event ON ${schema}.retries (event_id);

-- Dead letters of one observer, whatever else is filed.
CREATE INDEX idx_observer_dlq_items_observer
  ON ${schema}.observer_dlq_items (observer, created_at);
