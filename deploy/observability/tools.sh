#!/usr/bin/env bash
# promtool and amtool (with Prometheus and Alertmanager) from Debian's packages, unpacked into a folder and not installed:
# no service is started by it.
#
#   deploy/observability/tools.sh [FOLDER]        default: var/prometheus-tools
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$root/var/prometheus-tools}
[ ! -x "$folder/usr/bin/promtool" ] || [ ! -x "$folder/usr/bin/amtool" ] || exit 0
command -v apt-get >/dev/null || { echo "Debian's apt-get is needed to get promtool and amtool." >&2; exit 1; }
mkdir -p "$folder"
cd "$folder"
packages=(prometheus prometheus-alertmanager)
apt-get download -qq "${packages[@]}" >&2 || { apt-get update -qq >&2 && apt-get download -qq "${packages[@]}" >&2; }
for package in ./*.deb; do dpkg-deb --extract "$package" .; done
rm ./*.deb
usr/bin/promtool --version >/dev/null 2>&1
usr/bin/amtool --version >/dev/null 2>&1
