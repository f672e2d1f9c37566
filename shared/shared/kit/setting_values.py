"""
Values that settings can have: addresses of servers, keys, the clock.

Each is checked by the rule of what uses it, so that a value that cannot work stops the start with a sentence.
"""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

import idna
from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from shared.kit.assertions import AssertionSigner, AssertionVerifier
from shared.kit.clock import clock_from
from shared.kit.keys import parse_versions
from shared.kit.messaging.identities import public_key
from shared.kit.tls import believing

_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
_NEAR_DOMAINS: Final = (".localhost", ".local", ".internal", ".home.arpa", ".lan")
"""Domains that are never delegated in the public DNS, with the custom of small networks."""

_NATS_SCHEMES: Final = frozenset({"nats", "tls", "ws", "wss"})
_WEB_PORTS: Final = {"http": 80, "https": 443}
_DRIVER: Final = "postgresql+asyncpg"


def ascii_domain(domain: str) -> str:
    """
    Return a domain as mail servers and browsers write it: in ASCII (IDNA 2008, UTS 46) and lower case.

    Raises:
        ValueError: It is no domain.
    """
    return idna.encode(domain, uts46=True, std3_rules=True).decode()


def is_host(text: str) -> bool:
    """Return True for an IP address, or a name of ASCII letters, digits, hyphens and underscores in its labels."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        numeric = text.rpartition(".")[2].isdecimal()  # the last label of a name is never a number (RFC 3696, 2)
        return len(text) <= 253 and not numeric and _HOST.fullmatch(text) is not None
    return True


def is_near(host: str) -> bool:
    """Return True for this very machine, or a host that can only be on its own network."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        name = host.rstrip(".").lower()
        return "." not in name or name.endswith(_NEAR_DOMAINS)


def _host(value: str) -> str:
    if not is_host(value):
        raise PydanticCustomError("host", "must be an IP address or the name of a machine, without scheme and port")
    return value


def _collector_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in _WEB_PORTS and is_host(parts.hostname or "") and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if value and not (good and not parts.query and not parts.fragment and parts.username is None):
        raise PydanticCustomError("collector_url", "must be like http://collector:4318")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    try:
        url = make_url(value.get_secret_value())
        hosts = [url.host] if url.host else [url.query.get("host")]
        good = url.drivername == _DRIVER and url.database and all(hosts) and 0 < (url.port or 5432) <= 65535
        good = good and (not url.host or is_host(url.host))
    except (ArgumentError, ValueError):
        good = False
    if not good:
        raise PydanticCustomError("database_url", "must be like postgresql+asyncpg://user:password@host/database")
    return value


def _nats_url(value: str) -> str:
    servers = [server.strip() for server in value.split(",")]
    if not all(map(_is_nats_server, servers)):
        raise PydanticCustomError("nats_url", "must be like nats://host:4222, or several with commas between")
    return ",".join(servers)


def _is_nats_server(text: str) -> bool:
    try:
        parts = urlsplit(text if "://" in text else f"nats://{text}")
        return parts.scheme in _NATS_SCHEMES and is_host(parts.hostname or "") and parts.port != 0 and not parts.path
    except ValueError:
        return False


def _nats_seed(value: SecretStr) -> SecretStr:
    try:
        public_key(value.get_secret_value())
    except ValueError:
        raise PydanticCustomError("nats_seed", "must be the seed of a user's nkey: SU and 56 more letters") from None
    return value


def _web_address(value: str) -> tuple[str, SplitResult]:
    """
    Return the scheme, host and port of a web address, and its parts.

    Raises:
        ValueError: It is none.
    """
    parts = urlsplit(value.rstrip("/"))
    host = parts.hostname or ""
    if ":" not in host:
        host = ascii_domain(host)
    port = parts.port
    if (
        parts.scheme not in _WEB_PORTS
        or not is_host(host)
        or port == 0
        or parts.username is not None
        or any(map(str.isspace, value))
    ):
        raise ValueError("no web address")
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}" + (f":{port}" if port not in {None, _WEB_PORTS[parts.scheme]} else ""), parts


