#!/usr/bin/env bash
# Writes the five locks anew from their .in files: names, versions and hashes,
# for Python 3.11.2 to 3.14 and every platform that the packages serve.
#
# 3.11.2 is Debian 12's Python; a lock made by a later patch level names
# packages that refuse it. --no-header keeps the command line, and with it the
# address of whatever index answered, out of the file.
#
#	jupyter/python/locks/relock.sh [uv]
set -euo pipefail
cd "$(dirname "$0")"
uv=${1:-uv}
command -v "$uv" >/dev/null || { echo "relock: no uv: install it in an environment of its own (pip install uv) and name it as the argument" >&2; exit 2; }
for name in jupyter data bench client-old jidt; do
	deps=()
	case $name in data | jidt) deps=(--no-deps) ;; esac # read in place, never run
	"$uv" pip compile --quiet --upgrade --universal --python-version 3.11.2 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url "${deps[@]}" "$name.in" -o "$name.txt"
	if grep -nE '://|index-url|find-links|trusted-host|@ ' "$name.txt"; then
		echo "relock: $name.txt names a place: locks hold names and hashes only" >&2
		exit 1
	fi
done
