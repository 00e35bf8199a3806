#!/usr/bin/env bash
# The life of an installation, in a Debian 12 of its own: install from a repository, first day, a
# stranger's plugin, upgrade with traffic, an upgrade that must not restart, remove, purge.
#
#   tests/packaging/story.sh BUILD WORK
#
# BUILD: where packages are made from (packaging/build.sh --build). WORK: where the chroot goes; what
# was downloaded into it is kept for the next time. Ends with 77 where it cannot run at all.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
system=$work/system

skip() { echo "SKIPPED: $*" >&2; exit 77; }
fail() { echo "FAILED: $*" >&2; tail -n 20 "$system/run/daemon.log" >&2 || true; exit 1; }
step() { printf '== %s (%s)\n' "$*" "$(date +%H:%M:%S)"; }
[ "$(id -u)" = 0 ] || skip "a chroot needs root"
for tool in debootstrap dpkg-scanpackages; do
  command -v $tool >/dev/null || skip "$tool is not installed (packages debootstrap, dpkg-dev)"
done
. "$here/chroot.sh"

step "packages"
"$root/packaging/build.sh" --build "$build" --output "$work/packages" --deb --quick >/dev/null
env -C "$build" SOURCE_DATE_EPOCH="$(git -C "$root" log -1 --format=%ct)" cpack -G DEB -B "$work/next" \
  -D CPACK_COMPONENTS_ALL=observerd -D CPACK_DEBIAN_PACKAGE_RELEASE=2 -D CPACK_DEBIAN_DEBUGINFO_PACKAGE=OFF \
  -D CPACK_STRIP_FILES=ON -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip >/dev/null

step "a minimal Debian 12"
make_system
publish "$work"/packages/*.deb
inside apt-get install -y --no-install-recommends systemd procps man-db postgresql >/dev/null 2>&1
inside pg_conftool set listen_addresses ''
inside pg_ctlcluster 15 main start
stand_in_for_systemd
files() { (cd "$system" && find etc usr var/lib var/log -xdev | sort); }
files >"$work/before"

step "install"
inside apt-get install -y --no-install-recommends observerd >"$work/install.log"
grep -q "installed and not started" "$work/install.log" || fail "the installation says nothing of what comes next"
! grep -E 'start|enable' "$system/run/systemctl.log" || fail "something was started"
[ "$(inside stat -c '%a %U:%G' /etc/observerd/observerd.json)" = "640 root:observerd" ] || fail "modes of the configuration"
inside man --where 8 observerd >/dev/null || fail "no manual"
inside systemd-analyze verify observerd.service observerd@one.service || fail "the units"
inside dpkg --verify observerd || fail "dpkg --verify"
observerd check

step "first day"
as_postgres "CREATE ROLE observerd LOGIN" "CREATE DATABASE app OWNER observerd"
sql 'CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL)'
cat >"$system/etc/observerd/conf.d/10-orders.json" <<'J'
{ "observers": [ { "name": "shipped", "entity": "Order", "events": ["insert"], "when": "status == 'shipped'",
    "actions": [ { "type": "log", "file": "/var/log/observerd/orders.log", "message": "order {{ id }}" } ] } ] }
J
observerd check
observerd migrate
observerd capture add orders --entity Order
inside systemctl start observerd.service
sql "INSERT INTO orders VALUES (1, 'shipped'), (2, 'new')"
until_true 30 logged 1 || fail "order 1 did not arrive"
! logged 2 || fail "order 2 arrived, which was not shipped"

step "a stranger's plugin"
stranger_package "1.0"
stranger_package "1.99"
publish "$work"/packages/*.deb "$work"/stranger-1.0/*.deb
inside apt-get install -y observerd-plugin-line >/dev/null 2>&1
observerd plugins check /usr/lib/observerd/plugins-1/line.so
[ "$(inside grep -c try-restart /run/systemctl.log)" = 1 ] || fail "a new plugin restarts once, and this did otherwise"
publish "$work"/packages/*.deb "$work"/stranger-1.99/*.deb
! inside apt-get install -y observerd-plugin-line=2.0.0 >"$work/later.log" 2>&1 || fail "a plugin for a later host was installed"
grep -q 'Depends: observerd-abi-1 (>= 1.99)' "$work/later.log" || fail "refused for another reason: $(cat "$work/later.log")"

step "an upgrade with traffic"
write_orders 100 400 &
writer=$!
before=$(cat "$system/run/observerd-story.pid")
publish "$work"/packages/*.deb "$work"/next/*.deb
inside apt-get install -y observerd >/dev/null 2>&1
wait $writer
inside sh -c "dpkg-query -W -f='\${Version}' observerd" | grep -q -- '-2$' || fail "not upgraded"
[ "$(cat "$system/run/observerd-story.pid")" != "$before" ] || fail "the new version does not run"
for id in $(seq 100 400); do until_true 30 logged "$id" || fail "order $id was lost"; done
[ "$(inside grep -c try-restart /run/systemctl.log)" = 2 ] || fail "an upgrade restarts once, and this did otherwise"

step "an upgrade whose configuration is refused"
echo '{ "observrs": [] }' >"$system/etc/observerd/conf.d/20-wrong.json"
before=$(cat "$system/run/observerd-story.pid")
inside apt-get install -y --reinstall observerd >"$work/refused.log" 2>&1
grep -q 'would not start with its configuration' "$work/refused.log" || fail "nothing is said: $(cat "$work/refused.log")"
[ "$(cat "$system/run/observerd-story.pid")" = "$before" ] || fail "restarted all the same"
sql "INSERT INTO orders VALUES (500, 'shipped')"
until_true 30 logged 500 || fail "the old process does not deliver any more"
rm "$system/etc/observerd/conf.d/20-wrong.json"

step "remove, purge"
inside apt-get purge -y observerd-plugin-line >/dev/null 2>&1
inside apt-get remove -y observerd >/dev/null 2>&1
[ ! -e "$system/run/observerd-story.pid" ] || fail "still running"
[ -s "$system/var/log/observerd/orders.log" ] || fail "remove took the logs"
inside apt-get purge -y observerd >/dev/null 2>&1
[ "$(sql 'SELECT count(*) FROM observer.schema_migrations')" -gt 0 ] || fail "the tables are gone"
files >"$work/after"
left=$(comm -13 "$work/before" "$work/after" | grep observerd || true)
wanted="etc/observerd
etc/observerd/conf.d
etc/observerd/conf.d/10-orders.json"
[ "$left" = "$wanted" ] || fail "left over, or taken away too much:
$left"
echo "ok"
