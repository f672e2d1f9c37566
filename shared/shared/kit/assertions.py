"""
Signed assertions of who is signed in: a JWT (RFC 7519) that intake signs and the other services can only verify.

The gateway asks intake about the session of a request and passes the answer on in a header. An assertion is for one
service and one minute of real time: a rehearsal at high speed must not sign people out, so wall time is used and never
the system's own clock. The signature is Ed25519 (RFC 8037): a service that verifies cannot sign.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey
from pydantic import SecretStr

from shared.kit.keys import Live
from shared.kit.staff import StaffMember

HEADER: Final = "selvhjelp-staff"
ASSERTION_LIFETIME = timedelta(seconds=60)

_ALGORITHM: Final = "Ed25519"  # RFC 9864
_CURVE: Final = "Ed25519"
_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)  # RFC 7468


class AssertionSigner:
    """
    Signs assertions.

    Args:
        key: A private Ed25519 key in PEM.

    Raises:
        ValueError: It is no such key.
    """

    def __init__(self, key: SecretStr) -> None:
        self._key = _read(key.get_secret_value())
        if not self._key.is_private:
            raise ValueError("it is a public key")

    @property
    def kid(self) -> str | None:
        """The thumbprint of the key (RFC 7638)."""
        return self._key.kid

    def sign(self, member: StaffMember, service: str, now: datetime) -> str:
        """Return the header that asserts a signed-in member to one service, valid for a minute from now (wall time)."""
        claims = {
            "aud": service,
            "exp": int((now + ASSERTION_LIFETIME).timestamp()),
            "sub": member.username,
            "roles": sorted(member.roles),
            "centres": sorted(member.tenants),
            "sid": member.session_id,
        }
        header = {"alg": _ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM])


class AssertionVerifier:
    """
    Verifies the assertions made for one service.

    Args:
        keys: Public Ed25519 keys in PEM, one or several below one another: while one replaces another, both count.
        service: The service that reads them.

    Raises:
        ValueError: There is no such key, or one of them is private.
    """

    def __init__(self, keys: str, service: str) -> None:
        blocks = [_read(block[0]) for block in _BLOCK.finditer(keys)]
        if not blocks:
            raise ValueError("it holds no key in PEM")
        if any(key.is_private for key in blocks):
            raise ValueError("it holds a private key, which intake alone may have")
        self._keys = KeySet([*blocks])
        self._service = service

    def verifies(self, signer: AssertionSigner) -> bool:
        """Return True if the assertions of a signer are believed here."""
        return any(key.kid == signer.kid for key in self._keys.keys)

    def member(self, header: str, now: datetime) -> StaffMember | None:
        """Return the asserted member; None for a header that is empty, forged, for another service, or too old."""
        try:
            claims = jwt.decode(header, self._keys, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        remaining_seconds = claims["exp"] - now.timestamp()
        if claims["aud"] != self._service or not 0 < remaining_seconds <= ASSERTION_LIFETIME.total_seconds() + 1:
            return None
        return StaffMember(claims["sub"], frozenset(claims["roles"]), frozenset(claims["centres"]), claims["sid"])


class LiveVerifier:
    """
    Verifies assertions with the keys that are in the mounted file now.

    Args:
        verifier: Made anew when the file changes.
    """

    def __init__(self, verifier: Live[AssertionVerifier]) -> None:
        self._live = verifier

    def member(self, header: str, now: datetime) -> StaffMember | None:
        """Return the asserted member, as :meth:`AssertionVerifier.member`."""
        member = self._live.value.member(header, now)
        return self._live.value.member(header, now) if member is None and self._live.refresh() else member


def new_keys() -> tuple[str, str]:
    """Return a new private key and its public key, both in PEM."""
    key = OKPKey.generate_key(_CURVE)
    return key.as_pem(private=True).decode(), key.as_pem(private=False).decode()


def public_keys(text: str) -> list[str]:
    """Return the keys in a file of public keys, in PEM each."""
    return [block[0] for block in _BLOCK.finditer(text)]


def _read(pem: str) -> OKPKey:
    try:
        key = OKPKey.import_key(pem)
    except (JoseError, ValueError, TypeError):
        raise ValueError("it is no key in PEM") from None
    if key.curve_name != _CURVE:
        raise ValueError(f"it is a key of the kind {key.curve_name}, not {_CURVE}")
    key.ensure_kid()  # the thumbprint (RFC 7638), which both sides compute
    return key
