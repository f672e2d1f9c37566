#!/usr/bin/env bash
# Makes the secrets of compose.yaml once, one file each; what is there already stays, but for certificates in the second
# half of their life, which are renewed. Run it again at each upgrade.
#
#   deploy/secrets.sh [FOLDER]        default: var/secrets
#   DATABASE_HOST=selvhjelp-db-rw deploy/secrets.sh var/cluster       for a server with another name
#   DATABASE_HOST=postgres,postgres2 deploy/secrets.sh                for a server and its standby (compose.cluster.yaml)
#
# With DATABASE_HOST, addresses that are there get other hosts and keep their passwords. NATS_NAMES are the names by
# which the broker is reached, where they are others than those of compose and of the chart.
#
# The folder is closed to others on this machine. The files in it are readable, since a container sees only the file
# that is mounted and reads it as a user that this machine does not know.
set -euo pipefail
umask 022
command -v openssl >/dev/null || { echo "openssl is needed to make keys; install it" >&2; exit 1; }
folder=${1:-$(cd "$(dirname "$0")/.." && pwd)/var/secrets}
mkdir -p "$folder"
chmod 700 "$folder"

hex() { head -c 24 /dev/urandom | in_hex; }
replace() { # NAME, and the value on standard input
  cat >"$folder/.$1.new"
  if ! [ -e "$folder/$1" ]; then
    mv "$folder/.$1.new" "$folder/$1"
  elif ! cmp -s "$folder/.$1.new" "$folder/$1"; then # in place: a container sees the very file that was mounted
    chmod u+w "$folder/$1"
    cat "$folder/.$1.new" >"$folder/$1"
  fi
  rm -f "$folder/.$1.new"
  chmod 444 "$folder/$1"
}
keep() { # NAME, and the value on standard input
  if [ ! -e "$folder/$1" ]; then replace "$1"; else cat >/dev/null; fi
}

