"""What the chart makes of each set of values."""

from typing import Any

import pytest

from tests.chart.support import (
    CHART,
    ROOT,
    SERVICES,
    SETS,
    Manifest,
    environment,
    manifests,
    of_kind,
    pods,
    secret_files,
    template,
)

pytestmark = pytest.mark.chart

MINIMAL = ("--values", str(CHART / "ci" / "minimal-values.yaml"))
WRONG = [
    "publicUrl=",
    "image.repository=selvhjelp",  # Docker Hub would be asked for it
    "image.tag=latest",
    "nats.replicas=2",
    "intake.replicas=0",
    "intake.extraEnv.COMMON_KEY=x",
    "notify.extraEnv.SMTP_PASSWORD=x",
    "secrets.overrides.no_such_secret.secretName=x",
    "httpRoute.parentRefs=null",
    "ingress.enabled=true",
    "database.caSecret=",
    "mail.security=tsl",
    "replicas=2",
    "networkPolicy.metricsFrom=null",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_values_schema_refuses_a_wrong_value(wrong: str) -> None:
    rendered = template(*MINIMAL, "--set", wrong)
    assert rendered.returncode != 0, rendered.stdout[:200]
    assert "values don't meet the specifications of the schema" in rendered.stderr


@pytest.mark.parametrize("values", SETS)
def test_pods_are_restricted(values: str) -> None:
    for name, pod in pods(values).items():
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsUser"] == 10001
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            own = container["securityContext"]
            assert own["readOnlyRootFilesystem"] is True
            assert own["allowPrivilegeEscalation"] is False
            assert own["capabilities"]["drop"] == ["ALL"]
            assert own["capabilities"].get("add", []) == (["NET_BIND_SERVICE"] if name == "gateway" else [])
            assert {"requests", "limits"} == set(container["resources"])
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        assert all("hostPath" not in volume for volume in pod.get("volumes", []))


@pytest.mark.parametrize("values", SETS)
def test_no_manifest_holds_a_secret(values: str) -> None:
    assert not of_kind(values, "Secret")
    for pod in pods(values).values():
        for container in pod["containers"]:
            assert all("valueFrom" not in each for each in container.get("env", []))
            assert not container.get("envFrom")


@pytest.mark.parametrize("values", SETS)
def test_migration_runs_before_the_new_version(values: str) -> None:
    job = of_kind(values, "Job")["migrate"]
    hooks = job["metadata"]["annotations"]
    assert hooks["helm.sh/hook"] == "pre-install,pre-upgrade"
    account = next(iter(of_kind(values, "ServiceAccount").values()))["metadata"]["annotations"]
    assert int(account["helm.sh/hook-weight"]) < int(hooks["helm.sh/hook-weight"])
    owners = {name for name, pod in pods(values).items() if any("_owner" in each for each in _files(pod))}
    operators = {name for name, pod in pods(values).items() if "nats_seed_operator" in _files(pod)}
    assert owners == {"migrate"}
    assert operators == {"migrate", "streams"}


def _files(pod: Manifest) -> set[str]:
    return set(secret_files(pod)) if any(each["name"] == "secrets" for each in pod.get("volumes", [])) else set()


@pytest.mark.parametrize("values", SETS)
def test_everything_inside_speaks_tls_and_proves_itself(values: str) -> None:
    gateway = pods(values)["gateway"]
    assert environment(gateway)["GATEWAY_INSIDE"] == "verified"
    assert set(secret_files(gateway)) == {"authority"}
    for service in SERVICES:
        pod = pods(values)[service]
        own, files = environment(pod), secret_files(pod)
        for setting in ("TLS_CERTIFICATE", "TLS_KEY", "NATS_AUTHORITY"):
            assert own[f"{service.upper()}_{setting}_FILE"].removeprefix("/run/secrets/") in files
        assert own["PGSSLMODE"] in {"verify-full", "require"}
        assert ("database_authority" in files) == (own["PGSSLMODE"] == "verify-full")
        (container,) = pod["containers"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["scheme"] == "HTTPS"
        others = {f"{other}_tls_key" for other in SERVICES} - {f"{service}_tls_key"}
        assert not others & set(files)
    for name in ("migrate", "streams"):
        assert environment(pods(values)[name])["OPERATOR_NATS_AUTHORITY_FILE"] == "/run/secrets/authority"


def test_cert_manager_issues_what_the_pods_mount() -> None:
    made = {each["spec"]["secretName"]: each["spec"] for each in of_kind("external-secrets", "Certificate").values()}
    for service in SERVICES:
        files = secret_files(pods("external-secrets")[service])
        assert files[f"{service}_tls_key"] == (f"s-{service}-tls", "tls.key")
        assert files["authority"][0] in made
        assert made[f"s-{service}-tls"]["dnsNames"] == [service], "the name that the gateway asks for"
    for values in set(SETS) - {"external-secrets"}:
        assert not of_kind(values, "Certificate")


@pytest.mark.parametrize("values", SETS)
def test_rolling_update_keeps_every_copy(values: str) -> None:
    for name in ("gateway", *SERVICES):
        deployment = of_kind(values, "Deployment")[name]["spec"]
        assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        (container,) = deployment["template"]["spec"]["containers"]
        assert container["lifecycle"]["preStop"]["sleep"]["seconds"] > 0
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)


@pytest.mark.parametrize("values", SETS)
def test_gateway_runs_the_configuration_of_the_project(values: str) -> None:
    data = of_kind(values, "ConfigMap")["gateway"]["data"]
    assert data["Caddyfile"].strip() == (ROOT / "deploy/selvhjelp/gateway/Caddyfile").read_text().strip()
    assert data["nede.html"].strip() == (ROOT / "deploy/selvhjelp/gateway/pages/nede.html").read_text().strip()
    services = of_kind(values, "Service")
    for service in SERVICES:
        target = environment(pods(values)["gateway"])[f"GATEWAY_{service.upper()}"]
        assert target == f"s-{service}:{services[service]['spec']['ports'][0]['port']}"


def test_minimal_values_give_two_copies_and_one_way_in() -> None:
    deployments = of_kind("minimal", "Deployment")
    assert {name: each["spec"]["replicas"] for name, each in deployments.items()} == {
        "gateway": 2, "intake": 2, "grouping": 2, "notify": 2, "streams": 1,
    }  # fmt: skip
    assert set(of_kind("minimal", "PodDisruptionBudget")) == {"gateway", *SERVICES}
    (route,) = of_kind("minimal", "HTTPRoute").values()
    assert route["spec"]["rules"][0]["backendRefs"] == [{"name": "s-gateway", "port": 80}]
    assert not of_kind("minimal", "Ingress")
    for kind in ("HorizontalPodAutoscaler", "ScaledObject", "ServiceMonitor", "PrometheusRule"):
        assert not of_kind("minimal", kind)
    assert all(each["spec"].get("type", "ClusterIP") == "ClusterIP" for each in of_kind("minimal", "Service").values())


def test_production_values_scale_by_load_and_by_lag() -> None:
    assert set(of_kind("production", "HorizontalPodAutoscaler")) == {"gateway", "intake"}
    scaled = of_kind("production", "ScaledObject")
    assert set(scaled) == {"grouping", "notify"}
    for name in ("gateway", *SERVICES):
        assert "replicas" not in of_kind("production", "Deployment")[name]["spec"]
    lag = [each["metadata"] for each in scaled["notify"]["spec"]["triggers"]]
    assert {each["consumer"] for each in lag} == {
        f"notify-{name}" for name in ("signups", "people", "groups", "centres")
    }
    assert {each["account"] for each in lag} == {"$G"}
    assert {each["type"] for each in scaled["grouping"]["spec"]["triggers"]} == {"nats-jetstream", "cpu"}


def test_production_images_are_pinned() -> None:
    images = {each["image"] for pod in pods("production").values() for each in pod["containers"]}
    assert all("@sha256:" in image for image in images)
    assert len(images) == 5


def test_ingress_values_need_no_gateway_api() -> None:
    assert not of_kind("ingress", "HTTPRoute")
    (ingress,) = of_kind("ingress", "Ingress").values()
    assert ingress["spec"]["tls"] == [{"hosts": ["selvhjelp.example.no"], "secretName": "selvhjelp-tls"}]
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "s-gateway", "port": {"name": "http"}}


