#!/usr/bin/env bash
# Replaces secrets of a running compose.yaml that `selvhjelp keys rotate` cannot, and starts anew what holds them.
#
#   deploy/rotate.sh passwords       of the databases; nothing starts anew
#   deploy/rotate.sh identities      of all at the broker
#   deploy/rotate.sh certificates    of the servers inside; with --authority, of a new authority
#
# A service that starts anew is away for some seconds, for which the gateway waits, then shows its page with help lines.
# What was accepted is not lost. SECRETS and the variables of compose hold here too.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${SECRETS:-$PWD/var/secrets}
services=(intake grouping notify)
anew() { docker compose up --detach --no-deps --force-recreate --wait "$@"; }
new_secrets() { deploy/secrets.sh "$folder" >/dev/null; }

password() { # FILE ROLE: the file first, since services try the new one, then the one before (decision 49)
  local password
  password=$(od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n')
  if [ "$1" = postgres_password ]; then echo "$password"; else sed -E "s#^([^:]+://[^:]+:)[^@]+@#\1$password@#" "$folder/$1"; fi >"$folder/.$1.new"
  # In place: a container sees the very file that was mounted.
  chmod u+w "$folder/$1"
  cat "$folder/.$1.new" >"$folder/$1"
  chmod 444 "$folder/$1"
  rm -f "$folder/.$1.new"
  # Through standard input: arguments are seen by every process.
  docker compose exec --no-TTY postgres psql -v ON_ERROR_STOP=1 --quiet --no-psqlrc \
    -h /var/run/postgresql -U postgres <<<"ALTER ROLE $2 PASSWORD '$password';"
}

case ${1:-} in
  passwords)
    for database in intake intake_keys grouping notify; do
      password "database_${database}_owner" "${database}_owner"
      password "database_$database" "$database"
    done
    password postgres_password postgres
    ;;
  identities)
    rm -f "$folder"/nats_seed_*
    new_secrets
    anew nats
    anew streams "${services[@]}"
    ;;
  certificates)
    rm -f "$folder"/*_certificate
    # Servers are believed by the old authority until they have certificates of the new one, which stands before it.
    if [ "${2:-}" = --authority ]; then rm -f "$folder/authority_key"; fi
    new_secrets
    anew postgres nats
    anew streams "${services[@]}"
    anew gateway
    ;;
  *)
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
