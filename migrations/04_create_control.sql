-- How commands and running hosts speak to each other: who runs, which configuration counts, what is
-- paused, what was asked. Small tables; nothing of an event's way goes through them.

-- One row per running host, rewritten about once a second: what `observerd status`, `lanes` and
-- `observers` show of it. Unlogged: after a crash of the server every host writes its row anew. Room
-- on the page keeps the new version beside the old one.
CREATE UNLOGGED TABLE ${schema}.hosts (
  id          uuid PRIMARY KEY,             -- of this run of the process
  name        text        NOT NULL,         -- host name and process id
  version     text        NOT NULL,
  -- An advisory lock (lock_class(), lock_key) that the host holds for as long as it lives: what
  -- tells a host that died from one that is there.
  lock_key    int         NOT NULL,
  started_at  timestamptz NOT NULL,
  seen_at     timestamptz NOT NULL,
  fingerprint text        NOT NULL,         -- of its configuration
  problem     text        NOT NULL,         -- why it does not deliver, or ''
  state       json        NOT NULL          -- lanes, observers, plugins: see `observerd lanes list`
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 200);

CREATE FUNCTION ${schema}.host_lives(lock_key int) RETURNS boolean
  LANGUAGE sql STABLE
  RETURN EXISTS (SELECT FROM pg_locks AS l
                 WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
                   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND l.classid = (${schema}.lock_class()::bigint & 4294967295)::oid
                   AND l.objid = host_lives.lock_key::oid);
COMMENT ON FUNCTION ${schema}.host_lives(int) IS
  'Whether the host that holds this lock key is still connected.';

-- Which configuration counts, when several hosts run: one with another fingerprint reads nothing.
CREATE TABLE ${schema}.active_configuration (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  fingerprint  text        NOT NULL,
  -- Set by `observerd activate`: waits for a host with this configuration, whoever else runs.
  -- Otherwise a configuration that no living host runs any more gives way to the next one.
  pinned       boolean     NOT NULL DEFAULT false,
  activated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Observers, or single actions of theirs, whose deliveries are parked until they are resumed.
CREATE TABLE ${schema}.pauses (
  observer text        NOT NULL,
  action   text        NOT NULL DEFAULT '',  -- '' for all of the observer
  cause    text        NOT NULL CONSTRAINT pauses_cause_check CHECK (cause IN ('operator', 'gone')),
  reason   text        NOT NULL DEFAULT '',
  since    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (observer, action)
);
COMMENT ON TABLE ${schema}.pauses IS
  'What `observerd observers pause` has paused, and what its receiver has declared gone.';

-- What commands ask of every running host, and what each has answered.
CREATE TABLE ${schema}.requests (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  verb     text        NOT NULL
    CONSTRAINT requests_verb_check CHECK (verb IN ('reload', 'resume_lane')),
  argument text        NOT NULL DEFAULT '',
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE ${schema}.answers (
  request     bigint      NOT NULL REFERENCES ${schema}.requests (id) ON DELETE CASCADE,
  host        uuid        NOT NULL,
  host_name   text        NOT NULL,
  ok          boolean     NOT NULL,
  answer      text        NOT NULL,
  answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (request, host)
);

DO $do$
DECLARE
  schema_name text := (SELECT nspname FROM pg_namespace
                       WHERE oid = $name$${schema}$name$::regnamespace);
BEGIN
  EXECUTE format('CREATE FUNCTION ${schema}.control_channel() RETURNS text LANGUAGE sql IMMUTABLE'
                 ' PARALLEL SAFE RETURN %L::text', left(schema_name, 55) || '_control');
END
$do$;
COMMENT ON FUNCTION ${schema}.control_channel() IS
  'The NOTIFY channel that tells running hosts to look at pauses and requests.';
