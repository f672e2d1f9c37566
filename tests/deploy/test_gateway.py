"""The gateway with its real routes, in front of small servers that echo their requests."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest

from devtools.local.ports import free_ports
from selvhjelp.up.children import SERVICES, Web, caddy
from selvhjelp.up.data_directory import DataDirectory
from shared.reference import helplines

HEADER = "Selvhjelp-Staff"


class Upstream(ThreadingHTTPServer):
    """Echoes each request; as intake it also answers who is signed in."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.released = threading.Event()
        super().__init__(("127.0.0.1", port), Answer)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a connection that the gateway closed, as one of the tests provokes."""


class Answer(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        if self.path.endswith("/henger") or (
            self.path.startswith("/-/session/") and "session=hangs" in self.headers.get("Cookie", "")
        ):
            self.server.released.wait(60)
            return
        if self.path.startswith("/-/session/"):
            signed_in = "session=open" in self.headers.get("Cookie", "")
            self.send_response(204 if signed_in else 303)
            self.send_header(
                *((HEADER, f"the word for {self.path[11:]}") if signed_in else ("Location", "/stab/logg-inn"))
            )
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if "/sen" in self.path:
            self.send_response(413 if self.path.endswith("/stor") else 408)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()
            # What has come already is read: else the answer can be lost with the reset of the connection.
            self.connection.shutdown(socket.SHUT_WR)
            while self.connection.recv(65_536):
                pass
            return
        if self.path == "/eget":
            self.send_response(200)
            self.send_header("Content-Security-Policy", "default-src 'self'")
            self.send_header("Cache-Control", "max-age=60")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        length = int(self.headers.get("Content-Length", 0))
        echo = {
            "service": self.server.name,
            "method": self.command,
            "path": self.path,
            "headers": dict(self.headers),
            "body": self.rfile.read(length).decode(),
        }
        body = json.dumps(echo).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    names = ("gateway", *SERVICES)
    return dict(zip(names, free_ports(len(names)), strict=True))


@pytest.fixture(scope="module")
def upstreams(ports: dict[str, int]) -> Iterator[None]:
    servers = [Upstream(name, ports[name]) for name in ("intake", "grouping")]  # notify is down
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    for server in servers:
        server.released.set()
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def gateway(upstreams: None, ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATEWAY_ANSWER_WITHIN", "1s")
        yield from _gateway(ports, tmp_path_factory)


def _gateway(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    child = caddy(DataDirectory(tmp_path_factory.mktemp("gateway")), ports)
    child.start()
    yield child
    child.stop()


@pytest.fixture
def http(gateway: Web, ports: dict[str, int]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{ports['gateway']}") as client:
        yield client


@pytest.mark.asvs("13.2.5")
@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "intake"),
        ("/nn/pamelding", "intake"),
        ("/api/v1/centres", "intake"),
        ("/static/x.css", "intake"),
        ("/plass/abc.def", "grouping"),
        ("/en/plass/abc.def", "grouping"),
        ("/venter/abc.def", "grouping"),
        ("/nn/venter/abc.def", "grouping"),
        ("/plassering", "intake"),
        ("/stab/logg-inn", "intake"),
        ("/stab/logg-inn/bekreft", "intake"),
        ("/nn/stab/logg-inn/passnokkel", "intake"),
        ("/igangsetter/logg-inn", "intake"),
        ("/en/igangsetter/apne/x", "intake"),
        ("/nn/igangsetter/invitasjon/x", "intake"),
        ("/igangsetteren", "intake"),
    ],
)
def test_gateway_routes_a_path_to_its_service(http: httpx.Client, path: str, service: str) -> None:
    echo = http.get(path).json()
    assert (echo["service"], echo["path"]) == (service, path)
    assert echo["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert echo["headers"]["X-Forwarded-Host"] == echo["headers"]["Host"]


@pytest.mark.asvs("4.1.3")
def test_gateway_drops_identity_headers_of_clients(http: httpx.Client) -> None:
    lies = {HEADER: "admin", "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https"}
    for path in ("/", "/plass/x", "/stab/logg-inn", "/api/v1/centres"):
        echo = http.get(path, headers=lies).json()
        assert HEADER not in echo["headers"]
        assert echo["headers"]["X-Forwarded-For"] == "127.0.0.1"
        assert echo["headers"]["X-Forwarded-Proto"] == "http"


@pytest.mark.asvs("4.1.3", "15.3.4")
def test_gateway_trusts_only_configured_proxies(
    upstreams: None, ports: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_TRUSTED_PROXIES", "127.0.0.1/32 10.0.0.0/8")
    (port,) = free_ports(1)
    child = caddy(DataDirectory(tmp_path), ports | {"gateway": port})
    child.start()
    try:
        echo = httpx.get(
            f"http://127.0.0.1:{port}/pamelding", headers={"X-Forwarded-For": "198.51.100.66, 203.0.113.9, 10.1.2.3"}
        ).json()
    finally:
        child.stop()
    # What the client itself wrote stands before what the nearest proxy saw.
    assert echo["headers"]["X-Forwarded-For"] == "203.0.113.9"


@pytest.mark.asvs("8.3.1")
@pytest.mark.parametrize(
    "path",
    [
        "/stab/",
        "/igangsetter",
        "/en/igangsetter/tider",
        "/igangsetter/logg-innen",
        "/stab/logg-innen",
        "/stab/konto",
        "/stab/grupper/1",
        "/nn/stab/omrader",
        "/en/stab/post",
        "/stab",
    ],
)
def test_gateway_staff_pages_require_a_session(http: httpx.Client, path: str) -> None:
    answer = http.get(path, headers={HEADER: "admin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/stab/logg-inn")
    assert http.post(path, content="x", headers={HEADER: "admin"}).status_code == 303


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/stab/", "intake"),
        ("/stab/grupper/1", "grouping"),
        ("/stab/grupper/0b/personer", "intake"),
        ("/nn/stab/grupper/0b/personer/kontaktark", "intake"),
        ("/stab/grupper/0b/personerer", "grouping"),
        ("/nn/stab/omrader", "grouping"),
        ("/stab/igangsettere", "grouping"),
        ("/en/stab/rom/nytt", "grouping"),
        ("/stab/romania", "intake"),
        ("/stab/plasser/1/svar", "grouping"),
        ("/stab/ringerike", "intake"),
        ("/stab/kontoer", "intake"),
        ("/igangsetter", "grouping"),
        ("/en/igangsetter/tider", "grouping"),
        ("/nn/igangsetter/konto/slett", "intake"),
        ("/igangsetter/kontoret", "grouping"),
    ],
)
def test_gateway_alone_sets_the_staff_header(http: httpx.Client, path: str, service: str) -> None:
    for answer in (
        http.get(path, headers={HEADER: "admin", "Cookie": "session=open"}),
        http.post(path, content="a=1", headers={HEADER: "admin", "Cookie": "session=open"}),
    ):
        echo = answer.json()
        assert echo["service"] == service
        assert echo["headers"][HEADER] == f"the word for {service}"
    assert echo["body"] == "a=1"


@pytest.mark.asvs("13.4.5")
def test_gateway_opens_health_and_closes_internal_routes(http: httpx.Client) -> None:
    assert http.get("/-/intake/readyz").json()["path"] == "/readyz"
    assert http.get("/-/grouping/livez").json()["path"] == "/livez"
    assert http.get("/-/grouping/healthz").json()["service"] == "grouping"
    for before in ("", "/nn", "/en"):
        assert http.get(f"{before}/-/grouping/status").json()["path"] == f"{before}/status"
    for path in (
        "/-/session/intake",
        "/metrics",
        "/healthz",
        "/readyz",
        "/-/intake/metrics",
        "/-/other/readyz",
        "/livez",
        "/status",
        "/status.json",
        "/-/intake/status.json",
        "/-/other/status",
    ):
        for before in ("", "/nb", "/nn", "/en", "/nn/", "/nn%2F"):
            assert http.get(before + path).status_code == 404, before + path


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/stab/post"), ("POST", "/stab/post"), ("GET", "/nn/stab/ring/1"), ("POST", "/stab/ring/1")],
)
def test_gateway_service_down_shows_the_help_lines(http: httpx.Client, method: str, path: str) -> None:
    answer = http.request(method, path, headers={"Cookie": "session=open"}, timeout=60)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    for line in helplines.load():
        assert f'href="tel:{line.tel}"' in answer.text
        assert line.number in answer.text


@pytest.mark.parametrize(
    ("method", "path", "cookie"),
    [
        ("GET", "/henger", ""),
        ("POST", "/henger", ""),
        ("GET", "/plass/henger", ""),
        ("GET", "/stab/personer", "session=hangs"),
        ("GET", "/stab/grupper/henger", "session=open"),
    ],
)
def test_gateway_hung_service_shows_the_help_lines(http: httpx.Client, method: str, path: str, cookie: str) -> None:
    answer = http.request(method, path, headers={"Cookie": cookie}, timeout=60)
    assert answer.status_code == 503
    assert all(line.number in answer.text for line in helplines.load())


@pytest.mark.parametrize(
    ("path", "status", "rest"),
    [
        ("/sen", 408, b"Content-Length: 1000\r\n\r\nab"),
        ("/api/v1/sen", 408, b'Content-Length: 1000\r\n\r\n{"'),
        ("/plass/sen", 408, b"Content-Length: 60000\r\n\r\n" + b"x" * 30_000),
        ("/sen/stor", 413, b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf"),
        ("/sen", 408, b"Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n"),
        ("/nn/sen", 408, b"Content-Length: 2\r\n\r\na"),
    ],
)
def test_gateway_ends_the_connection_of_a_body_that_never_ends(
    gateway: Web, ports: dict[str, int], path: str, status: int, rest: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", ports["gateway"]), timeout=60) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + rest)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))  # ends when the gateway closes
    assert f"HTTP/1.1 {status} ".encode() in answer
    assert b"\r\nConnection: close\r\n" in answer


TWO_ENDS = [
    b"Content-Length: 3\r\nContent-Length: 4\r\n\r\na=12",
    b"Content-Length: 3, 4\r\n\r\na=12",
    b"Content-Length: 3\r\nTransfer-Encoding: identity\r\n\r\na=1",
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: +3\r\n\r\na=1",
    b"Content-Length: -1\r\n\r\n",
    b"Content-Length: 0x3\r\n\r\na=1",
    b"Transfer-Encoding: chunked\r\n\r\nz\r\na=1\r\n0\r\n\r\n",
]


@pytest.mark.asvs("4.2.1")
@pytest.mark.parametrize("rest", TWO_ENDS)
def test_gateway_refuses_a_request_with_an_unclear_end(gateway: Web, ports: dict[str, int], rest: bytes) -> None:
    """Where gateway and service could disagree on the end, the rest would be read as somebody's next request."""
    with socket.create_connection(("127.0.0.1", ports["gateway"]), timeout=60) as connection:
        connection.sendall(b"POST /pamelding HTTP/1.1\r\nHost: localhost\r\n" + rest)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert not re.search(rb"HTTP/1.1 [23]", answer), answer
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.asvs("4.2.1")
def test_gateway_passes_on_one_end_where_two_are_sent(gateway: Web, ports: dict[str, int]) -> None:
    """RFC 9112, 6.3: the coding counts, and a proxy takes the length away before it passes the request on."""
    with socket.create_connection(("127.0.0.1", ports["gateway"]), timeout=60) as connection:
        connection.sendall(
            b"POST /pamelding HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n"
        )
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.count(b"HTTP/1.1 ") == 1
    if b"HTTP/1.1 200" in answer:
        echo = json.loads(answer.partition(b"\r\n\r\n")[2])
        assert not {"Content-Length", "Transfer-Encoding"} <= set(echo["headers"])


