#!/bin/sh
# Installs the Rounds agent on this machine, lets it enrol, and starts it. Made by @SERVER@ for itself.
# Run again on a machine that has it, it brings the program up to date. With --uninstall it removes it.
set -eu
umask 022
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin   # a root by plain “su” has no useradd there

SERVER='@SERVER@'
SHA256='@SHA256@'
ROOT=${ROUNDS_ROOT:-}   # the root of an image that is being made; empty: this machine
PROGRAM=/opt/rounds-agent
STATE=/var/lib/rounds-agent
UNIT=/etc/systemd/system/rounds-agent.service
ACCOUNT=rounds-agent

usage() {
    cat <<END
sh rounds-install.sh TOKEN [--ca FILE] [--proxy http://HOST:PORT] [--as-root]
                     [--repository REPOSITORY --password-file FILE]
                     [--expect-processes NAME,NAME] [--expect-services NAME,NAME]
                     [--watch-networks 192.168.1.0/24,10.0.0.5]
sh rounds-install.sh --upgrade [--ca FILE] [--as-root]
sh rounds-install.sh --uninstall

TOKEN        lets this machine in; the shop shows it once
--ca         the file of authorities that vouch for $SERVER, if this machine does not know them
--as-root    run as root, which SMART and test restores need (--repository implies it); else as a user of its own
--uninstall  removes the program, its user and its folder; what the shop was told stays with the shop
END
}

fail() {
    echo "rounds-install.sh: $*" >&2
    exit 1
}

case ${1:-} in -h | --help) usage; exit 0 ;; esac
if [ -z "$ROOT" ] && [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "run it as root; there is no sudo here, so become root first: su -"
    exec sudo sh "$0" "$@"
fi

TOKEN='' CA='' PROXY='' AS_ROOT='' REPOSITORY='' PASSWORD_FILE='' PROCESSES='' SERVICES='' NETWORKS='' ACTION=install
while [ $# -gt 0 ]; do
    case $1 in
        --uninstall) ACTION=uninstall ;;
        --upgrade) ACTION=upgrade ;;
        --as-root) AS_ROOT=yes ;;
        -h | --help) usage; exit 0 ;;
        --*)
            [ $# -ge 2 ] || { usage >&2; fail "$1 is not known, or its value is missing"; }
            case $1 in
                --ca) CA=$2 ;;
                --proxy) PROXY=$2 ;;
                --repository) REPOSITORY=$2 AS_ROOT=yes ;;
                --password-file) PASSWORD_FILE=$2 ;;
                --expect-processes) PROCESSES=$2 ;;
                --expect-services) SERVICES=$2 ;;
                --watch-networks) NETWORKS=$2 ;;
                *) usage >&2; fail "$1 is not known" ;;
            esac
            shift ;;
        *) TOKEN=$1 ;;
    esac
    shift
done

has_systemd() { [ -n "$ROOT" ] || [ -d /run/systemd/system ]; }

is_enrolled() { [ -e "$ROOT$STATE/config.json" ]; }

is_begun() { is_enrolled || [ -e "$ROOT$STATE/identity.json" ]; }

control() {
    if [ -z "$ROOT" ]; then
        systemctl "$@"
    elif [ "$1" = enable ] || [ "$1" = disable ]; then
        systemctl --root="$ROOT" "$@"
    fi
}

uninstall() {
    if has_systemd && [ -e "$ROOT$UNIT" ]; then
        control stop rounds-agent || true
        control disable --quiet rounds-agent || true
    fi
    rm -rf "$ROOT$UNIT" "$ROOT$UNIT.d"
    if has_systemd; then
        control daemon-reload
        control reset-failed rounds-agent 2>/dev/null || true   # one that had failed would stay in the list of those
    fi
    remove
}

