#!/usr/bin/env bash
# The start of a PostgreSQL of deploy/compose.cluster.yaml. With CLONE_FROM, a new volume begins as a copy of the server
# of that name and goes on as its standby; `clone` in place of a command ends there.
set -euo pipefail
install -m 600 /run/secrets/postgres_tls_key /var/run/postgresql/key
if [ -n "${CLONE_FROM:-}" ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  PGPASSWORD=$(</run/secrets/database_replicator)
  export PGPASSWORD
  place="host=$CLONE_FROM user=replicator sslmode=verify-full sslrootcert=/run/secrets/authority application_name=standby"
  until pg_basebackup --pgdata "$PGDATA" --dbname "$place" --write-recovery-conf --wal-method stream --checkpoint fast; do
    rm -rf "${PGDATA:?}"/*
    sleep 1
  done
  unset PGPASSWORD
fi
if [ "$1" = clone ]; then exit; fi
exec docker-entrypoint.sh "$@"
