#!/usr/bin/env bash
# What capturing costs single-row inserts, 8 clients, while the host is awake: the same inserts into a bare
# table, a captured one, and a captured one whose observers exclude them. Private PostgreSQL; the three
# alternate, medians count. Prints JSON; machines differ, so only the ratios say something.
#
#   tests/bench/capture.sh [--check RECORDED] [BUILD-DIRECTORY]
#
# --check: exit 1 when a ratio is below two thirds of that in RECORDED, an output of this script, and stays
# so when it is measured again twice.
# ROUNDS (7) and SECONDS_EACH (2) from the environment; DURABLE=1 waits for the disk at each commit.
set -euo pipefail
recorded=
if [ "${1:-}" = --check ]; then
  recorded=$(realpath "${2:?--check needs a file}")
  shift 2
fi
build=$(cd "${1:-build}" && pwd)
rounds=${ROUNDS:-7}
seconds=${SECONDS_EACH:-2}
commit=off
[ "${DURABLE:-0}" = 1 ] && commit=on
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(pg_config --bindir)
work=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then
  as=(runuser -u postgres --)
  chown postgres "$work"
fi
stop() {
  "${as[@]}" "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT
"${as[@]}" "$bin/initdb" -D "$work/data" -A trust -U postgres -N >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$work/data" -w -l "$work/log" -o "-c listen_addresses='' -k $work \
  -c synchronous_commit=$commit -c max_wal_size=4GB -c checkpoint_timeout=1h" start >/dev/null
url="postgresql://postgres@/postgres?host=$work"
run() { "$bin/psql" "$url" -X -q -At -v ON_ERROR_STOP=1 -c "$1"; }
mkdir "$work/config"
cat >"$work/config/observerd.json" <<JSON
{ "database": { "url": "$url" }, "observers": [
  { "name": "captured", "entity": "Captured", "actions": [ { "type": "log", "message": "x" } ] },
  { "name": "excluded", "entity": "Excluded", "when": "price > 1000 && name == 'x'",
    "actions": [ { "type": "log", "message": "x" } ] } ] }
JSON
observerd() { "$build/bin/observerd" "$@" --config "$work/config/observerd.json" >/dev/null; }

observerd migrate
kinds=(bare captured excluded)
for kind in "${kinds[@]}"; do
  run "CREATE TABLE $kind (id bigserial PRIMARY KEY, name text, price numeric, note text)"
  echo "INSERT INTO $kind (name, price, note) VALUES ('a name', 12.50, 'a note of a few more words');" \
    >"$work/$kind.sql"
done
observerd capture add captured --entity Captured
observerd capture add excluded --entity Excluded
observerd capture sync
[ "$(run "SELECT count(*) FROM observer.captures WHERE pushed")" = 1 ]

measure() { # kind -> transactions a second
  "$bin/pgbench" "$url" -n -c 8 -j 2 -T "$2" -M prepared -f "$work/$1.sql" 2>/dev/null |
    awk '/^tps/ { print $3 }'
}
median() { sort -n "$work/$1.tps" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# The ratio within each round, then their median: what disturbs one round disturbs its three parts.
ratio() {
  paste "$work/$1.tps" "$work/bare.tps" | awk '{ print $1 / $2 }' | sort -n |
    awk '{ v[NR] = $1 } END { printf "%.3f", v[int((NR + 1) / 2)] }'
}
all_rounds() {
  rm -f "$work"/*.tps
  for kind in "${kinds[@]}"; do measure "$kind" 1 >/dev/null; done
  for _ in $(seq "$rounds"); do
    for kind in "${kinds[@]}"; do measure "$kind" "$seconds" >>"$work/$kind.tps"; done
    run "TRUNCATE observer.outbox, bare, captured, excluded"
  done
  printf '{"bare_tps": %.0f, "captured_tps": %.0f, "excluded_tps": %.0f, "captured_ratio": %s,'`
         `' "excluded_ratio": %s, "rounds": %d, "seconds_each": %d, "synchronous_commit": "%s"}\n' \
    "$(median bare)" "$(median captured)" "$(median excluded)" "$(ratio captured)" \
    "$(ratio excluded)" "$rounds" "$seconds" "$commit"
}
member() { sed -n "s/.*\"$2\": *\([0-9.]*\).*/\1/p" <<<"$1"; }
# Says what has fallen in a result; nothing when all is well.
fallen() {
  local name now then
  for name in captured_ratio excluded_ratio; do
    now=$(member "$1" $name)
    then=$(member "$(cat "$recorded")" $name)
    awk -v now="$now" -v then="$then" 'BEGIN { exit !(now >= then * 2 / 3) }' ||
      echo "$name is $now, below two thirds of the recorded $then"
  done
}

for _ in 1 2 3; do
  result=$(all_rounds)
  echo "$result"
  [ -n "$recorded" ] || exit 0
  problems=$(fallen "$result")
  [ -n "$problems" ] || exit 0
done
echo "$problems" >&2
exit 1
