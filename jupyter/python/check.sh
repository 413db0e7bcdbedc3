#!/bin/sh
# Looks for everything that make demo needs before it spends minutes: Go, a
# Python, the package index, disk. Each gap is one sentence with its remedy;
# all gaps are named at once; exit status 2.
#
#	jupyter/python/check.sh DIR…    the environments that have to be there
cd "$(dirname "$0")/../.." || exit 2
here=jupyter/python
gaps=0
gap() {
	echo "$1" >&2
	gaps=1
}

# An older Go fetches the one that go.mod names, if it may and can.
if ! command -v go >/dev/null; then
	gap "go: not on the PATH: install Go 1.26 or later and open a new shell"
elif ! version=$(go env GOVERSION 2>&1); then
	gap "go: $(echo "$version" | tail -1): install Go 1.26 or later"
else
	case $version in
	go1.[0-9] | go1.[0-9].* | go1.1[0-9]* | go1.2[0-5]*) gap "go: $version is too old: install Go 1.26 or later" ;;
	esac
fi

missing=
for dir in "$@"; do
	[ -f "$dir/.lock" ] || missing="$missing $dir"
done
if python=$($here/python.sh) && [ -n "$missing" ]; then
	# pip is asked, not a socket: mirrors, proxies and wheel folders are in
	# its own settings.
	probe=$(mktemp -d)
	if ! "$python" -m venv "$probe" >"$probe.log" 2>&1; then
		gap "python: $python cannot make an environment: $(tail -1 "$probe.log"): install python3-venv (apt install python3-venv)"
	elif ! "$probe/bin/pip" --disable-pip-version-check index versions ipykernel --timeout 15 --retries 1 >"$probe.log" 2>&1; then
		gap "package index: pip finds no ipykernel: $(grep -v '^$' "$probe.log" | tail -1): look at the network and pip's settings (pip config list), or use an installed Jupyter with JUPYTER=system"
	fi
	rm -rf "$probe" "$probe.log"
fi
[ -n "$python" ] || gaps=1

# Measured: environments 430 + 250 MB, Go's module and build caches 1.1 GB.
need=2000000
[ -z "$missing" ] && need=300000
for dir in . "$(go env GOCACHE 2>/dev/null)"; do
	while [ -n "$dir" ] && [ ! -d "$dir" ]; do dir=$(dirname "$dir"); done
	free=$(df -Pk "${dir:-.}" | awk 'NR == 2 { print $4 }')
	[ "${free:-0}" -ge "$need" ] || gap "disk: $((free / 1024)) MB free under $(cd "${dir:-.}" && pwd), $((need / 1024)) MB are needed: make room there"
done
[ "$gaps" = 0 ] || exit 2