def test_external_secrets_come_from_where_they_are() -> None:
    intake, notify = (secret_files(pods("external-secrets")[name]) for name in ("intake", "notify"))
    assert intake["key_encryption_key"] == ("hsm-wrapped", "current")
    assert intake["database_intake"] == ("database-intake", "uri")
    assert intake["blind_index_key"] == ("from-the-vault", "blind_index_key")
    assert notify["smtp_password"] == ("relay", "password")
    assert secret_files(pods("external-secrets")["migrate"])["nats_seed_operator"] == ("nats-operator", "seed")


def test_observability_is_off_or_on() -> None:
    assert set(of_kind("observability", "ServiceMonitor")) == set(SERVICES)
    (rule,) = of_kind("observability", "PrometheusRule").values()
    assert "groups" in rule["spec"]
    for service, monitor in of_kind("observability", "ServiceMonitor").items():
        labels = of_kind("observability", "Service")[service]["metadata"]["labels"]
        assert monitor["spec"]["endpoints"][0]["tlsConfig"]["serverName"] == service
        assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert environment(pods("observability")["intake"])["INTAKE_LOG_FORMAT"] == "json"
    for kind in ("NetworkPolicy", "PodDisruptionBudget"):
        assert not of_kind("observability", kind)
    assert not any("topologySpreadConstraints" in pod for pod in pods("observability").values())


