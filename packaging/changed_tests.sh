#!/bin/sh
# make check: run the tests of the rooms that differ from the last commit. Usage: changed_tests.sh PYTEST
set -eu
changed=$(git diff --name-only HEAD; git ls-files --others --exclude-standard)
set -- "$1"
for room in imaging library models curation pipeline; do
    case "$changed" in *"aesthetic_studio/$room/"*|*"tests/unit/$room/"*) set -- "$@" "tests/unit/$room" ;; esac
done
case "$changed" in *"aesthetic_studio/desktop/"*|*"tests/desktop/"*|*"resources/"*) set -- "$@" tests/desktop ;; esac
case "$changed" in *"trainer/"*) set -- "$@" tests/unit/trainer ;; esac
case "$changed" in *"aesthetic_studio/cli"*|*"tests/end_to_end/"*) set -- "$@" tests/end_to_end ;; esac
case "$changed" in *"aesthetic_studio/records.py"*|*pyproject.toml*) set -- "$1" tests ;; esac
if [ $# -eq 1 ]; then
    echo "No room changed: no tests to run."
    exit 0
fi
exec "$@" -q
