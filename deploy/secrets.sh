#!/usr/bin/env bash
# Makes the secrets of compose.yaml once, one file each; what is there already stays, but for certificates in the second
# half of their life, which are renewed. Run it again at each upgrade.
#
#   deploy/secrets.sh [FOLDER]        default: var/secrets
#   DATABASE_HOST=selvhjelp-db-rw deploy/secrets.sh var/cluster       for a server with another name
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
  chmod 444 "$folder/.$1.new"
  mv -f "$folder/.$1.new" "$folder/$1"
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
for database in intake intake_keys grouping notify; do
  for role in "$database" "${database}_owner"; do
    echo "postgresql+asyncpg://$role:$(hex)@${DATABASE_HOST:-postgres}:5432/$database" | keep "database_$role"
  done
done
# Who is who at the broker: a pair of keys (nkey) for each; the broker gets the public halves, made anew each time, so
# that a seed is rotated by removing its file.
for name in intake grouping notify operator; do
  head -c 32 /dev/urandom | seed | keep "nats_seed_$name"
done
for name in intake grouping notify operator; do
  echo "$(tr a-z A-Z <<<"$name")_NKEY: $(public_key <"$folder/nats_seed_$name")"
done | replace nats_users
# The servers inside prove who they are with certificates of an authority of our own (decision 43); its key is mounted
# nowhere. A new authority stands before the old one, by which the servers are believed until they have new certificates.
curve=(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)
fresh() { # NAME DAYS: the certificate is there, valid for so long, and as the strict rules of RFC 5280 have it
  openssl x509 -in "$folder/$1" -noout -checkend $(($2 * 86400)) >/dev/null 2>&1 \
    && openssl verify -x509_strict -CAfile "$folder/authority" "$folder/$1" >/dev/null 2>&1
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
chmod 400 "$folder/authority_key"
for server in postgres nats intake grouping notify; do
  fresh "${server}_certificate" 912 && continue
  openssl genpkey "${curve[@]}" | replace "${server}_tls_key"
  openssl req -new -key "$folder/${server}_tls_key" -subj "/CN=$server" -config <(printf '[req]\ndistinguished_name=name\n[name]\n') \
    | openssl x509 -req -days 1825 -CA "$folder/authority" -CAkey "$folder/authority_key" -extfile <(
      printf '%s\n' "subjectAltName=DNS:$server,DNS:localhost" 'extendedKeyUsage=serverAuth' \
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
