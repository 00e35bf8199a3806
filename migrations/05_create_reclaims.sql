-- What the outbox keeps about itself: when segments were reclaimed, and whether it came from another
-- server. Why both are safe is argued in host/source/README.md.

CREATE TABLE ${schema}.reclaims (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reclaimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  segment      smallint    NOT NULL,
  bytes        bigint      NOT NULL
);
COMMENT ON TABLE ${schema}.reclaims IS
  'Truncated outbox segments, the newest thousand: when, and how many bytes were given back.';

ALTER TABLE ${schema}.installation
  ADD COLUMN adopted_to bigint NOT NULL DEFAULT 0,
  ADD COLUMN adopted_at timestamptz;
COMMENT ON COLUMN ${schema}.installation.adopted_to IS
  'Outbox rows with ids up to this came with a restored dump: their xids mean nothing here.';
COMMENT ON COLUMN ${schema}.installation.adopted_at IS
  'When `observerd adopt` last accepted this database as a restored one.';
