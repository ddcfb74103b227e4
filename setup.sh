#!/bin/sh
# Makes .venv from requirements.lock; called by make.
set -eu
stop() { echo "leadership_study: $1" >&2; exit 1; }

command -v "$PYTHON" >/dev/null 2>&1 ||
  stop "no '$PYTHON' found; install Python 3.11, 3.12 or 3.13, or name one: make analysis PYTHON=python3.12"
"$PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' ||
  stop "$("$PYTHON" -V 2>&1) is not supported; use Python 3.11, 3.12 or 3.13: make analysis PYTHON=python3.12"
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
  stop "this Python cannot make virtual environments; install python3-venv (Debian, Ubuntu: apt install python3-venv)"

echo "Setting up .venv (once; about a minute) ..."
rm -rf .venv
"$PYTHON" -m venv .venv
log=.venv/setup.log
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >"$log" 2>&1 ||
  stop "the packages could not be installed (is there a network?); the details are in $log"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >>"$log" 2>&1 ||
  stop "leadership_study could not be installed; the details are in $log"
touch .venv/ready
