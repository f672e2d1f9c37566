"""Encryption of the connection to the mail server: nothing leaves in clear, or to a server with another certificate."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from notify.domain.delivery import Accepted, Outcome, Unreachable
from notify.smtp import Security, SmtpConnection
from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.smtp import Handler, SmtpProtocol
from selvhjelp.mailbox.store import Store

HOST = "127.0.0.1"
NOW = datetime.now(UTC)


def certificate(folder: Path, *, address: str = HOST, ends_at: datetime = NOW + timedelta(days=1)) -> tuple[Path, Path]:
    """Write a certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=9))
        .not_valid_after(ends_at)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@asynccontextmanager
async def server(folder: Path, files: tuple[Path, Path], security: Security) -> AsyncIterator[tuple[int, Store]]:
    """A mail server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    store, faults = Store(folder / "mails"), Faults()
    handler = Handler(store, faults)

    def protocol() -> SmtpProtocol:
        made = SmtpProtocol(handler, faults)
        if security == "starttls":
            made.tls_context = context
            made.require_starttls = True
        return made

    implicit = context if security == "tls" else None
    listening = await asyncio.get_running_loop().create_server(protocol, HOST, 0, ssl=implicit)
    async with listening:
        yield listening.sockets[0].getsockname()[1], store


async def send(port: int, security: Security) -> Outcome:
    connection = SmtpConnection(HOST, port, security=security)
    outcome = await connection.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n")
    await connection.close()
    return outcome


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_server_with_a_trusted_certificate_gets_the_mail(
    security: Security, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    async with server(tmp_path, files, security) as (port, store):
        assert await send(port, security) == Accepted()
        assert len(store.newest_first()) == 1


@pytest.mark.asvs("12.3.2")
@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("trusted", "address", "ends_at"),
    [
        (False, HOST, NOW + timedelta(days=1)),
        (True, "192.0.2.1", NOW + timedelta(days=1)),
        (True, HOST, NOW - timedelta(days=1)),
    ],
    ids=["unknown issuer", "other host", "expired"],
)
async def test_server_with_another_certificate_gets_nothing(
    trusted: bool,
    address: str,
    ends_at: datetime,
    security: Security,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = certificate(tmp_path, address=address, ends_at=ends_at)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    async with server(tmp_path, files, security) as (port, store):
        assert await send(port, security) == Unreachable()
        assert store.newest_first() == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_server_without_encryption_gets_nothing(tmp_path: Path, security: Security) -> None:
    files = certificate(tmp_path)
    async with server(tmp_path, files, "none") as (port, store):
        assert await send(port, security) == Unreachable()
        assert store.newest_first() == []
