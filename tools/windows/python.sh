#!/usr/bin/env bash
# The Windows Python as one command that can be started and killed like any other: paths of this system become
# drive Z, the standard handles become pipes (a regular file would end Python at its start).
set -eu
. "$WINDOWS_PYTHON_ENV"
PYTHONPATH="Z:$(cd "$(dirname "$0")/../../src" && pwd)"
PYTHONPYCACHEPREFIX="${WINDOWS_PYTHON%/*}/bytecode"
export PYTHONPATH PYTHONPYCACHEPREFIX PYTHONUTF8=1
arguments=()
for argument in "$@"; do
    case $argument in
        /*) argument=Z:$argument ;;
        --*=/*) argument=${argument%%=*}=Z:${argument#*=} ;;
    esac
    arguments+=("$argument")
done
exec wine "$WINDOWS_PYTHON" "${arguments[@]}" </dev/null > >(cat) 2> >(cat >&2)
