#!/usr/bin/env bash
# tests/support/install-opensearch.sh BUILD-DIRECTORY
#
# Puts OpenSearch, which the tests of the search plugin run, into BUILD-DIRECTORY/opensearch: 49 MiB from Maven
# Central, the distribution that its own projects test against (the engine and HTTP, nothing else). Needs Java 17
# to 23. Does nothing, and needs no network, when it is there. MAVEN_CENTRAL names another mirror.
#
# It also keeps an archive of the classes that a start loads (class data sharing), with which a start takes half as
# long. Where that cannot be made, starts are slower, and that is all.
set -euo pipefail
version=2.19.1
sum=af7152d8b7f6f1cee09d47276b32b70479fe6dd8cdbb61213f84eb7f8098b261
target=$(mkdir -p "$1/opensearch" && cd "$1/opensearch" && pwd)
[ "$(cat "$target/installed" 2>/dev/null)" = "$version" ] && exit 0

java=
for candidate in /usr/lib/jvm/java-17-openjdk-*/bin/java "$(command -v java || true)"; do
  [ -x "$candidate" ] || continue
  major=$("$candidate" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -1)
  if [ "${major:-0}" -ge 17 ] && [ "$major" -le 23 ]; then java=$candidate && break; fi
done
if [ -z "$java" ]; then
  echo "there is no Java 17 to 23 (Debian: openjdk-17-jre-headless)" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
path=org/opensearch/distribution/integ-test-zip/opensearch/$version/opensearch-$version.zip
curl -fsSL --retry 3 -o "$work/opensearch.zip" "${MAVEN_CENTRAL:-https://repo1.maven.org/maven2}/$path"
echo "$sum  $work/opensearch.zip" | sha256sum --check --quiet
rm -rf "$target/home"
python3 -m zipfile -e "$work/opensearch.zip" "$work"
mv "$work/opensearch-$version" "$target/home"
chmod -R a+rX "$target"
echo "$java" >"$target/java"

# The archive: one start with nothing to do, ended in good order.
: >"$work/output"
"$(dirname "$0")/opensearch.sh" "$target" "$work/server" 0 -XX:ArchiveClassesAtExit="$work/server/classes.jsa" \
  >"$work/output" 2>&1 &
server=$!
for _ in $(seq 600); do
  grep -q '\] started$' "$work/output" && break
  kill -0 $server 2>/dev/null || break
  sleep 0.1
done
kill $server 2>/dev/null || true
wait $server || true
mv "$work/server/classes.jsa" "$target/classes.jsa" 2>/dev/null || echo "without an archive of classes" >&2
echo "$version" >"$target/installed"
