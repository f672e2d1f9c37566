#!/usr/bin/env bash
# Sets up what this project needs: `setup.sh .venv run` for running it here, `setup.sh .venv everything` with the tools of
# developers, `setup.sh browser` for browser tests.
# Debian's packages are installed only where they are missing.
set -euo pipefail

say() { printf '  %s\n' "$*"; }
install() {
  say "Installing from Debian: $*"
  [ -n "${APT_UPDATED:-}" ] || { apt-get update -qq; APT_UPDATED=1; }
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if [ "$1" = browser ]; then
  install chromium
  exit
fi
venv=$1
python=$(command -v python3) || { echo "Python 3.11 or later is needed." >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed." >&2; exit 1; }
"$python" -c 'import ensurepip' 2>/dev/null || install python3-venv

say "Setting up $venv (a minute the first time)"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
[ -x "$venv/bin/uv" ] || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
# Compiled now, so that the first start need not: some machines forbid Python to write bytecode on its own.
case ${2:-everything} in
  run) what=(--package selvhjelp --extra local --no-dev --inexact) ;; # what is there besides stays there
  everything) what=(--all-packages --all-extras) ;;
  *) echo "usage: setup.sh VENV run|everything" >&2; exit 2 ;;
esac
"$venv/bin/uv" sync --quiet --locked --compile-bytecode "${what[@]}"
"$venv/bin/python" -m compileall -q shared/shared services deploy/selvhjelp devtools/devtools
say "Ready."
