"""Rules for compose.yaml and the Dockerfile, checked without starting anything."""

import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.events.broker_access import OPERATOR
from shared.kit.keys import parse_versions
from shared.kit.messaging.identities import public_key
from shared.kit.messaging.permissions import PERMISSIONS
from shared.kit.serve import KEEP_ALIVE_SECONDS
from shared.reference.key_rings import RINGS

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SETTINGS = ("intake", "grouping", "notify")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CLUSTER_SECRETS = {"routes_certificate", "routes_tls_key", "database_replicator"}
ONE_SHOT = {"storage", "migrate", "selvhjelp"}
AS_ROOT = {"storage"}
MAY_HAVE = {"storage": ["CHOWN"], "gateway": ["NET_BIND_SERVICE"]}
PUBLISHED = {"gateway", "mailbox"}
INSIDE = {"intake", "grouping", "notify", "operator"}
WAYS_OUT = {"notify", "selvhjelp", "gateway", "mailbox"}


def default(text: str) -> str:
    """With what is said when nothing is set."""
    return re.sub(r"\$\{[A-Z_]+(?::?-([^}]*))?\}", lambda found: found.group(1) or "", text)


@pytest.mark.parametrize("name", SERVICES)
def test_compose_container_has_minimal_privileges(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == MAY_HAVE.get(name, [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].startswith("0:") == (name in AS_ROOT)
    assert not {"privileged", "pid", "ipc", "devices", "userns_mode", "build_args"} & set(service)
    assert service.get("network_mode") in (None, "none")
    assert not [volume for volume in service.get("volumes", []) if "docker.sock" in volume]


@pytest.mark.parametrize("name", SERVICES)
def test_compose_container_has_limits_and_a_health_check(name: str) -> None:
    service = SERVICES[name]
    assert {"mem_limit", "cpus", "pids_limit", "logging"} <= set(service)
    if name in ONE_SHOT:
        assert service["healthcheck"] == {"disable": True}
        assert service["restart"] == "no"
    else:
        assert service["healthcheck"]["test"]
        assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_compose_image_has_a_version(name: str) -> None:
    image = default(SERVICES[name]["image"])
    _, _, tag = image.rpartition(":")
    if "build" in SERVICES[name] or "/selvhjelp:" in SERVICES[name]["image"]:
        assert tag == "dev"
    else:
        assert re.fullmatch(r"v?\d+(\.\d+)*(-alpine)?", tag) or "@sha256:" in image


OURS = [name for name in SERVICES if "SELVHJELP_IMAGES" in SERVICES[name]["image"]]


@pytest.mark.parametrize("name", OURS)
def test_compose_never_pulls_our_images_from_a_stranger(name: str) -> None:
    """Without a registry, `selvhjelp/…` would be looked for at a public one, where anybody may own the name."""
    service = SERVICES[name]
    assert default(service["image"]).startswith("localhost/selvhjelp/")
    assert default(service["pull_policy"]) == ("build" if "build" in service else "never")
    assert any(other["image"] == service["image"] and "build" in other for other in SERVICES.values())


@pytest.mark.parametrize("name", [name for name in OURS if "build" in SERVICES[name]])
def test_compose_build_labels_image_with_version_and_revision(name: str) -> None:
    args = SERVICES[name]["build"]["args"]
    assert args["VERSION"] == "${SELVHJELP_VERSION:-dev}"
    assert args["REVISION"] == "${SELVHJELP_REVISION:-unknown}"
    assert args["VERSION"] == SERVICES[name]["image"].rpartition("/")[2].partition(":")[2]


@pytest.mark.parametrize("path", ["README.md", "compose.yaml", *map(str, sorted(ROOT.glob("deploy/compose.*.yaml")))])
def test_docs_start_containers_with_build(path: str) -> None:
    """Without it a newer source goes on in the older image."""
    for line in (ROOT / path).read_text().splitlines():
        if "docker compose" in line and " up " in line:
            assert "up --build" in line


@pytest.mark.parametrize("name", SERVICES)
def test_compose_publishes_only_gateway_and_mailbox_on_loopback(name: str) -> None:
    ports = [default(port) for port in SERVICES[name].get("ports", [])]
    assert bool(ports) == (name in PUBLISHED)
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert (set(SERVICES[name].get("networks", [])) <= INSIDE) == (name not in WAYS_OUT)


def test_compose_inner_networks_are_internal() -> None:
    assert {name for name, network in COMPOSE["networks"].items() if network == {"internal": True}} == INSIDE


@pytest.mark.asvs("13.2.1")
@pytest.mark.parametrize("name", SETTINGS)
def test_compose_service_is_reached_by_the_gateway_only(name: str) -> None:
    inside = set(SERVICES[name]["networks"]) & INSIDE
    assert inside == {name}
    assert {other for other in SERVICES if inside & set(SERVICES[other].get("networks", []))} == {
        *(name, "gateway", "postgres", "nats"),
    }


@pytest.mark.parametrize("name", SERVICES)
def test_compose_secrets_are_files(name: str) -> None:
    service = SERVICES[name]
    secret = re.compile(r"PASSWORD(?!S)|SECRET|_KEY$|DATABASE_URL|NATS_SEED")
    for variable in service.get("environment", {}):
        if secret.search(variable):
            assert variable.endswith("_FILE")
    named = {each if isinstance(each, str) else each["source"] for each in service.get("secrets", [])}
    read = {
        str(value).rpartition("/")[2] for value in service.get("environment", {}).values() if "/secrets/" in str(value)
    }
    assert read <= named <= set(COMPOSE["secrets"])


@pytest.mark.asvs("13.2.3")
def test_secrets_script_creates_every_secret_once(tmp_path: Path) -> None:
    run = [ROOT / "deploy" / "secrets.sh", tmp_path / "secrets"]
    subprocess.run(run, check=True, capture_output=True)
    folder = tmp_path / "secrets"
    # The key of the authority is for this script alone: no container sees it.
    assert {path.name for path in folder.iterdir()} == {*COMPOSE["secrets"], *CLUSTER_SECRETS, "authority_key"}
    assert (folder / "authority_key").stat().st_mode & 0o777 == 0o400
    assert folder.stat().st_mode & 0o777 == 0o700
    before = {path.name: path.read_text() for path in folder.iterdir()}
    given = {"oidc_client_secret", "smtp_password", "dkim_key", "imap_password", "sms_token"}
    made = {name: secret for name, secret in before.items() if name not in given}
    assert all(made.values())
    assert len(set(made.values())) == len(made)
    subprocess.run(run, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_secrets_script_makes_identities_that_can_be_rotated(tmp_path: Path) -> None:
    run, folder = [ROOT / "deploy" / "secrets.sh", tmp_path], tmp_path

    def users() -> dict[str, str]:
        return dict(line.split(": ") for line in (folder / "nats_users").read_text().splitlines())

    for _ in range(5):
        for name in PERMISSIONS:
            (folder / f"nats_seed_{name}").unlink(missing_ok=True)
        subprocess.run(run, check=True, capture_output=True)
        seeds = {name: (folder / f"nats_seed_{name}").read_text().strip() for name in PERMISSIONS}
        assert {f"{name.upper()}_NKEY": public_key(seed) for name, seed in seeds.items()}.items() <= users().items()
        assert len(set(users().values())) == 2 * len(PERMISSIONS)
    before, file = users(), (folder / "nats_users").stat().st_ino
    (folder / "nats_seed_grouping").unlink()
    subprocess.run(run, check=True, capture_output=True)
    changed = {name for name, key in users().items() if key != before[name]}
    assert changed == {"GROUPING_NKEY", "GROUPING_NKEY_BEFORE"}
    assert users()["GROUPING_NKEY_BEFORE"] == before["GROUPING_NKEY"]
    subprocess.run(run, check=True, capture_output=True)
    assert users()["GROUPING_NKEY_BEFORE"] == before["GROUPING_NKEY"]
    subprocess.run(run, check=True, capture_output=True, env={**os.environ, "FORGET": "identities"})
    assert before["GROUPING_NKEY"] not in users().values()
    assert (folder / "nats_users").stat().st_ino == file  # the broker sees the file that was mounted


def test_secrets_script_renews_certificates_in_place(tmp_path: Path) -> None:
    run = [ROOT / "deploy" / "secrets.sh", tmp_path]
    subprocess.run(run, check=True, capture_output=True)
    before = {path.name: (path.stat().st_ino, path.read_text()) for path in tmp_path.iterdir()}
    (tmp_path / "authority_key").unlink()
    subprocess.run(run, check=True, capture_output=True, env={**os.environ, "RENEW": "certificates"})
    after = {path.name: (path.stat().st_ino, path.read_text()) for path in tmp_path.iterdir()}
    changed = {name for name, (_, text) in after.items() if text != before[name][1]}
    servers = ("postgres", "nats", "routes", "intake", "grouping", "notify")
    pairs = {f"{server}_{half}" for server in servers for half in ("certificate", "tls_key")}
    assert changed == {"authority", "authority_key", *pairs}
    assert {name for name, (inode, _) in after.items() if inode != before[name][0]} <= {"authority_key"}
    assert after["authority"][1].endswith(before["authority"][1])  # the old one is believed for now
    subprocess.run(run, check=True, capture_output=True, env={**os.environ, "FORGET": "authority"})
    assert (tmp_path / "authority").read_text() + before["authority"][1] == after["authority"][1]


def test_compose_gives_each_service_its_own_identity_only() -> None:
    for name in ("intake", "grouping", "notify", "migrate", "streams"):
        seeds = [secret for secret in SERVICES[name]["secrets"] if secret.startswith("nats_seed")]
        assert seeds == [f"nats_seed_{name if name in PERMISSIONS else OPERATOR}"]


def test_compose_one_shot_containers_are_awaited() -> None:
    # `docker compose up --wait` fails when a container ends that nobody waits for.
    waited = {
        name
        for service in SERVICES.values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    assert waited == {name for name in ONE_SHOT if "profiles" not in SERVICES[name]}


def test_nats_conf_syncs_before_acknowledging() -> None:
    config = (ROOT / "deploy" / "nats.conf").read_text()
    for line in ("sync_interval: always", "strict: true", "max_file_store: 4GB"):
        assert f"  {line}\n" in config


def test_gateway_compresses_no_page() -> None:
    """A page holds the key of its form beside what somebody typed (BREACH); decision 3."""
    directives = (ROOT / "deploy/selvhjelp/gateway/Caddyfile").read_text().split()
    assert not {"encode", "precompressed"} & set(directives)


def test_gateway_lets_go_of_a_connection_before_the_service() -> None:
    """A form sent on a connection that the service is closing would fail, and is not sent again."""
    caddyfile = (ROOT / "deploy/selvhjelp/gateway/Caddyfile").read_text()
    kept = [int(seconds) for seconds in re.findall(r"^\s*keepalive (\d+)s$", caddyfile, re.MULTILINE)]
    assert kept
    assert max(kept) < KEEP_ALIVE_SECONDS


@pytest.mark.parametrize("service", SETTINGS)
def test_compose_remembers_the_number_of_copies(service: str) -> None:
    assert SERVICES[service]["deploy"] == {"replicas": f"${{{service.upper()}_COPIES:-1}}"}


def test_dockerfile_passes_hadolint() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    result = subprocess.run([hadolint, ROOT / "deploy" / "Dockerfile"], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.asvs("13.3.2")
@pytest.mark.parametrize(("ring", "service"), [(ring, service) for ring in RINGS for service in SETTINGS])
def test_compose_mounts_a_key_only_where_it_is_held(ring: str, service: str) -> None:
    held = service in RINGS[ring]
    assert (ring in SERVICES[service]["secrets"]) == held
    variable = f"{service}_{ring}_FILE".upper()
    assert (SERVICES[service]["environment"].get(variable) == f"/run/secrets/{ring}") == held


def test_secrets_script_keeps_the_key_of_before_in_each_ring(tmp_path: Path) -> None:
    """An installation with the one key that all services had goes on: its script runs once more."""
    (tmp_path / "link_key").write_text("the-one-key-of-before-that-all-had-1234\n")
    for _ in range(2):  # the second run changes nothing
        subprocess.run(["bash", ROOT / "deploy/secrets.sh", tmp_path], check=True, capture_output=True)
        versions = {ring: parse_versions((tmp_path / ring).read_text().strip()) for ring in RINGS}
    assert {tuple(version.number for version in each) for each in versions.values()} == {(1, 0)}
    assert {each[1].secret for each in versions.values()} == {b"the-one-key-of-before-that-all-had-1234"}
    assert len({each[0].secret for each in versions.values()}) == len(RINGS)
