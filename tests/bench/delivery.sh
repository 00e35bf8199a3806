#!/usr/bin/env bash
# How fast a backlog is drained, on a private PostgreSQL: COUNT events that no observer matches, and COUNT
# that go to the null action; beside it, what psql needs to copy the same rows out. Medians of RUNS.
#
#   tests/bench/delivery.sh [BUILD-DIRECTORY] [COUNT] [RUNS]
set -euo pipefail
build=$(cd "${1:-build}" && pwd)
count=${2:-100000}
runs=${3:-3}
bin=$(pg_config --bindir 2>/dev/null || ls -d /usr/lib/postgresql/*/bin | tail -n 1)
work=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then
  as=(runuser -u postgres --)
  chown postgres "$work"
fi
stop() { "${as[@]}" "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap stop EXIT
"${as[@]}" "$bin/initdb" -D "$work/data" -A trust -U postgres -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$work/data" -w -l "$work/log" \
  -o "-c listen_addresses='' -k $work -c fsync=off -c max_wal_size=4GB" start >/dev/null
url="postgresql://postgres@/postgres?host=$work"
run() { "$bin/psql" "$url" -X -q -At -c "$1"; }
config() {
  mkdir -p "$work/config"
  cat >"$work/config/observerd.json" <<JSON
{ "database": { "url": "$url" }, "plugins": { "directories": ["$build/plugins"] },
  "runtime": { "event_log": "$2" }, "log": { "level": "error" },
  "observers": [ { "name": "bench", "entity": "$1", "actions": [ { "type": "null" } ] } ] }
JSON
}
observerd() { "$build/bin/observerd" "$@" --config "$work/config/observerd.json"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

config Item matched
observerd migrate >/dev/null
run "CREATE TABLE item (id int PRIMARY KEY, name text, price numeric, note text)"
observerd capture add item --entity Item >/dev/null
drain() { # label entity event-log
  config "$2" "$3"
  local times=()
  for _ in $(seq "$runs"); do
    run "TRUNCATE item; TRUNCATE observer.outbox"
    run "SET observer.suppress = off; INSERT INTO item SELECT i, 'name ' || i, i * 1.5, repeat('x', 400)
         FROM generate_series(1, $count) AS i"
    local start end
    start=$(date +%s%N)
    observerd run --once
    end=$(date +%s%N)
    times+=($(((end - start) / 1000)))
  done
  local us
  us=$(printf '%s\n' "${times[@]}" | median)
  printf '%-34s %8d events/s\n' "$1" $((count * 1000000 / us))
}
drain "no observer matches" Nothing matched
drain "null action, event log: failed" Item failed
drain "null action, event log: matched" Item matched
copy=()
for _ in $(seq "$runs"); do
  start=$(date +%s%N)
  "$bin/psql" "$url" -X -q -c "\\copy (SELECT * FROM observer.outbox) TO '/dev/null'"
  end=$(date +%s%N)
  copy+=($(((end - start) / 1000)))
done
printf '%-34s %8d rows/s\n' "psql copies the same rows out" \
  $((count * 1000000 / $(printf '%s\n' "${copy[@]}" | median)))
