#!/usr/bin/env bash
# tests/support/opensearch.sh INSTALLED DIRECTORY PORT [JAVA-OPTION]…
#
# Becomes an OpenSearch of one node with its data in DIRECTORY, on PORT of the loopback interface (0 for any). It
# refuses to be root, so root becomes nobody; it ends when whoever started it ends.
set -euo pipefail
installed=$1 directory=$2 port=$3
shift 3
mkdir -p "$directory"/{config,data,logs,tmp}
cat >"$directory/config/opensearch.yml" <<END
discovery.type: single-node
network.host: 127.0.0.1
http.port: $port
transport.port: 0
path.data: $directory/data
path.logs: $directory/logs
cluster.routing.allocation.disk.threshold_enabled: false
END
cat >"$directory/config/log4j2.properties" <<END
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%p] [%c{1}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
END
chmod 711 "$(dirname "$directory")" 2>/dev/null || true
become=()
if [ "$(id -u)" = 0 ]; then
  chown -R nobody "$directory"
  become=(--reuid=nobody --regid=nogroup --clear-groups)
fi
cd "$directory"
[ -f "$installed/classes.jsa" ] && set -- -XX:SharedArchiveFile="$installed/classes.jsa" "$@"
exec setpriv "${become[@]}" --pdeathsig KILL "$(cat "$installed/java")" \
  -Xms256m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto "$@" \
  -Djava.security.manager=allow -Djava.awt.headless=true -Djava.io.tmpdir="$directory/tmp" \
  -Djna.nosys=true -Dlog4j2.disable.jmx=true -Dfile.encoding=UTF-8 \
  -Dopensearch.path.home="$installed/home" -Dopensearch.path.conf="$directory/config" \
  -Dopensearch.distribution.type=zip -Dopensearch.bundled_jdk=false \
  -cp "$installed/home/lib/*" org.opensearch.bootstrap.OpenSearch
