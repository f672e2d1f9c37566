#!/usr/bin/env bash
# What compose.yaml needs of the entrypoint of the official image: a cluster at the first start, then the server.
set -euo pipefail
sockets=/var/run/postgresql
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb -D "$PGDATA" -U postgres --pwfile="${POSTGRES_PASSWORD_FILE:-<(echo "${POSTGRES_PASSWORD:-}")}" \
    --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 >/dev/null
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -k $sockets" -w start >/dev/null
  for file in /docker-entrypoint-initdb.d/*.sh; do if [ -e "$file" ]; then bash "$file"; fi; done
  pg_ctl -D "$PGDATA" -m fast -w stop >/dev/null
fi
[ "$1" = postgres ] && shift
exec postgres -D "$PGDATA" -c listen_addresses='*' -k "$sockets" "$@"
