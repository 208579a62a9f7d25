#!/bin/sh
# Run a benchmark with the Python of Debian 13, on a Debian 13 of its own in a folder; as root, needs debootstrap:
#     sh benchmarks/on_debian_13.sh FOLDER check_ins.py sqlite
# The folder is filled once (1 GB) and can be removed afterwards; its /work is the source as it is now.
set -eu

[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "on_debian_13.sh: run it as root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "on_debian_13.sh: apt-get install debootstrap" >&2; exit 1; }

FOLDER=$1
shift
SOURCE=$(cd "$(dirname "$0")/.." && pwd)
PACKAGES=ca-certificates,make,python3,python3-venv,postgresql,victoria-metrics,restic

[ -e "$FOLDER/usr/bin/python3" ] || debootstrap --variant=minbase --include="$PACKAGES" trixie "$FOLDER" >&2

# How packages are fetched is this machine's business: its names, its authorities and pip's settings.
cp /etc/resolv.conf /etc/hosts "$FOLDER/etc/"
cp /etc/pip.conf "$FOLDER/etc/" 2>/dev/null || true
cp /usr/local/share/ca-certificates/*.crt "$FOLDER/usr/local/share/ca-certificates/" 2>/dev/null || true

mkdir -p "$FOLDER/work"
(cd "$SOURCE" && tar -c --exclude=.git --exclude=.venv --exclude=var .) | tar -x -C "$FOLDER/work"

# In a mount namespace of its own, so that nothing stays mounted.
# shellcheck disable=SC2016 # what is quoted is for the shells inside
exec unshare --mount sh -c '
    mount --bind /proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --rbind /sys "$0/sys"
    exec chroot "$0" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "
        update-ca-certificates >/dev/null 2>&1
        cd /work && make -s .venv/dev.stamp >&2 && exec .venv/bin/python benchmarks/\"\$@\"" benchmark "$@"
' "$FOLDER" "$@"
