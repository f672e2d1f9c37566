"""deploy/compose.cluster.yaml over compose.yaml, as `docker compose config` joins them; tests/containers runs it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pydantic import SecretStr, TypeAdapter
from sqlalchemy.engine import make_url

from selvhjelp.operations.checks.connections import connections_needed
from selvhjelp.operations.connections import hosts_of
from shared.kit.database.connect import new_engine
from shared.kit.database.engine import CONNECTIONS
from shared.kit.setting_values import DatabaseUrl

ROOT = Path(__file__).parents[2]
NODES = ("nats", "nats2", "nats3")
SERVERS = ("postgres", "postgres2")
SERVICES = ("intake", "grouping", "notify")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets of a cluster, made in the folder of an installation from before."""
    folder = tmp_path_factory.mktemp("secrets")
    script = ROOT / "deploy" / "secrets.sh"
    subprocess.run([script, folder], check=True, capture_output=True)
    before = (folder / "database_intake").read_text()
    subprocess.run(
        [script, folder], check=True, capture_output=True, env=os.environ | {"DATABASE_HOST": "postgres,postgres2"}
    )
    assert make_url((folder / "database_intake").read_text().strip()).password == make_url(before.strip()).password
    return folder


@pytest.fixture(scope="module")
def cluster(folder: Path) -> dict[str, Any]:
    try:
        joined = subprocess.run(
            [
                *("docker", "compose", "-f", "compose.yaml", "-f", "deploy/compose.cluster.yaml"),
                *("--profile", "*", "config", "--format", "json"),
            ],
            cwd=ROOT, check=True, capture_output=True, text=True,
            env=os.environ | {"SECRETS": str(folder), "COMPOSE_ENV_FILES": os.devnull},
        )  # fmt: skip
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("no docker compose here")
    services: dict[str, Any] = json.loads(joined.stdout)["services"]
    return services


def test_cluster_has_three_nodes_with_stores_of_their_own(cluster: dict[str, Any]) -> None:
    stores = {each["source"] for node in NODES for each in cluster[node]["volumes"] if each["target"] == "/data"}
    assert len(stores) == len(NODES)
    for node in NODES:
        assert cluster[node]["command"][-2:] == ["--name", node]
        assert cluster[node]["read_only"] is True
        assert {each["source"] for each in cluster[node]["secrets"]} >= {"routes_certificate", "routes_tls_key"}
    for service in (*SERVICES, "gateway", "streams"):
        assert "routes_tls_key" not in {each["source"] for each in cluster[service]["secrets"]}


def test_cluster_streams_are_on_all_nodes_by_migrate_alone(cluster: dict[str, Any]) -> None:
    assert {cluster[name]["environment"]["STREAM_REPLICAS"] for name in ("migrate", "streams", "selvhjelp")} == {"3"}
    for service in SERVICES:
        assert not [name for name in cluster[service]["environment"] if "REPLICAS" in name]
        urls = cluster[service]["environment"][f"{service.upper()}_NATS_URL"].split(",")
        assert urls == [f"nats://{node}:4222" for node in NODES]


def test_cluster_has_two_copies_behind_a_gateway_that_asks_each(cluster: dict[str, Any]) -> None:
    assert {cluster[service]["deploy"]["replicas"] for service in SERVICES} == {2}
    assert cluster["gateway"]["environment"]["GATEWAY_COPIES"] == "many"
    assert cluster["gateway"]["networks"].keys() >= set(SERVICES)


def test_cluster_database_takes_all_connections_of_an_upgrade(cluster: dict[str, Any]) -> None:
    (room,) = {
        int(word.removeprefix("max_connections="))
        for server in SERVERS
        for word in cluster[server]["command"]
        if word.startswith("max_connections=")
    }
    copies = {service: cluster[service]["deploy"]["replicas"] for service in SERVICES}
    copies["intake"] *= 2  # the one with the most connections, while new copies stand beside the old
    assert connections_needed(copies, dict.fromkeys(SERVICES, CONNECTIONS)) < room - 3


def test_cluster_standby_is_a_copy_and_takes_its_place(cluster: dict[str, Any]) -> None:
    primary, standby = (cluster[server] for server in SERVERS)
    assert primary["command"] == standby["command"]
    assert "CLONE_FROM" not in primary["environment"], "a lost volume of the primary is no reason to forget all"
    assert standby["environment"]["CLONE_FROM"] == "postgres"
    assert standby["networks"] == primary["networks"]
    for service in (*SERVICES, "migrate", "selvhjelp"):
        assert cluster[service]["environment"]["PGTARGETSESSIONATTRS"] == "read-write"


def test_addresses_of_a_cluster_are_read_by_every_driver(folder: Path) -> None:
    for file in folder.glob("database_intake*"):
        text = file.read_text().strip()
        url = make_url(TypeAdapter(DatabaseUrl).validate_python(SecretStr(text)).get_secret_value())
        assert hosts_of(url) == list(SERVERS)
        engine = new_engine(SecretStr(text))
        _, options = engine.dialect.create_connect_args(engine.url)
        assert (options["host"], options["port"]) == (list(SERVERS), [5432, 5432])


def test_only_routes_may_call_themselves_clients(folder: Path) -> None:
    for file in folder.glob("*_certificate"):
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert (ExtendedKeyUsageOID.CLIENT_AUTH in usage) == (file.name == "routes_certificate")


@pytest.mark.parametrize(("server", "nodes"), [("postgres", SERVERS), ("nats", NODES), ("routes", NODES)])
def test_certificate_of_a_server_has_the_names_of_all_its_nodes(folder: Path, server: str, nodes: tuple[str]) -> None:
    certificate = x509.load_pem_x509_certificate((folder / f"{server}_certificate").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(nodes) <= set(names.get_values_for_type(x509.DNSName))
