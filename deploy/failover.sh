#!/usr/bin/env bash
# The two PostgreSQL servers of deploy/compose.cluster.yaml: which one writes, and the change from one to the other.
#
#   deploy/failover.sh status        who writes, who follows and how far behind
#   deploy/failover.sh prepare       make the role of the standby, in a database from before there was one
#   deploy/failover.sh synchronous   from now on nothing is acknowledged that the standby does not have
#   deploy/failover.sh alone         the standby is away: go on without it
#   deploy/failover.sh promote       the primary is lost: stop it, and let the standby write
#   deploy/failover.sh rejoin        make the server that was stopped a standby of the other; it forgets what it had
#
# COMPOSE_FILE=compose.yaml:deploy/compose.cluster.yaml, SECRETS and the other variables of compose hold here too.
set -euo pipefail
cd "$(dirname "$0")/.."
export COMPOSE_FILE=${COMPOSE_FILE:-compose.yaml:deploy/compose.cluster.yaml}
secrets=${SECRETS:-$PWD/var/secrets}
WAIT_SECONDS=${WAIT_SECONDS:-120}

sql() { # SERVER, and statements on standard input, where no other process sees them
  docker compose exec --no-TTY "$1" psql -v ON_ERROR_STOP=1 --quiet --no-psqlrc --no-align --tuples-only \
    -h /var/run/postgresql -U postgres
}
state() { # SERVER: primary, standby or away
  case $(sql "$1" <<<'SELECT pg_is_in_recovery()' 2>/dev/null) in f) echo primary ;; t) echo standby ;; *) echo away ;; esac
}
named() { # primary, standby or away: the first server of which that is true
  local server
  for server in postgres postgres2; do
    if [ "$(state "$server")" = "$1" ]; then echo "$server"; return; fi
  done
  echo "no server is $1" >&2
  return 1
}
wait_for() { # SECONDS, SERVER, STATE
  local end=$((SECONDS + $1))
  until [ "$(state "$2")" = "$3" ]; do
    [ "$SECONDS" -lt "$end" ] || { echo "$2 is no $3 after $1 s" >&2; return 1; }
    sleep 0.2
  done
}
await_standby() { # SERVER: what it acknowledges is on two disks by now, and will be
  sql "$1" <<<"ALTER SYSTEM SET synchronous_standby_names = '$2';"
  sql "$1" <<<'SELECT pg_reload_conf();' >/dev/null
}
make_role() { # SERVER
  sql "$1" <<SQL
DO \$\$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'replicator') THEN CREATE ROLE replicator LOGIN REPLICATION; END IF;
END \$\$;
ALTER ROLE replicator PASSWORD '$(<"$secrets/database_replicator")';
SQL
}

case ${1:-} in
  status)
    for server in postgres postgres2; do
      echo "$server: $(state "$server")"
    done
    sql "$(named primary)" <<<"SELECT client_addr, state, sync_state, replay_lag FROM pg_stat_replication;"
    ;;
  prepare) make_role "$(named primary)" ;;
  synchronous)
    primary=$(named primary)
    [ -n "$(sql "$primary" <<<"SELECT FROM pg_stat_replication WHERE state = 'streaming'; SELECT pid FROM pg_stat_replication WHERE state = 'streaming'")" ] \
      || { echo "no standby follows $primary" >&2; exit 1; }
    await_standby "$primary" standby
    ;;
  alone) await_standby "$(named primary)" "" ;;
  promote)
    standby=$(named standby)
    old=postgres
    if [ "$standby" = postgres ]; then old=postgres2; fi
    # Two that write would each take a part of the sign-ups. Stopped by hand, it stays stopped; started by mistake, it
    # only reads.
    docker compose kill "$old" >/dev/null 2>&1 || true
    docker compose run --rm --no-deps --no-TTY --entrypoint bash "$old" -c 'touch "$PGDATA/standby.signal"' >/dev/null 2>&1 \
      || echo "$old cannot be marked: see that nobody starts it before 'rejoin'" >&2
    await_standby "$standby" "" # else it would wait for one that is gone
    sql "$standby" <<<'SELECT pg_promote();' >/dev/null
    wait_for "$WAIT_SECONDS" "$standby" primary
    echo "$standby writes; $old is stopped. When its machine is well: deploy/failover.sh rejoin"
    ;;
  rejoin)
    primary=$(named primary)
    old=postgres
    if [ "$primary" = postgres ]; then old=postgres2; fi
    docker compose stop "$old" >/dev/null 2>&1
    docker compose run --rm --no-deps --no-TTY --entrypoint bash "$old" -c 'rm -rf "${PGDATA:?}"/*' >/dev/null 2>&1
    docker compose run --rm --no-deps --no-TTY --env "CLONE_FROM=$primary" "$old" clone
    docker compose up --detach --no-deps --wait "$old" >/dev/null 2>&1
    wait_for "$WAIT_SECONDS" "$old" standby
    echo "$old follows $primary; deploy/failover.sh synchronous"
    ;;
  *)
    sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
