#!/usr/bin/env bash
# Installs oidc-provider as package-lock.json pins it and serves it on 127.0.0.1:${PORT:-9401}, in the
# foreground; with PAGES=stock it shows the package's own login and consent pages. Prints `ready http://127.0.0.1:PORT` when it accepts connections; ends on SIGTERM.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

installed=node_modules/.installed-from
if ! cmp -s package-lock.json "$installed"; then
  npm ci >&2
  cp package-lock.json "$installed"
fi

export PORT="${PORT:-9401}"
exec node server.mjs
