"""
The chart at a real API server, which ``CHART_KUBECONFIG`` names: strict fields, custom resources, restricted pods.

The server needs the definitions of the custom resources: Gateway API, KEDA, the Prometheus operator, cert-manager,
CloudNativePG and its Barman Cloud plugin. It needs no node, since nothing runs. Namespaces are deleted at the end.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import pytest

from tests.chart.support import HELM_FOLDER, SETS, TOOLS, Manifest, manifests, pods, text

KUBECONFIG: Final = os.environ.get("CHART_KUBECONFIG", "")
RESTRICTED: Final = {"pod-security.kubernetes.io/enforce": "restricted"}
ACCOUNT: Final = "s"

pytestmark = [
    pytest.mark.chart,
    pytest.mark.skipif(not KUBECONFIG, reason="CHART_KUBECONFIG names no API server"),
]


def kubectl(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run kubectl against the API server."""
    command = [str(TOOLS / "bin" / "kubectl" / "kubectl"), "--kubeconfig", KUBECONFIG, *args]
    return subprocess.run(command, check=False, capture_output=True, text=True, input=stdin)


def asked(documents: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Ask the server whether it would take documents; a field that it does not know is an error."""
    return kubectl("apply", "--dry-run=server", "--validate=strict", *args, "--filename", "-", stdin=documents)


@pytest.fixture
def namespace() -> Iterator[str]:
    """Make a namespace that admits restricted pods only, with the account of the chart."""
    name = f"chart-{uuid4().hex[:8]}"
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": RESTRICTED}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT, "namespace": name}}
    done = kubectl(
        "create", "--filename", "-", stdin=json.dumps({"kind": "List", "apiVersion": "v1", "items": [made, account]})
    )
    assert done.returncode == 0, done.stderr
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.mark.parametrize("values", SETS)
def test_server_takes_every_object_of_the_chart(values: str, namespace: str) -> None:
    done = asked(text(values).replace("namespace: selvhjelp", f"namespace: {namespace}"), "--namespace", namespace)
    assert done.returncode == 0, done.stderr
    assert "PodSecurity" not in done.stderr
    assert len(done.stdout.splitlines()) == len(manifests(values))


@pytest.mark.parametrize("values", SETS)
def test_restricted_namespace_admits_every_pod(values: str, namespace: str) -> None:
    made = [pod(name, spec) for name, spec in pods(values).items()]
    done = asked(json.dumps({"apiVersion": "v1", "kind": "List", "items": made}), "--namespace", namespace)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(made) == 7


def test_restricted_namespace_refuses_a_pod_that_is_root(namespace: str) -> None:
    """At a server that admits everything the test above would pass too."""
    container = {"name": "a", "image": "registry.example.no/a:1", "securityContext": {"runAsUser": 0}}
    refused = pod("a", {"serviceAccountName": ACCOUNT, "containers": [container]})
    done = asked(json.dumps(refused), "--namespace", namespace)
    assert 'violates PodSecurity "restricted' in done.stderr


@pytest.mark.parametrize("file", ["postgres.yaml", "certificates.yaml"])
def test_server_takes_what_lies_beside_the_chart(file: str, namespace: str) -> None:
    done = asked((HELM_FOLDER / file).read_text(), "--namespace", namespace)
    assert done.returncode == 0, done.stderr


def pod(name: str, spec: Manifest) -> Manifest:
    """Return a pod."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
