# Part of story.sh: the life of the Debian packages.

step "install"
inside apt-get install -y --no-install-recommends observerd >"$work/install.log"
grep -q "installed and not started" "$work/install.log" || fail "the installation says nothing of what comes next"
[ "$(property ActiveState)" = inactive ] || fail "something was started"
[ "$(property UnitFileState)" = disabled ] || fail "something was enabled"
[ "$(inside stat -c '%a %U:%G' /etc/observerd/observerd.json)" = "640 root:observerd" ] || fail "modes of the configuration"
inside man --where 8 observerd >/dev/null || fail "no manual"
inside systemd-analyze verify observerd.service observerd@one.service || fail "the units"
inside systemd-analyze security --offline=true --threshold=15 observerd.service observerd@one.service >"$work/security.log" ||
  fail "the units are more exposed than 1.5: $(tail -n 1 "$work/security.log")"
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
inside systemctl enable --now observerd.service 2>/dev/null || fail "the service does not start"
sql "INSERT INTO orders VALUES (1, 'shipped'), (2, 'new')"
until_true 30 logged 1 || fail "order 1 did not arrive"
! logged 2 || fail "order 2 arrived, which was not shipped"
[ "$(property ActiveState)/$(property SubState)" = active/running ] || fail "the service does not say that it is ready"
[ -n "$(property StatusText)" ] || fail "the service says nothing of what it does"

. "$here/confined.sh"

step "killed, and PostgreSQL restarted under it"
inside systemctl kill -s KILL observerd.service
inside systemctl restart postgresql@15-main.service
sql "INSERT INTO orders VALUES (3, 'shipped')"
until_true 60 logged 3 || fail "order 3 was lost"

step "PostgreSQL away for long"
inside systemctl stop postgresql@15-main.service
! inside systemctl restart observerd.service 2>/dev/null || fail "it says that it started without a database"
sleep 20  # several tries
inside systemctl start postgresql@15-main.service
sql "INSERT INTO orders VALUES (5, 'shipped')"
until_true 60 logged 5 || fail "it did not come back by itself"

step "a process that hangs"
mkdir "$system/etc/systemd/system/observerd.service.d"
printf '[Service]\nWatchdogSec=10s\n' >"$system/etc/systemd/system/observerd.service.d/sooner.conf"
inside systemctl daemon-reload
inside systemctl restart observerd.service
first=$(property MainPID)
inside kill -STOP "$first"
sql "INSERT INTO orders VALUES (4, 'shipped')"
until_true 90 logged 4 || fail "the watchdog did not notice"
said 'Watchdog timeout' || fail "something else ended it"
rm -r "$system/etc/systemd/system/observerd.service.d"
inside systemctl daemon-reload

step "a stranger's plugin"
publish "$work"/packages/*.deb "$work"/stranger-1.0/*.deb
before=$(starts)
inside apt-get install -y observerd-plugin-line >/dev/null 2>&1
observerd plugins check /usr/lib/observerd/plugins-1/line.so
[ "$(starts)" = $((before + 1)) ] || fail "a new plugin restarts once, and this did otherwise"
publish "$work"/packages/*.deb "$work"/stranger-1.99/*.deb
! inside apt-get install -y observerd-plugin-line=2.0.0-1 >"$work/later.log" 2>&1 || fail "a plugin for a later host was installed"
grep -q 'Depends: observerd-abi-1 (>= 1.99)' "$work/later.log" || fail "refused for another reason: $(cat "$work/later.log")"

step "an upgrade whose tables are not there yet"
newest=$(ls "$root"/migrations/*.sql | tail -n 1)
number=$(basename "$newest" | sed 's/^0*\([0-9]*\)_.*/\1/')
sql "CREATE TABLE kept AS SELECT * FROM observer.schema_migrations WHERE number = $number" 
sql "DELETE FROM observer.schema_migrations WHERE number = $number"
before=$(property MainPID)
inside apt-get install -y --reinstall observerd >"$work/tables.log" 2>&1
grep -q 'needs newer tables' "$work/tables.log" || fail "nothing is said: $(cat "$work/tables.log")"
[ "$(property MainPID)" = "$before" ] || fail "restarted all the same"
sql "INSERT INTO observer.schema_migrations SELECT * FROM kept"
sql "DROP TABLE kept"

step "an upgrade with traffic"
before=$(starts)
write_orders 100 400 &
writer=$!
publish "$work"/packages/*.deb "$work"/next/*.deb
inside apt-get install -y observerd observerd-plugin-cache observerd-plugin-email observerd-plugin-push observerd-plugin-search \
  >"$work/upgrade.log" 2>&1
wait $writer
inside sh -c "dpkg-query -W -f='\${Version}' observerd" | grep -q -- '-2$' || fail "not upgraded: $(cat "$work/upgrade.log")"
[ "$(inside sh -c "dpkg-query -W -f='\${Version} ' 'observerd-plugin-*'" | tr ' ' '\n' | grep -c -- '-2$')" = 4 ] || fail "plugins not upgraded: $(cat "$work/upgrade.log")"
for id in $(seq 100 400); do until_true 30 logged "$id" || fail "order $id was lost"; done
[ "$(starts)" = $((before + 1)) ] || fail "an upgrade of all packages restarts once, and this did $(($(starts) - before)) times: $(cat "$work/upgrade.log")"

step "a reload and an upgrade whose configuration is refused"
echo '{ "observrs": [] }' >"$system/etc/observerd/conf.d/20-wrong.json"
before=$(property MainPID)
! inside systemctl reload observerd.service 2>/dev/null || fail "a reload with a mistake is said to have worked"
inside apt-get install -y --reinstall observerd >"$work/refused.log" 2>&1
grep -q 'would not start with its configuration' "$work/refused.log" || fail "nothing is said: $(cat "$work/refused.log")"
[ "$(property MainPID)" = "$before" ] || fail "restarted all the same"
sql "INSERT INTO orders VALUES (500, 'shipped')"
until_true 30 logged 500 || fail "the old process does not deliver any more"
rm "$system/etc/observerd/conf.d/20-wrong.json"

step "remove, purge"
inside apt-get purge -y observerd-plugin-line >/dev/null 2>&1
inside apt-get remove -y observerd >/dev/null 2>&1
[ "$(property ActiveState)" = inactive ] || fail "still running"
[ -s "$system/var/log/observerd/orders.log" ] || fail "remove took the logs"
inside apt-get purge -y observerd >/dev/null 2>&1
[ "$(sql 'SELECT count(*) FROM observer.schema_migrations')" -gt 0 ] || fail "the tables are gone"
files >"$work/after"
left=$(comm -13 "$work/before" "$work/after" | grep observerd || true)
wanted="etc/observerd
etc/observerd/conf.d
etc/observerd/conf.d/10-orders.json
etc/observerd/credentials
etc/observerd/credentials/erp"
[ "$left" = "$wanted" ] || fail "left over, or taken away too much:
$left"
