# Parts of story.sh: the chroot, and what is done in it. Uses its variables root, work, system.

inside() { chroot "$system" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
observerd() { inside runuser -u observerd -- /usr/sbin/observerd "$@" >"$work/observerd.out" 2>&1 || fail "observerd $*: $(cat "$work/observerd.out")"; }
sql() { inside runuser -u observerd -- psql -qAtX -d app -c "$1"; }
as_postgres() { for text in "$@"; do inside runuser -u postgres -- psql -qX -c "$text"; done; }
logged() { grep -q "order $1\$" "$system/var/log/observerd/orders.log" 2>/dev/null; }

# until_true SECONDS COMMAND…
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

# One row and one transaction each, as long as an upgrade takes.
write_orders() {
  local id
  for id in $(seq "$1" "$2"); do echo "INSERT INTO orders VALUES ($id, 'shipped');"; echo "SELECT pg_sleep(0.05);"; done |
    inside runuser -u observerd -- psql -qAtX -d app >/dev/null
}

# publish FILE…: what the repository of the chroot holds from now on.
publish() {
  rm -rf "$system/repository"
  mkdir "$system/repository"
  cp "$@" "$system/repository/"
  (cd "$system/repository" && dpkg-scanpackages --multiversion . 2>/dev/null >Packages)
  inside apt-get -q update >/dev/null 2>&1
}

# stranger_package MINOR: the template's package, from the SDK's package, for hosts from 1.MINOR on.
stranger_package() {
  local sdk=$work/sdk plugin=$work/plugin
  if [ ! -d "$plugin/build" ]; then
    rm -rf "$sdk" "$plugin"
    dpkg-deb --extract "$work"/packages/observerd-dev_*.deb "$sdk"
    cp -r "$sdk/usr/share/observerd/sdk/template" "$plugin"
    cmake -S "$plugin" -B "$plugin/build" -DCMAKE_PREFIX_PATH="$sdk/usr" -DBUILD_TESTING=OFF >/dev/null
    cmake --build "$plugin/build" >/dev/null
  fi
  rm -rf "$work/stranger-$1"
  local version=1.0.0
  [ "$1" = 1.0 ] || version=2.0.0
  env -C "$plugin/build" cpack -G DEB -B "$work/stranger-$1" -D CPACK_PACKAGE_VERSION=$version \
    -D CPACK_DEBIAN_PACKAGE_DEPENDS="observerd-abi-1 (>= $1)" >/dev/null
}

unmount() {
  local place
  for place in proc dev; do umount -R "$system/$place" 2>/dev/null || true; done
}

# Stops what was started in the chroot, and lets go of it.
leave() {
  inside systemctl stop observerd.service >/dev/null 2>&1 || true
  inside pg_ctlcluster 15 main stop -m immediate >/dev/null 2>&1 || true
  unmount
}

make_system() {
  unmount
  rm -rf --one-file-system "$system"
  if [ ! -f "$work/base.tar" ]; then
    debootstrap --variant=minbase bookworm "$work/base" >"$work/debootstrap.log" 2>&1 ||
      skip "debootstrap found no Debian mirror: $(tail -n 1 "$work/debootstrap.log")"
    tar -C "$work/base" -cf "$work/base.tar.part" . && mv "$work/base.tar.part" "$work/base.tar"
    rm -rf --one-file-system "$work/base"
  fi
  mkdir "$system"
  tar -C "$system" -xf "$work/base.tar"
  trap leave EXIT
  mount --bind /proc "$system/proc"
  mount --rbind /dev "$system/dev" && mount --make-rslave "$system/dev"
  cp /etc/resolv.conf "$system/etc/resolv.conf"
  # Nothing starts by being installed.
  printf '#!/bin/sh\nexit 101\n' >"$system/usr/sbin/policy-rc.d"
  chmod 755 "$system/usr/sbin/policy-rc.d"
  echo 'deb [trusted=yes] file:/repository ./' >"$system/etc/apt/sources.list.d/local.list"
}

# From here on packages believe that systemd runs; what they ask of it goes to the stand-in.
stand_in_for_systemd() {
  install -m 755 "$here/systemctl" "$system/usr/bin/systemctl"  # apt gives scripts no PATH with /usr/local
  mkdir -p "$system/run/systemd/system"
  mkdir -m 1777 "$system/run/story"
  # The daemon's log is written by root for it.
  : >"$system/run/daemon.log"
}
