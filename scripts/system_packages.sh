#!/bin/sh
# The real parts that the tests drive: a browser, PostgreSQL, git-lfs. Installs those that are
# missing where it may; where it may not, says which tests will be skipped.
set -eu

missing=''
has() { command -v "$1" >/dev/null 2>&1; }
has chromium || has chromium-browser || has google-chrome || missing="$missing chromium"
has git-lfs || missing="$missing git-lfs"
has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
has fc-list && fc-list | grep -qi dejavu || missing="$missing fonts-dejavu-core"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && has apt-get; then
    echo "Installing for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # Whatever one package's fate, try the others: the tests say what they could not find.
    apt-get update -qq >/dev/null 2>&1 || echo 'The package lists could not be brought up to date.'
    for package in $missing; do
        apt-get install -qq -y --no-install-recommends "$package" >/dev/null 2>&1 ||
            echo "The package $package could not be installed: the tests that need it say so."
    done
else
    echo "Not installed here, and the tests that need them are skipped:$missing"
fi
