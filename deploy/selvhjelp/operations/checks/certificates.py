"""Check how long the certificates of the servers inside are valid: one that ends unseen stops everything."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from sqlalchemy.engine import make_url

from selvhjelp.installation import DATABASES, Installation
from selvhjelp.operations.checks.finding import Finding, broken, ok, warning
from selvhjelp.operations.connections import hosts_of
from shared.kit.tls import believing

PART: Final = "certificates"
WARN_DAYS: Final = 30
ANSWER_SECONDS: Final = 3
REMEDY: Final = "run deploy/secrets.sh, then `docker compose up --detach --force-recreate`"
_SSL_REQUEST: Final = bytes.fromhex("0000000804d2162f")
"""The first message of a client of PostgreSQL that wants TLS (manual, 54.7): its length, and a code."""


async def check(installation: Installation) -> list[Finding]:
    """Check the certificates that the servers show, and those of the authorities that are believed."""
    looks: dict[str, Callable[[], datetime]] = {}
    authority = installation.operator.authority
    if authority:
        urls = installation.nats_url.split(",")
        for url in urls:
            parts = urlsplit(url if "://" in url else f"nats://{url}")
            host = parts.hostname or ""
            looks[_one_of("NATS", host, urls)] = partial(shown, host, parts.port or 4222, authority)
    believed = _believed_database(os.environ)
    if believed:
        for database in DATABASES:
            address = make_url(installation.database_url(database).get_secret_value())
            for host in hosts_of(address):
                looks[_one_of("PostgreSQL", host, hosts_of(address))] = partial(
                    shown, host, address.port or 5432, believed, greeting=_SSL_REQUEST
                )
    if not looks:
        return []
    findings = [*_authorities(authority + believed)]
    for server, look in looks.items():
        findings += await asyncio.to_thread(_server, server, look)
    return findings or [ok(PART, "the servers inside prove who they are for a month and longer")]


def _one_of(server: str, host: str, all_hosts: Sequence[str]) -> str:
    return f"{server} at {host}" if len(all_hosts) > 1 else server


def shown(host: str, port: int, authority: str, *, greeting: bytes = b"") -> datetime:
    """
    Return the end of the certificate that a server shows.

    Args:
        host: Its name, which the certificate must have.
        port: Its port.
        authority: In PEM; must have signed the certificate.
        greeting: What the client sends before TLS, to which the server answers with one byte.

    Raises:
        OSError: The server does not answer, or does not prove who it is.
    """
    with socket.create_connection((host, port), timeout=ANSWER_SECONDS) as plain:
        if greeting:
            plain.sendall(greeting)
            plain.recv(1)
        with believing(authority).wrap_socket(plain, server_hostname=host) as connection:
            certificate = connection.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)


def _server(server: str, look: Callable[[], datetime]) -> list[Finding]:
    try:
        return list(_days(f"the certificate of {server}", look()))
    except OSError:
        return []  # the check of that server tells why


def _authorities(pem: str) -> Iterator[Finding]:
    # Where one replaces another, both are believed for a while; the last to end counts.
    certificates = x509.load_pem_x509_certificates(pem.encode())
    yield from _days("the authority that is believed", max(each.not_valid_after_utc for each in certificates))


def _days(what: str, end: datetime) -> Iterator[Finding]:
    days = (end - datetime.now(UTC)).days
    if days < 0:
        yield broken(PART, f"{what} has ended", REMEDY)
    elif days < WARN_DAYS:
        yield warning(PART, f"{what} ends in {days} days", REMEDY)


def _believed_database(environment: Mapping[str, str]) -> str:
    """Return the authorities by which databases are believed; empty if none are asked for."""
    if environment.get("PGSSLMODE") not in {"verify-ca", "verify-full"}:
        return ""
    try:
        return Path(environment.get("PGSSLROOTCERT", "")).read_text()
    except OSError:
        return ""
