#!/usr/bin/env bash
# Installs those of the named Debian packages that are missing: apt-install.sh PACKAGE…
# As root or through sudo; where there is no apt it names what is wanted and goes on. No service is started by it.
set -euo pipefail

if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
    echo "No apt here; needed on PATH from these Debian packages or their like: $*" >&2
    exit 0
fi

missing=()
for package in "$@"; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || {
        echo "Missing: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
        exit 1
    }
    as_root=(sudo)
fi

# Packages ask this program whether they may start their service; 101 is no (Debian policy, invoke-rc.d).
policy=/usr/sbin/policy-rc.d
made=
forget_policy() { if [[ -n $made ]]; then "${as_root[@]}" rm -f -- "$policy"; fi; }
trap forget_policy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# noclobber: of two that install at once, one makes it.
if "${as_root[@]}" sh -c 'set -C; : >"$1"' sh "$policy" 2>/dev/null; then
    made=yes
    "${as_root[@]}" sh -c 'printf "#!/bin/sh\nexit 101\n" >"$1"; chmod 755 "$1"' sh "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
echo "Installing ${missing[*]} …"
"${as_root[@]}" apt-get update -qq </dev/null
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
