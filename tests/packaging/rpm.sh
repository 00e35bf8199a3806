# Part of story.sh: the rpm packages in the same machine, scriptlets and triggers run by rpm. What they
# require cannot be resolved in a Debian: that is read from the packages.

step "rpm: what packages ask for and offer"
mkdir "$system/rpms"
cp "$work"/packages/*.rpm "$system/rpms/"
mkdir "$system/rpms/next"
cp "$work"/next/*.rpm "$system/rpms/next/"
by_rpm() { inside sh -c "rpm --nosignature $* 2>&1" | { grep -v 'Alien\|assuming you know' || true; }; }
has() { by_rpm --query --package "--$2" "/rpms/$1-[0-9]*.rpm" | grep -qx -- "$3" || fail "$1.rpm has no $2 $3"; }
has observerd provides 'observerd-abi-1 = 1\.[0-9]*'
for type in cache email push search; do has "observerd-plugin-$type" requires 'observerd-abi-1 >= 1\.[0-9]*'; done
! by_rpm --query --package --provides '/rpms/observerd-[0-9]*.rpm' | grep -q '^webhook\.so' || fail "a plugin is offered as a library"

step "rpm: install, start"
by_rpm --install --nodeps '/rpms/*.rpm' >"$work/rpm.log"
[ "$(grep -c "installed and not started" "$work/rpm.log")" = 1 ] || fail "the installation says: $(cat "$work/rpm.log")"
[ "$(property ActiveState)" = inactive ] || fail "something was started"
[ -z "$(by_rpm --verify --all --nodeps)" ] || fail "rpm --verify: $(by_rpm --verify --all --nodeps)"
[ "$(inside stat -c '%a %U:%G' /etc/observerd/observerd.json)" = "640 root:observerd" ] || fail "modes of the configuration"
by_rpm --query --configfiles observerd | grep -qx /etc/observerd/observerd.json || fail "the configuration is not marked so"
inside systemd-analyze verify observerd.service observerd@one.service || fail "the units"
inside systemctl enable --now observerd.service 2>/dev/null || fail "the service does not start"
sql "INSERT INTO orders VALUES (600, 'shipped')"
until_true 30 logged 600 || fail "order 600 did not arrive"

step "rpm: an upgrade with traffic, one that is refused, plugins that go and come"
echo '// mine' >>"$system/etc/observerd/observerd.json"
before=$(starts)
write_orders 700 800 &
writer=$!
by_rpm --upgrade --nodeps '/rpms/next/*.rpm' >"$work/rpm.log"
wait $writer
for id in $(seq 700 800); do until_true 30 logged "$id" || fail "order $id was lost"; done
[ "$(starts)" = $((before + 1)) ] || fail "an upgrade restarts once, and this did $(($(starts) - before)) times: $(cat "$work/rpm.log")"
tail -n 1 "$system/etc/observerd/observerd.json" | grep -qx '// mine' || fail "the configuration was replaced"
before=$(starts)
by_rpm --erase observerd-plugins observerd-plugin-cache >/dev/null
[ "$(starts)" = $((before + 1)) ] || fail "a plugin that goes restarts once, and this did otherwise"
by_rpm --install --nodeps '/rpms/observerd-plugin-cache-*.rpm' >/dev/null
[ "$(starts)" = $((before + 2)) ] || fail "a plugin that comes restarts once, and this did otherwise"
echo '{ "observrs": [] }' >"$system/etc/observerd/conf.d/20-wrong.json"
before=$(property MainPID)
by_rpm --upgrade --replacepkgs --nodeps '/rpms/next/*.rpm' >"$work/rpm.log"
grep -q 'would not start with its configuration' "$work/rpm.log" || fail "nothing is said: $(cat "$work/rpm.log")"
[ "$(property MainPID)" = "$before" ] || fail "restarted all the same"
rm "$system/etc/observerd/conf.d/20-wrong.json"

step "rpm: erase"
mapfile -t installed < <(by_rpm --query --all --queryformat "'%{NAME}\n'")
by_rpm --erase "${installed[@]}" >"$work/rpm.log"
[ "$(property ActiveState)" = inactive ] || fail "still running"
files >"$work/after"
left=$(comm -13 "$work/before" "$work/after" | grep observerd | grep -v '^var/lib/rpm' || true)
wanted="etc/observerd
etc/observerd/conf.d
etc/observerd/conf.d/10-orders.json
etc/observerd/credentials
etc/observerd/credentials/erp
etc/observerd/observerd.json.rpmsave
var/lib/observerd
var/log/observerd
var/log/observerd/orders.log"
[ "$left" = "$wanted" ] || fail "left over, or taken away too much:
$left"
