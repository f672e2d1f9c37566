#!/usr/bin/env bash
# Is there a container engine here that can run compose.yaml? Status 0 when there is, with the base images at hand.
#
# Where no engine runs or no image can be pulled, a tool in the folder beside this project may help; nothing needs it.
# Where this machine trusts a CA of its own, the image builds are given it (build/ca.crt, which no image keeps).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
helper=${CONTAINER_ENGINE_HELPER:-$PWD/../shared/tools/container-engine}
images=(python:3.13-slim-trixie postgres:18 nats:2.15-alpine caddy:2.11-alpine)

helped() { [ -x "$helper" ] && "$helper" "$@" >&2; }
engine() { docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; }

engine || { helped up && engine; } || { echo "No container engine with compose here." >&2; exit 1; }
for image in "${images[@]}"; do
  docker image inspect "$image" >/dev/null 2>&1 || timeout 300 docker pull --quiet "$image" >/dev/null 2>&1 \
    || helped image "$image" || { echo "The image $image cannot be had here." >&2; exit 1; }
done
if [ -n "${SSL_CERT_FILE:-}" ] && [ -s "$SSL_CERT_FILE" ]; then
  mkdir -p build && cp "$SSL_CERT_FILE" build/ca.crt
fi
