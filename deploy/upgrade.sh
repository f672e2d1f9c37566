#!/usr/bin/env bash
# Brings a running stack of compose.yaml to the sources that are here, while it serves: `just deploy`.
#
#   deploy/upgrade.sh                  build, migrate while the old copies run, then a new copy beside each old one
#   SELVHJELP_VERSION=0.1.0 deploy/upgrade.sh --no-build --no-migrate      back to the images of a version before
#
# It needs room for one more copy of each service. Other compose files are named in COMPOSE_FILE, as for compose itself.
# The old version works on the new schema: migrations expand, and contract only what no release uses (decision 48).
set -euo pipefail
cd "$(dirname "$0")/.."
build=yes migrate=yes
for option in "$@"; do
  case $option in
    --no-build) build=no ;;
    --no-migrate) migrate=no ;;
    *) echo "usage: deploy/upgrade.sh [--no-build] [--no-migrate]" >&2; exit 2 ;;
  esac
done
WAIT_SECONDS=${WAIT_SECONDS:-180} # until a new copy must be healthy

say() { printf '%s  %s\n' "$(date -u +%T)" "$*"; }
# Nothing that runs is replaced but by the steps below.
up() { docker compose up --detach --no-deps --no-build --wait --wait-timeout "$WAIT_SECONDS" "$@" 2>&1 | sed 's/^/          /' >&2; }
running() { docker compose ps --quiet "$1"; }
copies() { docker compose config --format json | python3 -c "import json, sys; print(json.load(sys.stdin)['services']['$1'].get('deploy', {}).get('replicas', 1))"; }

is_current() { # SERVICE: each of its copies is what a new one would be
  local wanted container
  wanted="$(docker compose config --hash "$1" | cut -d' ' -f2) $(docker image inspect --format '{{.Id}}' "$(docker compose config --images "$1" | head -1)")"
  for container in $(running "$1"); do
    [ "$(docker inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}} {{.Image}}' "$container")" = "$wanted" ] || return 1
  done
}

is_mounted() { # SERVICE, FILE, where it is mounted: a container keeps the file that was there when it started
  docker compose exec --no-TTY "$1" cat "$3" 2>/dev/null | cmp --silent - "$2"
}

roll() { # SERVICE
  local old wanted
  old=$(running "$1")
  wanted=$(copies "$1")
  if [ -n "$old" ] && is_current "$1" && [ "$(wc -w <<<"$old")" = "$wanted" ]; then say "$1 is current"; return; fi
  say "$1: $wanted new beside $(wc -w <<<"$old") old"
  if ! up --no-recreate --scale "$1=$(($(wc -w <<<"$old") + wanted))" "$1"; then
    say "$1: a new copy does not become healthy; the old ones serve on"
    docker compose logs --no-color --tail 20 "$1" >&2
    comm -13 <(sort <<<"$old") <(running "$1" | sort) | xargs --no-run-if-empty docker rm --force >/dev/null
    exit 1
  fi
  # SIGTERM: it takes no more, and finishes what it has. One after the other, so that somebody always answers.
  for container in $old; do
    docker stop --time 30 "$container" >/dev/null
    docker rm "$container" >/dev/null
  done
  say "$1: the old copies are gone"
}

[ -n "$(running intake)" ] || { echo "Nothing runs here: docker compose up --build --wait" >&2; exit 1; }
if [ "$build" = yes ]; then
  say "building"
  docker compose build --quiet
fi
if ! is_mounted nats deploy/nats-permissions.conf /etc/nats/permissions.conf; then
  say "nats: started anew with other permissions; forms work meanwhile"
  up --force-recreate nats
fi
if [ "$migrate" = yes ]; then
  say "migrating, while the old copies run"
  docker compose run --rm --no-deps migrate
fi
# Who reads an event before who publishes it.
for service in notify grouping intake; do roll "$service"; done
up streams
if ! is_mounted gateway deploy/selvhjelp/gateway/Caddyfile /etc/caddy/Caddyfile; then
  say "gateway: started anew with another configuration; for a second nobody answers"
  up --force-recreate gateway
fi
say "done"