# The program, its folder and its user.
remove() {
    rm -rf "${ROOT}${PROGRAM:?}" "${ROOT}${STATE:?}"
    if [ -z "$ROOT" ] && id "$ACCOUNT" >/dev/null 2>&1; then userdel "$ACCOUNT"; fi
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        found=$(command -v "$name") || continue
        if "$found" -I -c 'import ssl, sys, zlib; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            echo "$found"
            return
        fi
    done
    fail "Python 3.10 or later with TLS is needed; install it first (Debian, Ubuntu: apt install python3)"
}

fetch() {
    if command -v curl >/dev/null; then
        set -- --fail --silent --show-error --connect-timeout 20 --max-time 300 --output "$2" "$1"
        [ -z "$CA" ] || set -- --cacert "$CA" "$@"
        [ -z "$PROXY" ] || set -- --proxy "$PROXY" "$@"
        curl "$@"
    elif command -v wget >/dev/null; then
        set -- --quiet --timeout=20 --tries=2 --output-document="$2" "$1"
        [ -z "$CA" ] || set -- --ca-certificate="$CA" "$@"
        [ -z "$PROXY" ] || set -- -e "https_proxy=$PROXY" -e "http_proxy=$PROXY" "$@"
        wget "$@"
    else
        fail "curl or wget is needed"
    fi
}

make_account() {
    [ -z "$ROOT" ] || return 0
    id "$ACCOUNT" >/dev/null 2>&1 ||
        useradd --system --home-dir "$STATE" --no-create-home --shell /usr/sbin/nologin "$ACCOUNT"
}

# What this run made goes again if it ends before the shop may know of this machine; what was here before stays.
tidy() {
    rm -rf "$SCRATCH"
    if [ -n "$IS_NEW" ] && ! is_begun; then remove; fi
}

install_program() {
    package="$SCRATCH/package"
    fetch "$SERVER/agents/package/$SHA256" "$package" || fail "the program could not be fetched from $SERVER; nothing was changed"
    echo "$SHA256  $package" | sha256sum -c --quiet - || fail "what was fetched is not what the shop said; nothing was changed"
    fresh="$ROOT$PROGRAM/base.new"
    rm -rf "$fresh"
    mkdir -p "$fresh"
    "$PYTHON" -I -m zipfile -e "$package" "$fresh"
    "$PYTHON" -I -m compileall -q "$fresh"
    cp "$fresh/rounds_agent/launcher.py" "$ROOT$PROGRAM/launcher.py.new"
    mv -f "$ROOT$PROGRAM/launcher.py.new" "$ROOT$PROGRAM/launcher.py"
    rm -rf "$ROOT$PROGRAM/base.old"
    [ ! -e "$ROOT$PROGRAM/base" ] || mv "$ROOT$PROGRAM/base" "$ROOT$PROGRAM/base.old"
    mv "$fresh" "$ROOT$PROGRAM/base"
    rm -rf "$ROOT$PROGRAM/base.old"
}

write_unit() {
    has_systemd || return 0
    PINGS=''   # not every system lets a user ping: one that looks at others for the shop has the right to
    if grep -q '"watches"' "$ROOT$STATE/policy.json" 2>/dev/null; then PINGS=CAP_NET_RAW; fi
    mkdir -p "$ROOT${UNIT%/*}"
    {
        cat <<END
[Unit]
Description=Rounds agent: tells $SERVER how this machine is
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=$PYTHON -I -S $PROGRAM/launcher.py run --home $STATE
Restart=always
RestartSec=10
RestartPreventExitStatus=2 78
TimeoutStopSec=20
UMask=0077
StateDirectory=rounds-agent
StateDirectoryMode=0700
END
        if [ -n "$AS_ROOT" ]; then
            # To read any file for test restores, and to ask disks for SMART; it cannot load modules or change the system.
            echo "CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_RAWIO CAP_SYS_ADMIN $PINGS"
        else
            cat <<END
User=$ACCOUNT
SupplementaryGroups=systemd-journal adm
CapabilityBoundingSet=$PINGS
AmbientCapabilities=$PINGS
PrivateDevices=yes
ProtectClock=yes
END
        fi
        cat <<END
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
END
    } >"$ROOT$UNIT"
}