# Keys of NATS (nkeys): a prefix, 32 bytes and a checksum (CRC-16/XMODEM, low byte first), in base32.
letters=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567
base32() { # HEX
  local bits=0 count=0 text= i
  for ((i = 0; i < ${#1}; i += 2)); do
    bits=$(((bits << 8 | 16#${1:i:2}) & 0xffff)) count=$((count + 8))
    while ((count >= 5)); do count=$((count - 5)) text+=${letters:$((bits >> count & 31)):1}; done
  done
  if ((count)); then text+=${letters:$((bits << (5 - count) & 31)):1}; fi
  echo "$text"
}
unbase32() { # TEXT
  local bits=0 count=0 before i
  for ((i = 0; i < ${#1}; i++)); do
    before=${letters%%"${1:i:1}"*}
    bits=$(((bits << 5 | ${#before}) & 0xffff)) count=$((count + 5))
    if ((count >= 8)); then count=$((count - 8)); printf %02x $((bits >> count & 255)); fi
  done
}
nkey() { # HEX with its prefix
  local crc=0 i bit
  for ((i = 0; i < ${#1}; i += 2)); do
    crc=$((crc ^ 16#${1:i:2} << 8))
    for ((bit = 0; bit < 8; bit++)); do crc=$(((crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff)); done
  done
  base32 "$1$(printf %02x%02x $((crc & 255)) $((crc >> 8)))"
}
in_hex() { od -An -v -tx1 | tr -d ' \n'; }
seed() { nkey "9500$(in_hex)"; } # S and U: of a user
public_key() { # A seed on standard input
  local hex
  hex=$(unbase32 "$(cat)")
  # The private key of openssl (RFC 8410) is this prefix and the 32 bytes; the last 32 of the public one are the key.
  hex=$(printf %b "$(sed 's/../\\x&/g' <<<"302e020100300506032b657004220420${hex:4:64}")" \
    | openssl pkey -inform DER -pubout -outform DER | in_hex)
  nkey "a0${hex: -64}"
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
address() { # ROLE PASSWORD DATABASE
  local hosts=${DATABASE_HOST:-postgres} place
  # The one way to write several hosts that SQLAlchemy, asyncpg and libpq read alike; they take the first that writes.
  place="$hosts:5432/$3"
  case $hosts in *,*) place="/$3?host=$hosts&port=$(sed 's/[^,]\{1,\}/5432/g' <<<"$hosts")" ;; esac
  echo "postgresql+asyncpg://$1:$2@$place"
}
for database in intake intake_keys grouping notify; do
  for role in "$database" "${database}_owner"; do
    if [ ! -e "$folder/database_$role" ]; then
      address "$role" "$(hex)" "$database" | replace "database_$role"
    elif [ -n "${DATABASE_HOST:-}" ]; then
      address "$role" "$(sed -E 's#^[^:]+://[^:]+:([^@]+)@.*#\1#' "$folder/database_$role")" "$database" | replace "database_$role"
    fi
  done
done
hex | keep database_replicator
# Who is who at the broker: a pair of keys (nkey) for each; the broker gets the public halves, made anew each time, so
# that a seed is rotated by removing its file. The half that it replaces opens too, until `deploy/rotate.sh` has given all
# services the new one; where nothing is being replaced, a key stands there whose seed nobody has.
for name in intake grouping notify operator; do
  head -c 32 /dev/urandom | seed | keep "nats_seed_$name"
done
known() { # VARIABLE
  if [ -e "$folder/nats_users" ]; then sed -n "s/^$1: //p" "$folder/nats_users"; fi
}
for name in intake grouping notify operator; do
  variable=$(tr a-z A-Z <<<"$name")_NKEY
  new=$(public_key <"$folder/nats_seed_$name")
  before=$(known "${variable}_BEFORE")
  if [ -n "$(known "$variable")" ] && [ "$(known "$variable")" != "$new" ]; then before=$(known "$variable"); fi
  if [ -z "$before" ] || [ "${FORGET:-}" = identities ]; then before=$(head -c 32 /dev/urandom | seed | public_key); fi
  printf '%s: %s\n' "$variable" "$new" "${variable}_BEFORE" "$before"
done >"$folder/.nats_users.made"
replace nats_users <"$folder/.nats_users.made"
rm -f "$folder/.nats_users.made"
# The servers inside prove who they are with certificates of an authority of our own (decision 43); its key is mounted
# nowhere. A new authority stands before the old one, by which the servers are believed until they have new certificates.
curve=(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)
# All nodes of a server have one certificate, with the names of each. Routes between brokers have one of their own, for
# both ends; those of services are for servers only, so that none of them passes for a broker.
names() { # SERVER
  case $1 in
    postgres) echo postgres postgres2 ;;
    nats | routes) echo "${NATS_NAMES:-nats nats2 nats3 nats-headless nats-0.nats-headless nats-1.nats-headless nats-2.nats-headless}" ;;
    *) echo "$1" ;;
  esac
}
fresh() { # FILE DAYS NAMES: the certificate is there, valid for so long, for these, and as the rules of RFC 5280 have it
  local name
  openssl x509 -in "$folder/$1" -noout -checkend $(($2 * 86400)) >/dev/null 2>&1 \
    && openssl verify -x509_strict -CAfile "$folder/authority" "$folder/$1" >/dev/null 2>&1 || return 1
  for name in ${3:-}; do openssl x509 -in "$folder/$1" -noout -checkhost "$name" | grep -q 'does match' || return 1; done
}
if [ ! -e "$folder/authority_key" ] || ! fresh authority 1825; then
  openssl genpkey "${curve[@]}" | replace authority_key
  {
    openssl req -x509 -new -days 3650 -key "$folder/authority_key" -subj "/CN=selvhjelp inside $(date -u +%F)" -config <(
      printf '%s\n' '[req]' 'distinguished_name=name' 'x509_extensions=ca' '[name]' '[ca]' \
        'basicConstraints=critical,CA:TRUE,pathlen:0' 'keyUsage=critical,keyCertSign,cRLSign' \
        'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid'
    )
    if [ -e "$folder/authority" ]; then openssl x509 -in "$folder/authority"; fi
  } | replace authority
fi
if [ "${FORGET:-}" = authority ]; then openssl x509 -in "$folder/authority" | replace authority; fi
chmod 400 "$folder/authority_key"
for server in postgres nats routes intake grouping notify; do
  [ "${RENEW:-}" != certificates ] && fresh "${server}_certificate" 912 "$(names "$server")" && continue
  usage=serverAuth
  if [ "$server" = routes ]; then usage=serverAuth,clientAuth; fi
  openssl genpkey "${curve[@]}" | replace "${server}_tls_key"
  openssl req -new -key "$folder/${server}_tls_key" -subj "/CN=$server" -config <(printf '[req]\ndistinguished_name=name\n[name]\n') \
    | openssl x509 -req -days 1825 -CA "$folder/authority" -CAkey "$folder/authority_key" -extfile <(
      printf '%s\n' "subjectAltName=DNS:localhost$(printf ',DNS:%s' $(names "$server"))" "extendedKeyUsage=$usage" \
        'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' \
        'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid'
    ) 2>/dev/null | replace "${server}_certificate"
done
# For an identity provider with which staff sign in: write what it gave you here (docs/staff.md).
keep oidc_client_secret </dev/null
# For a mail server that wants one: write it here.
keep smtp_password </dev/null
# For a mail server that does not sign (DKIM): write an RSA key in PEM here.
keep dkim_key </dev/null
# For an inbound mailbox that a provider keeps (IMAP): write its password here.
keep imap_password </dev/null
# For a gateway for short messages: write its token here.
keep sms_token </dev/null

echo "Secrets are in $folder"
