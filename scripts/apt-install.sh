#!/usr/bin/env bash
# Installs those of the named Debian packages that are missing: apt-install.sh PACKAGE…
# As root or through sudo; where there is no apt it names what is wanted and goes on.
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

export DEBIAN_FRONTEND=noninteractive
echo "Installing ${missing[*]} …"
"${as_root[@]}" apt-get update -qq </dev/null
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
