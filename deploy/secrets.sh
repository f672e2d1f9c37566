#!/usr/bin/env bash
# Makes the secrets of compose.yaml once, one file each; what is there already stays.
#
#   deploy/secrets.sh [FOLDER]        default: var/secrets
#
# The folder is closed to others on this machine. The files in it are readable, since a container sees only the file
# that is mounted and reads it as a user that this machine does not know.
set -euo pipefail
umask 022
command -v openssl >/dev/null || { echo "openssl is needed to make keys; install it" >&2; exit 1; }
folder=${1:-$(cd "$(dirname "$0")/.." && pwd)/var/secrets}
mkdir -p "$folder"
chmod 700 "$folder"

hex() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # NAME, and the value on standard input
  if [ ! -e "$folder/$1" ]; then
    cat >"$folder/.$1.new"
    chmod 444 "$folder/.$1.new"
    mv "$folder/.$1.new" "$folder/$1"
  else
    cat >/dev/null
  fi
}

key() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }
for name in key_encryption_key blind_index_key; do
  key | keep "$name"
done
# Keys that sign, each with its version and day; `selvhjelp keys` lists and replaces them. A service gets those that
# have its name, and the common one. The single key of before goes on verifying the links that were mailed.
for name in common_key intake_key grouping_key notify_key intake_notify_key grouping_notify_key; do
  {
    echo "1@$(date -u +%F):$(key | tr -d =)"
    if [ -s "$folder/link_key" ]; then echo "0:$(cat "$folder/link_key")"; fi
  } | keep "$name"
done
# Intake signs who is signed in; the others can only verify it.
openssl genpkey -algorithm ed25519 | keep staff_signing_key
openssl pkey -in "$folder/staff_signing_key" -pubout | keep staff_keys
hex | keep postgres_password
for database in intake intake_keys grouping notify; do
  for role in "$database" "${database}_owner"; do
    echo "postgresql+asyncpg://$role:$(hex)@postgres:5432/$database" | keep "database_$role"
  done
done
echo "nats://selvhjelp:$(hex)@nats:4222" | keep nats_url
# The broker's side of the same password.
sed -E 's#^nats://([^:]+):([^@]+)@.*#authorization { user: "\1", password: "\2" }#' "$folder/nats_url" | keep nats_user
# The servers inside prove who they are with certificates of an authority of our own; its key is mounted nowhere.
certificate() { # NAME, the name of the host, of the server
  keep "$1_key" < <(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)
  keep "$1_certificate" < <(openssl req -new -key "$folder/$1_key" -subj "/CN=$1" \
    | openssl x509 -req -days 3650 -CA "$folder/authority" -CAkey "$folder/authority_key" 2>/dev/null \
      -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$1"))
}
keep authority_key < <(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)
chmod 400 "$folder/authority_key"
keep authority < <(openssl req -x509 -new -days 3650 -key "$folder/authority_key" -subj "/CN=selvhjelp inside" \
  -addext keyUsage=critical,keyCertSign)
certificate postgres
# For a mail server that wants one: write it here.
keep smtp_password </dev/null
# For a mail server that does not sign (DKIM): write an RSA key in PEM here.
keep dkim_key </dev/null
# For an inbound mailbox that a provider keeps (IMAP): write its password here.
keep imap_password </dev/null
# For a gateway for short messages: write its token here.
keep sms_token </dev/null

echo "Secrets are in $folder"
