#!/bin/sh
# Makes the Python environment DIR hold exactly what LOCK names, by hash.
#
#	jupyter/python/environment.sh DIR LOCK [pip option…]
#
# A stamp, written last, holds the lock's hash: an environment that an earlier
# run left half made, or made from another lock, is made again; a whole one
# costs nothing.
set -eu
dir=$1 lock=$2
shift 2
want=$(sha256sum "$lock" | cut -d' ' -f1)
if [ "$(cat "$dir/.lock" 2>/dev/null)" = "$want" ] && "$dir/bin/python" -c '' 2>/dev/null; then
	exit 0
fi
python=$("$(dirname "$0")/python.sh")
echo "environment: $dir from $lock ($("$python" --version))"
rm -rf "$dir"
"$python" -m venv "$dir"
if ! "$dir/bin/pip" --disable-pip-version-check install --quiet --no-deps --require-hashes --retries 3 "$@" -r "$lock"; then
	echo "environment: pip could not install $lock: see its message above; look at the network, the proxy and the free disk, then run the same command again" >&2
	exit 2
fi
echo "$want" >"$dir/.lock"
