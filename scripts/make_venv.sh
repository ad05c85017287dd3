#!/bin/sh
# Make a virtual environment in $1, with the first Python here that is new enough and complete.
set -eu
# Older ones do not know the groups of pyproject.toml.
renew_pip() {
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
}
if "$1/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
then
    renew_pip "$1" # there is a good one
    exit 0
fi
for python in python3.13 python3.12 python3.11 python3; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
    then
        echo "Setting up in $1 with $("$python" --version). This takes less than a minute."
        "$python" -m venv --clear "$1"
        renew_pip "$1"
        exit 0
    fi
done
echo 'Établi needs Python 3.11 or newer, with its venv module.' >&2
echo 'On Debian or Ubuntu: apt-get install python3-venv' >&2
exit 1
