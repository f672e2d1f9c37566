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
setting() { docker compose config --format json | python3 -c "import json, sys; service = json.load(sys.stdin)['services']['$1']; print($2)"; }
copies() { setting "$1" "service.get('deploy', {}).get('replicas', 1)"; }

is_current() { # SERVICE: each of its copies is what a new one would be
  local wanted container
  wanted="$(docker compose config --hash "$1" | cut -d' ' -f2) $(docker image inspect --format '{{.Id}}' "$(setting "$1" "service['image']")")"
  for container in $(running "$1"); do
    [ "$(docker inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}} {{.Image}}' "$container")" = "$wanted" ] || return 1
  done
}

files() { # SERVICE: each file that it is given, here and there; but those that PostgreSQL reads once, in a new cluster
  docker compose config --format json | python3 -c '
import json, os, sys
config = json.load(sys.stdin)
service = config["services"][sys.argv[1]]
given = [(each["source"], each["target"]) for each in service.get("volumes", []) if each["type"] == "bind"]
for each in service.get("secrets", []):
    target = each.get("target") or each["source"]
    given.append((config["secrets"][each["source"]]["file"], os.path.join("/run/secrets", target)))
for source, target in given:
    if os.path.isfile(source) and not (service.get("shm_size") and "database" in source):
        print(source, target, sep="\t")
' "$1"
}

is_mounted() { # SERVICE: a container keeps the files that were there when it started
  local given here there
  given=$(files "$1")
  [ -n "$given" ] || return 0
  here=$(cut -f1 <<<"$given" | xargs -d '\n' sha256sum | cut -d' ' -f1)
  there=$(cut -f2 <<<"$given" | xargs -d '\n' docker compose exec --no-TTY "$1" sha256sum 2>/dev/null | cut -d' ' -f1)
  [ "$here" = "$there" ]
}

is_kept() { is_current "$1" && is_mounted "$1"; }

since='"$([ -e /tmp/loaded ] && echo /tmp/loaded || echo /etc/hostname)"' # its start, or when it last read its files
is_read() { # SERVICE: no file that it is given was written in place since then
  local given
  given=$(files "$1" | cut -f2)
  [ -z "$given" ] || [ -z "$(xargs -d '\n' docker compose exec --no-TTY "$1" sh -c "find \"\$@\" -newer $since" - <<<"$given" 2>/dev/null)" ]
}

broker() { # NODE: one after the other, so that a cluster goes on; a single one is away for some seconds
  if is_kept "$1"; then return; fi
  say "$1: started anew with other settings, permissions or certificates; forms work meanwhile"
  up --force-recreate "$1"
}

newer() { # NAME: a file of the gateway that it has not read
  docker compose exec --no-TTY gateway sh -c "find /etc/caddy /run/secrets -name $1 -newer $since" 2>/dev/null
}

roll() { # SERVICE
  local old wanted
  old=$(running "$1")
  wanted=$(copies "$1")
  if [ -n "$old" ] && is_kept "$1" && is_read "$1" && [ "$(wc -w <<<"$old")" = "$wanted" ]; then say "$1 is current"; return; fi
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
servers=$(docker compose config --services)
for node in $(grep -E '^nats[0-9]*$' <<<"$servers" | sort); do broker "$node"; done
if [ "$migrate" = yes ]; then
  say "migrating, while the old copies run"
  docker compose run --rm --no-deps migrate
fi
# New certificates may be of an authority that the gateway has not read.
if is_kept gateway && [ -n "$(newer authority)" ]; then deploy/reload.sh gateway; fi
# Who reads an event before who publishes it.
for service in notify grouping intake; do roll "$service"; done
if is_kept streams && is_read streams; then up streams; else up --force-recreate streams; fi
if ! is_kept gateway; then
  say "gateway: started anew with other settings; for a second nobody answers"
  up --force-recreate gateway
elif [ -n "$(newer Caddyfile)" ]; then
  # It reads its configuration again and goes on with what is under way.
  deploy/reload.sh gateway
fi
for node in $(grep -E '^postgres[0-9]*$' <<<"$servers" | sort); do
  if ! is_kept "$node"; then
    say "$node: has other settings here than it runs with; at a quiet hour: docker compose up --detach --no-deps --force-recreate --wait $node"
  fi
done
for node in $(grep -E '^(nats|postgres)[0-9]*$' <<<"$servers" | sort); do
  if is_kept "$node" && ! is_read "$node"; then deploy/reload.sh "$node"; fi
done
say "done"
