#!/bin/sh
# Prints the first Python that can make an environment: 3.11.2 or later, with
# venv and ensurepip (Debian ships those two in a package of their own, so that
# a python3 on the PATH may well lack them). PYTHON=path narrows the choice.
for python in ${PYTHON:-python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11}; do
	path=$(command -v "$python") || continue
	if "$path" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11, 2))' 2>/dev/null; then
		echo "$path"
		exit 0
	fi
done
echo "python: none of ${PYTHON:-the Pythons on the PATH} is 3.11.2 or later with venv: install python3 and python3-venv (apt install python3-venv), or name one with PYTHON=/path/to/python3" >&2
exit 2
