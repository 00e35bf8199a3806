#!/usr/bin/env bash
# The life of an installation, in a Debian 12 of its own that is booted: install from a repository, first
# day, confinement, a stranger's plugin, upgrade with traffic, an upgrade that must not restart, remove,
# purge; then the rpm packages and their scriptlets in the same machine.
#
#   tests/packaging/story.sh BUILD WORK
#
# BUILD: where packages are made from (packaging/build.sh --build). WORK: where the machine goes; what
# was downloaded into it is kept for the next time. Ends with 77 where it cannot run at all.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
system=$work/system
. "$here/machine.sh"

[ "$(id -u)" = 0 ] || skip "a machine in a container needs root"
for tool in debootstrap dpkg-scanpackages systemd-nspawn; do
  command -v $tool >/dev/null || skip "$tool is not installed (packages debootstrap, dpkg-dev, systemd-container)"
done

step "packages"
"$root/packaging/build.sh" --build "$build" --output "$work/packages" --quick >/dev/null
env -C "$build" SOURCE_DATE_EPOCH="$(git -C "$root" log -1 --format=%ct)" cpack -G 'DEB;RPM' -B "$work/next" \
  -D 'CPACK_COMPONENTS_ALL=observerd;plugin_cache;plugin_email;plugin_push;plugin_search' -D CPACK_DEBIAN_PACKAGE_RELEASE=2 -D CPACK_RPM_PACKAGE_RELEASE=2 \
  -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip >/dev/null
stranger_package 0
stranger_package 99

step "lint"
for tool in lintian rpmlint; do command -v $tool >/dev/null || echo "NOT LINTED: $tool is not installed"; done
! command -v lintian >/dev/null || lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$work"/packages/*.deb ||
  fail "lintian"
! command -v rpmlint >/dev/null || rpmlint --config "$root/packaging/rpm/rpmlint.toml" "$work"/packages/*.rpm >"$work/rpmlint.log" ||
  fail "rpmlint: $(cat "$work/rpmlint.log")"

step "a minimal Debian 12"
make_system
publish "$work"/packages/*.deb
inside apt-get install -y --no-install-recommends systemd systemd-sysv dbus procps man-db postgresql rpm >"$work/apt.log" 2>&1 || fail "$(tail -n 3 "$work/apt.log")"
inside apt-get install -y --no-install-recommends --download-only observerd-plugins >>"$work/apt.log" 2>&1 || fail "$(tail -n 3 "$work/apt.log")"
boot_system
until_true 30 inside runuser -u postgres -- psql -qX -c '' >/dev/null 2>&1 || fail "PostgreSQL does not run"
files() { (cd "$system" && find etc usr var/lib var/log -xdev -not -path 'var/log/journal*' | sort); }
files >"$work/before"

. "$here/deb.sh"
. "$here/rpm.sh"

leave
rm -rf --one-file-system "$system"
echo "ok"
