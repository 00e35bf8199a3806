-- The ledger: how far each shard of the outbox was read and settled. Append-only: one row per
-- flush, the newest generation counts, and inserting the next one is a compare-and-set. What the
-- columns mean, and why nothing is lost, is argued in host/source/README.md.

CREATE TABLE ${schema}.ledger (
  shard           smallint       NOT NULL,
  generation      bigint         NOT NULL,
  -- Grows with every takeover of the shard: the lease under which the row was written.
  epoch           bigint         NOT NULL,
  -- The first row of its epoch. Kept for a day, so that the next generation of a host that lost the
  -- shard collides with it even if that host was stalled for hours.
  takeover        boolean        NOT NULL,
  written_at      timestamptz    NOT NULL DEFAULT clock_timestamp(),

  -- Everything that the base position sees was read …
  base_snapshot   pg_snapshot    NOT NULL,
  base_sequence   bigint         NOT NULL,
  base_top        bigint         NOT NULL,
  base_floors     bigint[]       NOT NULL,  -- in the order of the snapshot's list
  -- … and of the window up to the target, when one is being read, the ids up to the cursor …
  target_snapshot pg_snapshot,
  target_sequence bigint,
  target_top      bigint,
  target_floors   bigint[],
  cursor          bigint         NOT NULL,
  -- … but of what was read, these are not settled.
  pending         int8multirange NOT NULL,

  PRIMARY KEY (shard, generation)
);
COMMENT ON TABLE ${schema}.ledger IS
  'How far observerd has read and settled each shard; the greatest generation counts.';

-- Which epoch holds a shard. Unlogged on purpose: a crash of the server, which may lose commits that
-- a host has seen, empties it, and with that no host can write down anything it remembers from
-- before; it has to take the shard over again, from the ledger.
CREATE UNLOGGED TABLE ${schema}.ledger_lease (
  shard smallint PRIMARY KEY,
  epoch bigint   NOT NULL
);
COMMENT ON TABLE ${schema}.ledger_lease IS
  'The epoch that holds each shard. Unlogged: empty after a crash, when every lease is void.';

-- Every shard begins where nothing was seen: events captured before the first start are delivered.
INSERT INTO ${schema}.ledger
  (shard, generation, epoch, takeover, base_snapshot, base_sequence, base_top, base_floors, cursor,
   pending)
SELECT shard, 1, 0, true, '1:1:', 0, 0, '{}', 0, '{}'
FROM generate_series(0, ${shards} - 1) AS shard;
