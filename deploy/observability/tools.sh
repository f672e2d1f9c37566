#!/usr/bin/env bash
# Prometheus and promtool from Debian's package, unpacked into a folder and not installed: no service is started by it.
#
#   deploy/observability/tools.sh [FOLDER]        default: var/prometheus-tools
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$root/var/prometheus-tools}
[ ! -x "$folder/usr/bin/promtool" ] || exit 0
command -v apt-get >/dev/null || { echo "Debian's apt-get is needed to get promtool." >&2; exit 1; }
mkdir -p "$folder"
cd "$folder"
apt-get download -qq prometheus >&2 || { apt-get update -qq >&2 && apt-get download -qq prometheus >&2; }
dpkg-deb --extract ./prometheus_*.deb .
rm ./prometheus_*.deb
usr/bin/promtool --version >/dev/null 2>&1
