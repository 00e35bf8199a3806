# Parts of story.sh: a Debian 12 of its own that is booted in a container (systemd-nspawn), and what is
# done in it. Uses the variables here, root, work, system.

machine=observerd-story-$$
container=  # process of the container's keeper, once it is booted

skip() { echo "SKIPPED: $*" >&2; exit 77; }
fail() {
  echo "FAILED: $*" >&2
  [ -z "$container" ] || inside journalctl --no-pager -n 30 -u 'observerd*' >&2 || true
  exit 1
}
step() { printf '== %s (%s)\n' "$*" "$(date +%H:%M:%S)"; }

# What runs as process 1 in the container, seen from outside.
first_process() { pgrep -P "$(pgrep -d, -P "$container" systemd-nspawn)" 2>/dev/null | head -n 1; }

# inside COMMAND…: in the booted machine, before that in its files only.
inside() {
  local enter=(chroot "$system")
  [ -z "$container" ] || enter=(nsenter --target "$(first_process)" --mount --uts --ipc --net --pid --root --)
  "${enter[@]}" env -i --chdir=/ DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
observerd() { inside runuser -u observerd -- /usr/sbin/observerd "$@" >"$work/observerd.out" 2>&1 || fail "observerd $*: $(cat "$work/observerd.out")"; }
sql() { inside runuser -u observerd -- psql -qAtX -d app -c "$1"; }
as_postgres() { for text in "$@"; do inside runuser -u postgres -- psql -qX -c "$text"; done; }
logged() { grep -q "order $1\$" "$system/var/log/observerd/orders.log" 2>/dev/null; }
property() { inside systemctl show -P "$1" "${2:-observerd.service}"; }
said() { inside journalctl --sync; [ "$(inside journalctl -o cat -u observerd.service | grep -c -- "$1")" -gt 0 ]; }
starts() { inside journalctl --sync; inside journalctl -o cat -u observerd.service | grep -c '^Started observerd.service' || true; }

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

# publish FILE…: what the repository of the machine holds from now on; it knows no other once booted.
publish() {
  rm -rf "$system/repository"
  mkdir "$system/repository"
  cp "$@" "$system/repository/"
  (cd "$system/repository" && dpkg-scanpackages --multiversion . 2>/dev/null >Packages)
  inside apt-get -q update -o Dir::Etc::sourcelist=sources.list.d/local.list -o Dir::Etc::sourceparts=- \
    -o APT::Get::List-Cleanup=0 >/dev/null
}

# stranger_package MINOR: the template's package, from the SDK's package, of a plugin for hosts from 1.MINOR on.
stranger_package() {
  local sdk=$work/sdk plugin=$work/plugin-$1
  rm -rf "$sdk" "$plugin" "$work/stranger-1.$1"
  dpkg-deb --extract "$work"/packages/observerd-dev_*.deb "$sdk"
  cp -r "$sdk/usr/share/observerd/sdk/template" "$plugin"
  if [ "$1" != 0 ]; then  # a later version of it
    sed -i "s/OBSERVERD_SDK_PLUGIN(0,/OBSERVERD_SDK_PLUGIN($1,/" "$plugin/src/plugin.cpp"
    sed -i 's/^project(line VERSION 1\.0\.0/project(line VERSION 2.0.0/' "$plugin/CMakeLists.txt"
  fi
  cmake -S "$plugin" -B "$plugin/build" -DCMAKE_PREFIX_PATH="$sdk/usr" -DBUILD_TESTING=OFF >/dev/null
  cmake --build "$plugin/build" >/dev/null
  env -C "$plugin/build" cpack -G DEB -B "$work/stranger-1.$1" >/dev/null
}

unmount() {
  local place
  for place in proc dev; do umount -R "$system/$place" 2>/dev/null || true; done
}

leave() {
  if [ -n "$container" ]; then
    local first
    first=$(first_process)
    [ -z "$first" ] || kill -s RTMIN+4 "$first" 2>/dev/null || true  # systemd: power off
    until_true 60 not kill -0 "$container" 2>/dev/null || kill -TERM "$(pgrep -P "$container" systemd-nspawn)"
    wait "$container" 2>/dev/null || true
    container=
  fi
  unmount
}
not() { ! "$@"; }

# A minimal Debian in $system, into which packages can be installed from Debian's mirror until it is booted.
make_system() {
  unmount
  rm -rf --one-file-system "$system"
  if [ ! -f "$work/base.tar" ]; then
    rm -rf --one-file-system "$work/base"
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
  # Nobody mourns this machine after a power failure: installing need not wait for the disk.
  echo force-unsafe-io >"$system/etc/dpkg/dpkg.cfg.d/story"
  # Nothing starts by being installed.
  printf '#!/bin/sh\nexit 101\n' >"$system/usr/sbin/policy-rc.d"
  chmod 755 "$system/usr/sbin/policy-rc.d"
  inside apt-get -q update >"$work/apt.log" 2>&1 || skip "no Debian mirror: $(tail -n 1 "$work/apt.log")"
  echo 'deb [trusted=yes] file:/repository ./' >"$system/etc/apt/sources.list.d/local.list"
}

# Boots it: systemd as process 1, with no network but loopback. A control group and a mount namespace of
# its own, so neither a systemd outside nor cgroup v1 is in the way.
boot_system() {
  unmount
  rm "$system/usr/sbin/policy-rc.d"
  unshare --mount bash -euc '
    mount --make-rprivate /
    if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
      umount -R /sys/fs/cgroup
      mount -t cgroup2 cgroup2 /sys/fs/cgroup
    fi
    group=/sys/fs/cgroup/$2
    mkdir "$group"
    echo $$ >"$group/cgroup.procs"
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --directory="$1" --machine="$2" --boot \
      --register=no --keep-unit --private-network --console=pipe \
      --system-call-filter="landlock_create_ruleset landlock_add_rule landlock_restrict_self" || true
    echo $$ >/sys/fs/cgroup/cgroup.procs
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null' boot "$system" "$machine" \
    >"$work/boot.log" 2>&1 </dev/null &
  container=$!
  until_true 180 booted || fail "it does not boot: $(cat "$work/boot.log")"
}
booted() {
  kill -0 "$container" 2>/dev/null || skip "no systemd can be booted here: $(tail -n 1 "$work/boot.log")"
  [ -n "$(first_process)" ] || return 1
  case $(inside systemctl is-system-running 2>/dev/null || true) in running | degraded) ;; *) return 1 ;; esac
}
