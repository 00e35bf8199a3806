-- Predicate push-down: what the triggers of a captured table let through, and for whom. See
-- host/capture/README.md.

ALTER TABLE ${schema}.captures
  ADD COLUMN pushed     boolean NOT NULL DEFAULT false,
  ADD COLUMN triggers   text[]  NOT NULL DEFAULT '{}',
  ADD COLUMN installed  text    NOT NULL DEFAULT '',
  ADD COLUMN definition text    NOT NULL DEFAULT '';
COMMENT ON COLUMN ${schema}.captures.pushed IS
  'True when the triggers leave out what no observer in capture_predicates takes.';
COMMENT ON COLUMN ${schema}.captures.triggers IS
  'The triggers that were installed on the table; empty for one that an older version captured.';
COMMENT ON COLUMN ${schema}.captures.installed IS
  'Fingerprint of those triggers as the catalog shows them: it changes when a column that a condition'
  ' reads gets another name, or a trigger is dropped.';
COMMENT ON COLUMN ${schema}.captures.definition IS
  'Fingerprint of the SQL that installed it: what `capture sync` would write differently now, it'
  ' writes anew. Empty for a table that an older version captured, whose triggers go on working.';

CREATE TABLE ${schema}.capture_predicates (
  entity    text NOT NULL REFERENCES ${schema}.captures (entity) ON DELETE CASCADE,
  kind      text NOT NULL CHECK (kind IN ('insert', 'update', 'delete')),
  place     int  NOT NULL,
  observer  text NOT NULL,
  condition text NOT NULL,
  predicate text NOT NULL,
  PRIMARY KEY (entity, kind, observer)
);
COMMENT ON TABLE ${schema}.capture_predicates IS
  'Whom the triggers of a pushed-down table serve: changes of a kind that no row here lets through'
  ' are not captured.';
COMMENT ON COLUMN ${schema}.capture_predicates.predicate IS
  'Over the rows NEW and OLD; true for every change of that kind.';

-- For the triggers, which take the lock of wake() themselves, inside their one statement: a host
-- that is awake, the usual case, costs no call.
CREATE FUNCTION ${schema}.ring(shard smallint) RETURNS smallint
  LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF (CASE coalesce(current_setting('observer.notify', true), '')
        WHEN 'on' THEN true
        WHEN 'off' THEN false
        ELSE current_setting('max_prepared_transactions') = '0'
      END)
  THEN
    PERFORM pg_notify(${schema}.wake_channel(), shard::text);
  END IF;
  RETURN shard;
END
$function$;
COMMENT ON FUNCTION ${schema}.ring(smallint) IS
  'Wakes the host of a shard that was found asleep, at commit, and returns the shard.';
