#!/usr/bin/env bash
# Replaces secrets of a running compose.yaml that `selvhjelp keys rotate` cannot, while it serves.
#
#   deploy/rotate.sh passwords       of the databases; nothing starts anew
#   deploy/rotate.sh identities      of all at the broker
#   deploy/rotate.sh certificates    of the servers inside; with --authority, of a new authority
#
# Until all have taken up the new one, the one of before opens too (decision 49). Identities and certificates need room
# for one more copy of each service, as deploy/upgrade.sh. SECRETS and the variables of compose hold here too.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${SECRETS:-$PWD/var/secrets}
new_secrets() { deploy/secrets.sh "$folder" >/dev/null; }
new_copies() { deploy/upgrade.sh --no-build --no-migrate; } # of the services whose files have changed
nodes() { docker compose config --services | grep -E "^$1[0-9]*\$" | sort; }
# Through standard input: arguments are seen by every process.
sql() { docker compose exec --no-TTY "$1" psql -v ON_ERROR_STOP=1 --quiet --no-psqlrc --no-align --tuples-only -h /var/run/postgresql -U postgres; }
primary() {
  local node
  for node in $(nodes postgres); do
    if [ "$(sql "$node" <<<'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; then echo "$node"; return; fi
  done
  echo "no PostgreSQL here writes" >&2
  return 1
}

password() { # FILE ROLE: the file first, since services try the new one, then the one before
  local password
  password=$(od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n')
  if [ "$1" = postgres_password ]; then echo "$password"; else sed -E "s#^([^:]+://[^:]+:)[^@]+@#\1$password@#" "$folder/$1"; fi >"$folder/.$1.new"
  # In place: a container sees the very file that was mounted.
  chmod u+w "$folder/$1"
  cat "$folder/.$1.new" >"$folder/$1"
  chmod 444 "$folder/$1"
  rm -f "$folder/.$1.new"
  sql "$writes" <<<"ALTER ROLE $2 PASSWORD '$password';"
}

case ${1:-} in
  passwords)
    writes=$(primary)
    for database in intake intake_keys grouping notify; do
      password "database_${database}_owner" "${database}_owner"
      password "database_$database" "$database"
    done
    password postgres_password postgres
    ;;
  identities)
    rm -f "$folder"/nats_seed_*
    new_secrets # the broker knows both
    deploy/reload.sh $(nodes nats)
    new_copies
    FORGET=identities new_secrets
    deploy/reload.sh $(nodes nats)
    ;;
  certificates)
    # The new authority stands before the old one, by which servers are believed until they have new certificates.
    if [ "${2:-}" = --authority ]; then rm -f "$folder/authority_key"; fi
    RENEW=certificates new_secrets
    new_copies
    if [ "${2:-}" = --authority ]; then
      FORGET=authority new_secrets
      new_copies
    fi
    ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
