-- The tables of the event log, of dead letters and of the retry schedule.
--
-- README.md beside this file describes the schema for users; the comments here say why a thing is
-- as it is.

-- jsonb cannot hold every JSON text: it refuses \u0000, lone surrogates, characters that the
-- database's encoding lacks, and numbers beyond the range of numeric. What users query must never
-- keep an event from being recorded, so such a text becomes {"unrepresentable": true}; the exact
-- text is in a json column of the same row wherever it matters. Called only for texts that look
-- suspicious, since the exception block costs a subtransaction.
CREATE FUNCTION ${schema}.as_jsonb(body text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog
AS $$
BEGIN
  RETURN body::jsonb;
EXCEPTION
  -- Class 22 (the text), and the limits of jsonb: too many members, too long a string.
  WHEN data_exception OR program_limit_exceeded THEN
    RETURN '{"unrepresentable": true}'::jsonb;
END
$$;

-- The event log: for people, not the queue. Written in bulk as events are settled.
CREATE TABLE ${schema}.observer_events (
  id           uuid PRIMARY KEY,
  -- INSERT, UPDATE, DELETE, or the type of a custom event cut to fit (`type` has it whole).
  event_type   varchar(50)  NOT NULL,
  -- The entity's name, cut to fit (`entity_name` has it whole when it had to be cut).
  entity_type  varchar(100) NOT NULL,
  -- The key when it is a UUID, else a UUID derived from (entity, key), always the same.
  entity_id    uuid         NOT NULL,
  -- The row (of a delete the old one), to be queried; new_row and old_row are exact.
  data         jsonb        NOT NULL,
  created_at   timestamptz  NOT NULL DEFAULT clock_timestamp(),
  processed_at timestamptz,
  status       varchar(50)  NOT NULL DEFAULT 'pending'
    CONSTRAINT observer_events_status_check
    CHECK (status IN ('pending', 'processed', 'failed', 'dropped', 'skipped')),

  kind         text         NOT NULL DEFAULT 'custom'
    CONSTRAINT observer_events_kind_check
    CHECK (kind IN ('insert', 'update', 'delete', 'custom')),
  type         text         NOT NULL DEFAULT '',
  entity_name  text,
  entity_key   text         NOT NULL DEFAULT '',
  old_key      text,
  new_row      json,
  old_row      json,
  user_id      text,
  traceparent  text,
  shard        smallint     NOT NULL DEFAULT 0,
  outbox_id    bigint       NOT NULL DEFAULT 0
);
CREATE INDEX idx_observer_events_entity ON ${schema}.observer_events (entity_type, event_type);
-- For retention and for lists of the newest; grows at its right edge only.
CREATE INDEX idx_observer_events_created ON ${schema}.observer_events (created_at);

-- Deliveries that will not be tried again by themselves.
CREATE TABLE ${schema}.observer_dlq_items (
  id            uuid PRIMARY KEY,
  event_id      uuid         NOT NULL REFERENCES ${schema}.observer_events (id),
  action_type   varchar(50)  NOT NULL,
  -- The setting as configured: unrendered, secrets as references or ***.
  action_config jsonb        NOT NULL,
  error_message text         NOT NULL,
  attempt_count int          NOT NULL DEFAULT 1,
  max_attempts  int          NOT NULL DEFAULT 3,
  created_at    timestamptz  NOT NULL DEFAULT clock_timestamp(),
  last_retry_at timestamptz,
  status        varchar(50)  NOT NULL DEFAULT 'pending'
    CONSTRAINT observer_dlq_items_status_check
    CHECK (status IN ('pending', 'retrying', 'success', 'retry_failed', 'discarded')),

  -- One delivery has one item for ever: a delivery that is buried again comes back to it.
  delivery_id   uuid         NOT NULL UNIQUE,
  observer      text         NOT NULL,
  action        text         NOT NULL,
  error         text         NOT NULL,             -- OB007, OB013, …
  error_code    text         NOT NULL DEFAULT ''   -- the plugin's own short code
);
CREATE INDEX idx_observer_dlq_items_status ON ${schema}.observer_dlq_items (status);
CREATE INDEX idx_observer_dlq_items_created ON ${schema}.observer_dlq_items (created_at);
-- "Has this event a dead letter still?", and the check of the foreign key.
CREATE INDEX idx_observer_dlq_items_event ON ${schema}.observer_dlq_items (event_id);

-- Every try of a dead letter, before and after it became one.
CREATE TABLE ${schema}.observer_dlq_history (
  id             bigserial PRIMARY KEY,
  dlq_item_id    uuid         NOT NULL REFERENCES ${schema}.observer_dlq_items (id)
                              ON DELETE CASCADE,
  attempt_number int          NOT NULL,
  error_message  text         NOT NULL DEFAULT '',
  executed_at    timestamptz  NOT NULL DEFAULT clock_timestamp(),
  result         varchar(50)  NOT NULL
    CONSTRAINT observer_dlq_history_result_check
    CHECK (result IN ('success', 'transient_error', 'permanent_error', 'unknown')),

  error_code     text         NOT NULL DEFAULT '',
  took_ms        bigint       NOT NULL DEFAULT 0
);
CREATE INDEX idx_observer_dlq_history_item ON ${schema}.observer_dlq_history (dlq_item_id);

-- The durable retry schedule. A row holds all that another attempt needs but the configuration;
-- never rendered settings, never secrets. Rows are rewritten once per attempt; free room on the
-- page keeps the new version beside the old one.
CREATE TABLE ${schema}.retries (
  delivery_id  uuid PRIMARY KEY,
  shard        smallint    NOT NULL,
  state        text        NOT NULL
    CONSTRAINT retries_state_check CHECK (state IN ('due', 'behind', 'held', 'orphaned')),
  due_at       timestamptz NOT NULL,
  -- '' when unordered. Of the rows of one (shard, ordering_key) at most one is not `behind`.
  ordering_key text        NOT NULL DEFAULT '',
  observer     text        NOT NULL,
  action       text        NOT NULL,
  action_type  text        NOT NULL,
  lane         text        NOT NULL DEFAULT '',
  reason       text        NOT NULL DEFAULT '',
  attempts     int         NOT NULL DEFAULT 0,
  first_at     timestamptz,
  history      json        NOT NULL DEFAULT '[]',
  dead_letter  uuid        REFERENCES ${schema}.observer_dlq_items (id),
  out_of_order boolean     NOT NULL DEFAULT false,

  event_id     uuid        NOT NULL,
  outbox_id    bigint      NOT NULL,
  kind         text        NOT NULL
    CONSTRAINT retries_kind_check CHECK (kind IN ('insert', 'update', 'delete', 'custom')),
  entity       text        NOT NULL,
  entity_key   text        NOT NULL,
  old_key      text,
  type         text        NOT NULL,
  user_id      text,
  traceparent  text,
  created_at   timestamptz NOT NULL,
  new_row      json,
  old_row      json
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);

-- The next due rows of a shard, whatever else is parked.
CREATE INDEX idx_retries_due ON ${schema}.retries (shard, due_at) WHERE state = 'due';
-- The same one lane at a time, so that a closed lane with millions of rows is stepped over. An index
-- entry has a maximal size, a lane has none: hence the cut.
CREATE INDEX idx_retries_lane ON ${schema}.retries (shard, left(lane, 400), due_at)
  WHERE state = 'due';
-- Who is at the head of an ordering key, and who is next behind it. Hashed for the same reason.
CREATE INDEX idx_retries_head ON ${schema}.retries (shard, hashtextextended(ordering_key, 0))
  WHERE state <> 'behind' AND ordering_key <> '';
CREATE INDEX idx_retries_behind
  ON ${schema}.retries (shard, hashtextextended(ordering_key, 0), outbox_id)
  WHERE state = 'behind';
CREATE INDEX idx_retries_dead_letter ON ${schema}.retries (dead_letter)
  WHERE dead_letter IS NOT NULL;

-- Outbox rows that no event could be made of, or whose results could not be stored (OB020, OB019).
CREATE TABLE ${schema}.bad_rows (
  outbox_id  bigint PRIMARY KEY,
  shard      smallint    NOT NULL,
  entity     text        NOT NULL,
  entity_key text        NOT NULL,
  reason     text        NOT NULL,
  row_text   text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
