#!/usr/bin/env bash
# Installs Canaille as requirements.txt pins it and serves it on 127.0.0.1:${PORT:-9403}, in the
# foreground. Prints `ready http://127.0.0.1:PORT` when it accepts connections; ends on SIGTERM.
# PYTHON names another interpreter than python3; Canaille needs 3.10 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

installed=.venv/.installed-from
if ! cmp -s requirements.txt "$installed"; then
  rm -rf .venv
  "${PYTHON:-python3}" -m venv .venv >&2
  .venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps \
    --requirement requirements.txt >&2
  cp requirements.txt "$installed"
fi

export PORT="${PORT:-9403}"
exec .venv/bin/python server.py