def _selects(selector: dict[str, Any], pod: dict[str, str]) -> bool:
    return bool(selector["matchLabels"].items() <= pod.items())


def _may_reach(values: str, source: str, target: str) -> bool:
    """Whether the policies let one pod of the release open a connection to another: both sides must allow it."""
    labels = {name: _labels(values, name) for name in (source, target)}
    policies = of_kind(values, "NetworkPolicy").values()

    def allowed(direction: str, end: str, at: str, other: str) -> bool:
        return any(
            _selects(peer.get("podSelector", {"matchLabels": {"never": ""}}), labels[other])
            for policy in policies
            if _selects(policy["spec"]["podSelector"], labels[at])
            for rule in policy["spec"].get(direction, [])
            for peer in rule.get(end, [])
        )

    return allowed("egress", "to", source, target) and allowed("ingress", "from", target, source)


def _labels(values: str, component: str) -> dict[str, str]:
    if component == "test":
        found: dict[str, str] = of_kind(values, "Pod")["test"]["metadata"]["labels"]
        return found
    kind = "Job" if component == "migrate" else "Deployment"
    labels: dict[str, str] = of_kind(values, kind)[component]["spec"]["template"]["metadata"]["labels"]
    return labels


@pytest.mark.parametrize("values", ["minimal", "production", "ingress"])
def test_network_policies_let_only_the_gateway_to_services(values: str) -> None:
    everybody = ("gateway", *SERVICES, "migrate", "streams", "test")
    reachable = {(source, target) for source in everybody for target in everybody if _may_reach(values, source, target)}
    assert reachable == {("test", "gateway"), *(("gateway", service) for service in SERVICES)}


@pytest.mark.parametrize("values", ["minimal", "production", "ingress"])
def test_network_policies_close_what_is_not_named(values: str) -> None:
    policies = of_kind(values, "NetworkPolicy")
    closed = policies["nobody"]["spec"]
    assert set(closed) == {"podSelector", "policyTypes"}
    for component in ("gateway", *SERVICES, "migrate", "streams", "test"):
        assert _selects(closed["podSelector"], _labels(values, component))
    for name, policy in policies.items():
        for rule in policy["spec"].get("ingress", []):
            assert rule["from"], name  # an empty list would be everybody
            assert rule["ports"], name
        for rule in policy["spec"].get("egress", []):
            # Only mail may go anywhere: a relay outside the cluster has an address that its owner changes.
            assert rule.get("to") or name == "notify", name
            assert rule["ports"], name
    servers = {
        name: {port["port"] for rule in policy["spec"].get("egress", []) for port in rule["ports"]}
        for name, policy in policies.items()
    }
    assert servers["intake"] == servers["grouping"] == {5432, 4222}
    assert servers["streams"] == {4222}
    assert servers["migrate"] == {5432, 4222}


@pytest.mark.parametrize("values", SETS)
def test_names_carry_the_release_and_every_object_its_labels(values: str) -> None:
    for (kind, name), each in manifests(values).items():
        assert name == "s" or name.startswith("s-"), (kind, name)
        assert each["metadata"]["namespace"] == "selvhjelp"
        assert each["metadata"]["labels"]["app.kubernetes.io/instance"] == "s"