OWN_ANSWERS = [
    ("GET", "/-/session/intake", b"", 404),
    ("GET", "/metrics", b"", 404),
    ("POST", "/pamelding", b"x" * 70_000, 413),
    ("GET", "/mote/abc", b"", 503),
    ("GET", "/api/../mote/abc", b"", 503),
    ("POST", "/kalender/abc", b"a=1", 503),
]


@pytest.mark.asvs("3.4.1", "3.4.6")
@pytest.mark.parametrize(("method", "path", "body", "status"), OWN_ANSWERS)
@pytest.mark.parametrize("proto", ["http", "https"])
def test_gateway_own_answer_has_the_headers_of_pages(
    http: httpx.Client, method: str, path: str, body: bytes, status: int, proto: str
) -> None:
    answer = http.request(method, path, content=body, headers={"X-Forwarded-Proto": proto}, timeout=60)
    assert answer.status_code == status
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert ("strict-transport-security" in answer.headers) == (proto == "https")
    assert "server" not in answer.headers


def test_gateway_leaves_the_headers_of_services_alone(http: httpx.Client) -> None:
    answer = http.get("/eget")
    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers["cache-control"] == "max-age=60"


@pytest.mark.asvs("4.1.2")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_gateway_in_clear_refuses_the_api_and_redirects_pages(
    upstreams: None, ports: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """As with compose.tls.yaml, where one site has both addresses."""
    monkeypatch.setenv("GATEWAY_PLAIN_HTTP", "refuse")
    (port,) = free_ports(1)
    child = caddy(DataDirectory(tmp_path), ports | {"gateway": port})
    child.start()
    try:
        for path in ("/api/v1/signups", "/api", "/api/v1/centres?a=1"):
            answer = httpx.request(method, f"http://127.0.0.1:{port}{path}")
            assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        for path in ("/pamelding", "/stab/?side=2", "/api-lignende"):
            answer = httpx.request(method, f"http://127.0.0.1:{port}{path}")
            assert (answer.status_code, answer.headers["location"]) == (308, f"https://127.0.0.1{path}")
    finally:
        child.stop()


@pytest.mark.asvs("14.2.1")
def test_gateway_logs_no_token(http: httpx.Client, gateway: Web) -> None:
    http.get("/stab/post/a-token-from-a-mail", headers={"Cookie": "session=open"}, timeout=60)
    log = gateway.log.read_text()
    assert "a-token-from-a-mail" not in log
    assert "session=open" not in log


def test_gateway_refuses_a_body_that_is_too_large(http: httpx.Client) -> None:
    """Where a centre uploads its pictures, or chooses people of a waiting list, more than elsewhere."""

    def status(path: str, size: int) -> int:
        return http.post(path, content=b"x" * size, headers={"Cookie": "session=open"}).status_code

    for path in (
        "/pamelding",
        "/stab/regler/a/tekster",
        "/stab/regler/a/utseende/x",
        "/x/stab/regler/a/utseende",
        "/stab/omrader/a/flere/x",
        "/stab/personer/flere/x",
    ):
        assert status(path, 70_000) == 413
    for path in (
        "/stab/regler/a/utseende",
        "/nn/stab/regler/a/utseende",
        "/en/stab/omrader/a/flere/gjor",
        "/stab/personer/flere",
    ):
        assert status(path, 150_000) == 200
        assert status(path, 170_000) == 413


def test_gateway_down_page_loads_nothing_from_elsewhere() -> None:
    page = Path(str(resources.files("selvhjelp.gateway") / "pages" / "nede.html")).read_text()
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page
