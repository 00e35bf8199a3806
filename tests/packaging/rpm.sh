#!/usr/bin/env bash
# The rpm packages in an empty root: files, owners, configuration that an upgrade leaves alone, what
# they ask for and provide.
#
#   tests/packaging/rpm.sh PACKAGES WORK
#
# PACKAGES: what packaging/build.sh has made. Scriptlets are not run, and dependencies are not
# resolved: there is no shell in the root, and no other rpm package. Needs root for the owners; ends
# with 77 where it cannot run.
set -euo pipefail
packages=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
skip() { echo "SKIPPED: $*" >&2; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || skip "owners of files need root"
command -v rpm >/dev/null || skip "rpm is not installed"
system=$work/rpm-root
rm -rf --one-file-system "$system"
mkdir -p "$system"
# Users of the files are looked up in the root.
mkdir -p "$system/etc"
printf 'root:x:0:0::/root:/bin/sh\n' >"$system/etc/passwd"
printf 'root:x:0:\nobserverd:x:997:\n' >"$system/etc/group"
here() { rpm --root "$system" --dbpath /var/lib/rpm "$@" 2> >(grep -v "Alien\|assuming you know" >&2); }
here --initdb

has() { rpm --query --package --"$2" "$packages/$1"-[0-9]*.rpm | grep -qx -- "$3" || fail "$1 has no $2 $3"; }
has observerd provides 'observerd-abi-1 = 1\.[0-9]*'
for type in cache email push search; do has "observerd-plugin-$type" requires 'observerd-abi-1 >= 1\.[0-9]*'; done
! rpm --query --package --provides "$packages"/observerd-[0-9]*.rpm | grep -q '^webhook\.so' || fail "a plugin is offered as a library"

here --install --nodeps --noscripts --notriggers --nosignature "$packages"/*.rpm
here --verify --all --nodeps --nogroup --nouser || fail "rpm --verify"
[ "$(stat -c '%a %u:%g' "$system/etc/observerd/observerd.json")" = "640 0:997" ] || fail "modes of the configuration"
here --query --configfiles observerd | grep -qx /etc/observerd/observerd.json || fail "the configuration is not marked so"
for path in /usr/sbin/observerd /usr/lib/observerd/plugins-1/webhook.so /usr/lib/observerd/plugins-1/email.so \
  /usr/share/observerd/migrations/01_create_dlq_schema.sql /usr/lib/systemd/system/observerd@.service \
  /usr/share/man/man8/observerd.8.gz /usr/bin/observerd-plugin-check /usr/include/observerd/plugin.h; do
  [ -f "$system$path" ] || fail "not installed: $path"
done

echo '// mine' >>"$system/etc/observerd/observerd.json"
here --upgrade --replacepkgs --nodeps --noscripts --notriggers --nosignature "$packages"/observerd-[0-9]*.rpm
tail -n 1 "$system/etc/observerd/observerd.json" | grep -qx '// mine' || fail "the configuration was replaced"

mapfile -t installed < <(here --query --all --queryformat '%{NAME}\n')
here --erase --nodeps --noscripts --notriggers "${installed[@]}" 2>"$work/erase.log"
left=$(find "$system" -path "$system/usr/lib/sysimage" -prune -o -path "$system/var" -prune -o -type f -print)
[ "$(grep -v '/etc/passwd$\|/etc/group$' <<<"$left")" = "$system/etc/observerd/observerd.json.rpmsave" ] || fail "left over:
$left"
echo "ok"
