# Part of story.sh: what the unit confines, seen from inside. Every plugin is loaded, one of ours and a
# wild one in processes of their own, which confine themselves once more under the unit's filter.

step "confined"
inside apt-get install -y --no-install-recommends observerd-plugins >/dev/null 2>&1
cc -shared -fPIC -fvisibility=hidden -I "$work/sdk/usr/include" "$root/tests/plugins/wild.c" -pthread \
  -Wl,--version-script="$work/sdk/usr/lib/cmake/observerd-sdk/plugin.map" -o "$system/usr/local/lib/observerd/plugins-1/wild.so"
printf 'whsec_%s' "$(head -c 24 /dev/urandom | base64)" >"$system/etc/observerd/credentials/erp"
chmod 600 "$system/etc/observerd/credentials/erp"
cat >"$system/etc/observerd/conf.d/20-confined.json" <<'J'
{ "plugins": { "isolation": { "slack": "process" } },
  "observers": [
    { "name": "wild", "entity": "Order", "events": ["update"],
      "actions": [ { "type": "wild", "do": "{{ status }}", "retry": { "max_attempts": 2, "initial_delay": "100ms" } } ] },
    { "name": "signed", "entity": "Order", "events": ["delete"],
      "actions": [ { "type": "webhook", "url": "https://erp.example/", "signing_secret": { "credential": "secret_erp" } },
                   { "type": "webhook", "name": "second", "url": "https://erp.example/", "signing_secret_env": "ERP_SECRET" },
                   { "type": "slack", "webhook_url": "https://hooks.slack.com/services/T000/B000/xxxx", "message": "gone" } ] } ] }
J
inside usermod --append --groups adm observerd
inside chgrp adm /etc/observerd/conf.d/20-confined.json
inside chmod 640 /etc/observerd/conf.d/20-confined.json
mkdir "$system/etc/systemd/system/observerd.service.d"
printf '[Service]\nEnvironment="ERP_SECRET=whsec_%s"\n' "$(head -c 24 /dev/urandom | base64)" >"$system/etc/systemd/system/observerd.service.d/environment.conf"
inside systemctl daemon-reload
inside systemctl restart observerd.service || fail "it does not start confined, with all plugins"
daemon=$(property MainPID)

# of_process PID FIELD: a line of /proc/PID/status, its value.
of_process() { inside sh -c "sed -n 's/^$2:[[:space:]]*//p' /proc/$1/status"; }
for field in "NoNewPrivs 1" "Seccomp 2" "CapEff 0000000000000000" "CapBnd 0000000000000000"; do
  [ "$(of_process "$daemon" "${field% *}")" = "${field#* }" ] || fail "the daemon has ${field% *} $(of_process "$daemon" "${field% *}")"
done
for type in webhook sms log email push search cache; do
  inside grep -q "/plugins-1/$type\.so" "/proc/$daemon/maps" || fail "$type.so is not loaded"
done
! inside grep -q '/plugins-1/\(slack\|wild\)\.so' "/proc/$daemon/maps" || fail "isolated, and loaded into the daemon"
inside ls "/proc/$daemon/root/home" | not grep -q . || fail "it sees homes"
[ "$(inside pgrep -c -P "$daemon")" -ge 2 ] || fail "no process for slack and wild"
settled() { [ "$(sql "SELECT status FROM observer.observer_events WHERE entity_key = '2' AND new_row ->> 'status' = '$1'")" = "$2" ]; }

# What a runner may not do, it cannot do here either; threads it may have; its memory has a limit.
sql "UPDATE orders SET status = 'forbidden' WHERE id = 2"
until_true 30 settled forbidden processed || fail "a plugin's own process could do what it must not"
sql "UPDATE orders SET status = 'threads' WHERE id = 2"
until_true 30 settled threads processed || fail "a plugin's own process has no threads"
sql "UPDATE orders SET status = 'memory' WHERE id = 2"
until_true 60 settled memory failed || fail "a plugin that eats memory is not stopped"
said OB017 || fail "nothing is said of the process that ended"
[ "$(property MainPID)" = "$daemon" ] || fail "the daemon did not survive it"
inside systemctl reload observerd.service || fail "a reload has not the credentials, environment and groups of the daemon: $(inside journalctl -n 5 -o cat -u observerd.service)"
rm -r "$system/etc/systemd/system/observerd.service.d"
inside systemctl daemon-reload
rm "$system/etc/observerd/conf.d/20-confined.json" "$system/usr/local/lib/observerd/plugins-1/wild.so"
inside systemctl reload observerd.service || fail "no reload without it"