enrol() {
    if is_enrolled; then
        [ -z "$TOKEN" ] || echo "This machine has been enrolled before; the token was not used."
        return
    fi
    [ -n "$TOKEN" ] || return 0   # an upgrade while it waits to be let in
    set -- --server "$SERVER" --token "$TOKEN" --home "$ROOT$STATE"
    case $SERVER in http://*) set -- "$@" --plain-http ;; esac
    [ -z "$CA" ] || set -- "$@" --ca "$ROOT$STATE/ca.pem"
    [ -z "$PROXY" ] || set -- "$@" --proxy "$PROXY"
    [ -z "$REPOSITORY" ] || set -- "$@" --repository "$REPOSITORY" --password-file "$PASSWORD_FILE"
    [ -z "$PROCESSES" ] || set -- "$@" --expect-processes "$PROCESSES"
    [ -z "$SERVICES" ] || set -- "$@" --expect-services "$SERVICES"
    [ -z "$NETWORKS" ] || set -- "$@" --watch-networks "$NETWORKS"
    "$PYTHON" -I -S "$ROOT$PROGRAM/base" enrol "$@" && return
    [ -n "$IS_NEW" ] || fail "this machine was not enrolled; what was here before is as it was"
    is_begun || fail "nothing was installed; make a token in Rounds (Machines, Watch a machine) and run its line"
    fail "nothing runs yet; run the same line again once $SERVER answers, or --uninstall to take away what is here"
}

# The keys with which new versions are signed. Without any, this machine is brought up to date by this script alone.
trust_keys() {
    keys="$SCRATCH/keys.json"
    cat >"$keys" <<'END'
@KEYS@
END
    if [ "$(wc -c <"$keys")" -gt 1 ]; then
        "$PYTHON" -I -S "$ROOT$PROGRAM/base" adopt --keys "$keys" --home "$ROOT$STATE" || fail "the keys are not accepted"
    fi
}

# Started is not running: a service that ends at once is known a moment later.
start() {
    control daemon-reload
    control enable --quiet rounds-agent
    control restart rounds-agent
    if [ -z "$ROOT" ]; then
        sleep 2
        control is-active --quiet rounds-agent || fail "it was installed, but does not run: journalctl -u rounds-agent says why"
    fi
    echo "The Rounds agent is installed: systemctl status rounds-agent"
}

if [ "$ACTION" = uninstall ]; then
    uninstall
    echo "The Rounds agent is removed. In Rounds, withdraw the agent of this machine, or retire the machine."
    exit 0
fi
PYTHON=$(find_python)
if [ "$ACTION" = upgrade ]; then
    is_begun || fail "there is no agent on this machine that could be brought up to date"
else
    is_begun || [ -n "$TOKEN" ] || fail "the token is missing; make one in Rounds (Machines, Watch a machine)"
fi
if [ -z "$AS_ROOT" ] && [ -e "$ROOT$UNIT" ] && ! grep -q '^User=' "$ROOT$UNIT"; then AS_ROOT=yes; fi
IS_NEW=yes
if [ -e "$ROOT$PROGRAM" ] || [ -e "$ROOT$STATE" ]; then IS_NEW=''; fi
SCRATCH=$(mktemp -d)
trap tidy EXIT
trap 'exit 1' HUP INT TERM
install_program
make_account
mkdir -p "$ROOT$STATE"
chmod 0700 "$ROOT$STATE"
if [ -n "$CA" ]; then
    rm -f "$ROOT$STATE/ca.pem"
    cp "$CA" "$ROOT$STATE/ca.pem"
fi
enrol
trust_keys
write_unit
if [ -z "$ROOT" ]; then
    if [ -n "$AS_ROOT" ]; then chown -R root: "$STATE"; else chown -R "$ACCOUNT:" "$STATE"; fi
fi
if has_systemd; then
    start
else
    echo "This machine has no systemd. Start the agent with it: $PYTHON -I -S $PROGRAM/launcher.py run --home $STATE"
fi