def _public_url(value: str) -> str:
    try:
        address, parts = _web_address(value)
    except ValueError:
        raise PydanticCustomError(
            "public_url", "must be like https://example.org, with https:// and a host name"
        ) from None
    if parts.path or parts.query or parts.fragment:
        raise PydanticCustomError(
            "public_url_path", "must not have a path: the system needs a host name of its own, as https://example.org"
        )
    return address


def _origins(value: str) -> str:
    origins: list[str] = []
    for text in value.replace(",", " ").split():
        try:
            address, parts = _web_address(text)
        except ValueError:
            address, parts = "", urlsplit("")
        if not address or parts.path or parts.query or parts.fragment:
            raise PydanticCustomError(
                "origins", "must be like https://www.example.org, without a path; several with commas between"
            )
        origins.append(address)
    return ",".join(origins)


def _proxies(value: str) -> str:
    proxies = value.replace(",", " ").split()
    if proxies == ["*"]:
        return "*"
    try:
        for proxy in proxies:
            ipaddress.ip_network(proxy)
    except ValueError:
        raise PydanticCustomError(
            "proxies", "must be * or IP addresses and networks, as 172.16.0.0/12, with commas between"
        ) from None
    return ",".join(proxies)


def _clock(value: str | None) -> str | None:
    try:
        clock_from(value)
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "clock", "must be empty for the real time, or origin|real_origin|speed with two times that have a zone"
        ) from None
    return value or None


def _ring_text(value: SecretStr) -> SecretStr:
    try:
        parse_versions(value.get_secret_value())
    except ValueError as error:
        raise PydanticCustomError("key", "{sentence}", {"sentence": str(error)}) from None
    return value


def _signing_key(value: SecretStr) -> SecretStr:
    try:
        AssertionSigner(value)
    except ValueError as error:
        raise PydanticCustomError("signing_key", f"must be a private Ed25519 key in PEM: {error}") from None
    return value


def _authority(value: str) -> str:
    try:
        if value:
            believing(value)
    except ValueError:
        raise PydanticCustomError(
            "authority", "must be certificates in PEM, of the authority that is believed"
        ) from None
    return value


def _pem_file(kind: str) -> Callable[[Path], Path]:
    def check(path: Path) -> Path:
        try:
            good = f"{kind}-----" in path.read_text(encoding="ascii")
        except (OSError, ValueError):
            good = False
        if not good:
            raise PydanticCustomError("pem_file", "must be a file in PEM that can be read: {kind}", {"kind": kind})
        return path

    return check


def _staff_keys(value: str) -> str:
    try:
        AssertionVerifier(value, "any")
    except ValueError as error:
        raise PydanticCustomError("staff_keys", f"must be public Ed25519 keys in PEM: {error}") from None
    return value


Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
NatsUrl = Annotated[str, AfterValidator(_nats_url)]
"""One broker or several, separated by commas."""

NatsSeed = Annotated[SecretStr, AfterValidator(_nats_seed)]
Authority = Annotated[str, AfterValidator(_authority)]
"""Certificates in PEM; empty where a server is reached without TLS."""

CertificateFile = Annotated[Path, AfterValidator(_pem_file("CERTIFICATE"))]
PrivateKeyFile = Annotated[Path, AfterValidator(_pem_file("PRIVATE KEY"))]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
"""Scheme, host and perhaps port."""

CollectorUrl = Annotated[str, AfterValidator(_collector_url)]
Origins = Annotated[str, AfterValidator(_origins)]
Proxies = Annotated[str, AfterValidator(_proxies)]
ClockSpec = Annotated[str | None, AfterValidator(_clock)]
RingText = Annotated[SecretStr, AfterValidator(_ring_text)]
"""A key in versions, see :mod:`shared.kit.keys`."""

SigningKey = Annotated[SecretStr, AfterValidator(_signing_key)]
StaffKeys = Annotated[str, AfterValidator(_staff_keys)]
