-- The outbox: what the capture triggers write and the source reads. See README.md.

CREATE TABLE ${schema}.installation (
  only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id                uuid NOT NULL,
  system_identifier text,
  shards            int NOT NULL CHECK (shards BETWEEN 1 AND 1024),
  created_at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ${schema}.installation IS
  'One row: which installation this is. Event ids derive from its id.';
COMMENT ON COLUMN ${schema}.installation.system_identifier IS
  'Of the server on which the installation was made or adopted; another one means a restored copy.';

DO $do$
DECLARE
  identifier text;
BEGIN
  BEGIN
    SELECT system_identifier::text INTO identifier FROM pg_control_system();
  EXCEPTION WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN
    identifier := NULL;  -- some hosted servers keep it to themselves
  END;
  INSERT INTO ${schema}.installation (id, system_identifier, shards)
  VALUES (gen_random_uuid(), identifier, ${shards});
END
$do$;

-- Ids are given in the order in which rows are written, so never cached by a session.
CREATE SEQUENCE ${schema}.outbox_id AS bigint CACHE 1;
COMMENT ON SEQUENCE ${schema}.outbox_id IS 'Ids of outbox rows, of all shards and segments.';

-- Its last_value is the segment to write to: a place that can be changed without a row version.
CREATE SEQUENCE ${schema}.outbox_segment AS smallint MINVALUE 0 MAXVALUE 3 START 0 CACHE 1 CYCLE;
SELECT setval($name$${schema}.outbox_segment$name$::regclass, 0, true);
COMMENT ON SEQUENCE ${schema}.outbox_segment IS
  'The current outbox segment is its last_value; nextval() moves to the next segment.';

CREATE TABLE ${schema}.outbox (
  segment     smallint NOT NULL,
  shard       smallint NOT NULL,
  id          bigint NOT NULL DEFAULT nextval($name$${schema}.outbox_id$name$::regclass),
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  kind        text NOT NULL,
  entity      text NOT NULL,
  key         text NOT NULL,
  old_key     text,
  event_type  text,
  new_row     json,
  old_row     json,
  actor       text,
  traceparent text,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) PARTITION BY LIST (segment);
COMMENT ON TABLE ${schema}.outbox IS
  'Captured events on their way to observerd. Insert-only; whole segments are truncated.';
COMMENT ON COLUMN ${schema}.outbox.xid IS
  'The top-level transaction. Always assigned before the id: what the reader''s proof stands on.';
COMMENT ON COLUMN ${schema}.outbox.key IS
  'The entity''s key as text, a composite one as a JSON array of texts; of a changed key the old one.';
COMMENT ON COLUMN ${schema}.outbox.old_key IS
  'Set when an update changed the key: the key before, the same as in column key.';

CREATE TABLE ${schema}.outbox_0 PARTITION OF ${schema}.outbox FOR VALUES IN (0)
  WITH (fillfactor = 100, autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE TABLE ${schema}.outbox_1 PARTITION OF ${schema}.outbox FOR VALUES IN (1)
  WITH (fillfactor = 100, autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE TABLE ${schema}.outbox_2 PARTITION OF ${schema}.outbox FOR VALUES IN (2)
  WITH (fillfactor = 100, autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE TABLE ${schema}.outbox_3 PARTITION OF ${schema}.outbox FOR VALUES IN (3)
  WITH (fillfactor = 100, autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE INDEX outbox_shard_id ON ${schema}.outbox (shard, id) WITH (fillfactor = 100);

CREATE TABLE ${schema}.captures (
  relation          regclass PRIMARY KEY,
  table_name        text NOT NULL,
  entity            text NOT NULL UNIQUE CHECK (entity <> ''),
  key               text[] NOT NULL CHECK (cardinality(key) > 0),
  on_error          text NOT NULL CHECK (on_error IN ('abort', 'skip')),
  mode              text NOT NULL CHECK (mode IN ('statement', 'row')),
  capture_unchanged boolean NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ${schema}.captures IS
  'What `observerd capture add` has installed: one row per captured table.';
COMMENT ON COLUMN ${schema}.captures.table_name IS
  'The name when it was added: all that is left of a table that was dropped since.';

-- Functions are written in the form whose names are resolved when they are created, so that no
-- caller's search_path can redirect them, or pin their search_path.

CREATE FUNCTION ${schema}.shard_of(entity text, key text) RETURNS smallint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ((hashtextextended(key COLLATE "C", hashtextextended(entity COLLATE "C", 0))
           & 9223372036854775807) % ${shards})::smallint;
COMMENT ON FUNCTION ${schema}.shard_of(text, text) IS
  'The shard of an entity key. The number of shards is fixed by the migration.';

-- Constants of this schema; format() is what turns the schema's name into them.
DO $do$
DECLARE
  schema_name text := (SELECT nspname FROM pg_namespace
                       WHERE oid = $name$${schema}$name$::regnamespace);
BEGIN
  EXECUTE format('CREATE FUNCTION ${schema}.lock_class() RETURNS int LANGUAGE sql IMMUTABLE'
                 ' PARALLEL SAFE RETURN %s', hashtext('observerd:' || schema_name));
  EXECUTE format('CREATE FUNCTION ${schema}.wake_channel() RETURNS text LANGUAGE sql IMMUTABLE'
                 ' PARALLEL SAFE RETURN %L::text', schema_name || '_wake');
END
$do$;
COMMENT ON FUNCTION ${schema}.lock_class() IS
  'First half of our two-part advisory locks: (class, shard) is a lease, (class, 1000000 + shard)'
  ' is held by a host that is awake.';
COMMENT ON FUNCTION ${schema}.wake_channel() IS 'The NOTIFY channel of a host that sleeps.';

-- NOTIFY serialises commits, so it is sent only when the host of the shard sleeps. A host holds
-- the lock exclusively while asleep; getting it shared proves that it is awake and, until this
-- transaction ends, keeps it from falling asleep.
-- A transaction that has notified cannot be prepared. Where two-phase commit is possible at all,
-- nothing is notified unless observer.notify says that it may (SET, ALTER ROLE or ALTER DATABASE):
-- the host then finds the rows at its next poll. 'off' silences any session.
CREATE FUNCTION ${schema}.wake(shard int) RETURNS void
  LANGUAGE sql VOLATILE
  RETURN CASE
    WHEN pg_try_advisory_xact_lock_shared(${schema}.lock_class(), 1000000 + shard) THEN NULL
    WHEN CASE coalesce(current_setting('observer.notify', true), '')
           WHEN 'on' THEN true
           WHEN 'off' THEN false
           ELSE current_setting('max_prepared_transactions') = '0'
         END
    THEN pg_notify(${schema}.wake_channel(), shard::text)
  END;
COMMENT ON FUNCTION ${schema}.wake(int) IS 'Wakes the host of a shard, if it sleeps, at commit.';

CREATE FUNCTION ${schema}.emit(entity text, id text, data json, kind text DEFAULT 'custom',
                               event_type text DEFAULT NULL) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  to_shard smallint;
  event_id bigint;
BEGIN
  IF coalesce(emit.entity, '') = '' OR coalesce(emit.id, '') = '' THEN
    RAISE EXCEPTION 'observer.emit needs an entity and an id'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF emit.kind IS NULL OR emit.kind NOT IN ('insert', 'update', 'delete', 'custom') THEN
    RAISE EXCEPTION 'observer.emit: kind % is none of insert, update, delete, custom',
      quote_nullable(emit.kind) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  to_shard := ${schema}.shard_of(emit.entity, emit.id);
  -- No row lock orders the writers of this key, so an advisory one does.
  PERFORM pg_advisory_xact_lock(
    hashtextextended(emit.id COLLATE "C",
                     hashtextextended(emit.entity COLLATE "C", ${schema}.lock_class())));
  PERFORM pg_current_xact_id();  -- before the id is taken: see the comment on outbox.xid
  INSERT INTO ${schema}.outbox
    (segment, shard, kind, entity, key, event_type, new_row, old_row, actor, traceparent)
  SELECT s.last_value, to_shard, emit.kind, emit.entity, emit.id, emit.event_type,
         CASE WHEN emit.kind <> 'delete' THEN emit.data END,
         CASE WHEN emit.kind = 'delete' THEN emit.data END,
         nullif(current_setting('observer.user_id', true), ''),
         nullif(current_setting('observer.traceparent', true), '')
  FROM ${schema}.outbox_segment AS s
  RETURNING outbox.id INTO event_id;
  PERFORM ${schema}.wake(to_shard);
  RETURN event_id;
END
$function$;
COMMENT ON FUNCTION ${schema}.emit(text, text, json, text, text) IS
  'Writes an event of the application''s own. Callable by whoever has USAGE on the schema.';
