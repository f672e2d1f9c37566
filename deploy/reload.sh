#!/usr/bin/env bash
# Makes servers of a running compose.yaml read their files again, while they keep their connections (decision 49).
#
#   deploy/reload.sh SERVER...       nats, postgres, gateway, and their further nodes; others start anew instead
set -euo pipefail
cd "$(dirname "$0")/.."
for server in "$@"; do
  signal=SIGHUP
  case $server in
    gateway) signal=SIGUSR1 ;; # one that is wrong it leaves alone
    postgres*) docker compose exec --no-TTY "$server" install -m 600 /run/secrets/postgres_tls_key /var/run/postgresql/key ;;
  esac
  docker compose exec --no-TTY "$server" touch /tmp/loaded
  docker compose kill --signal "$signal" "$server" >/dev/null 2>&1
  printf '%s  %s: reads its files again\n' "$(date -u +%T)" "$server"
done
