"""
Identities at the broker: one key pair (nkey) for each service, and one for the operator.

The service has the seed and signs with it; the broker has the public key and stores no secret.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Final

import nkeys
from pydantic import SecretStr

from shared.kit.tls import believing

SEED_BYTES: Final = 32


@dataclass(frozen=True)
class Identity:
    """
    The identity of one connection.

    Attributes:
        name: A service, or ``operator``.
        seed: Its private half, ``SU…``.
        authority: Certificates in PEM of the authorities whose broker is believed; empty for a broker without TLS.
    """

    name: str
    seed: SecretStr
    authority: str = ""

    @property
    def inbox_prefix(self) -> str:
        """The first word of the subjects under which replies come; nobody else may subscribe to them."""
        return inbox_prefix(self.name)

    def client_options(self) -> dict[str, Any]:
        """
        Return the options of a connection of nats-py.

        TLS begins before the broker has said a word: nats-py ignores ``tls`` where the broker's first line, in clear,
        does not ask for it, and whoever sits in between could leave that out.
        """
        options: dict[str, Any] = {"nkeys_seed_str": self.seed.get_secret_value(), "inbox_prefix": self.inbox_prefix}
        if self.authority:
            options |= {"tls": believing(self.authority), "tls_handshake_first": True}
        return options

    def broker_options(self) -> dict[str, Any]:
        """Return the options of a broker of FastStream, whose pull subscribers must be given the prefix themselves."""
        from faststream.nats.security import NatsNKey  # noqa: PLC0415 - commands that only connect need not wait for it

        context = believing(self.authority) if self.authority else None
        security = NatsNKey.from_seed(
            self.seed.get_secret_value(),
            ssl_context=context,
            use_ssl=context is not None,
            tls_handshake_first=context is not None,
        )
        return {"security": security, "inbox_prefix": self.inbox_prefix}


def inbox_prefix(name: str) -> str:
    """Return the first word of the subjects of replies to an identity."""
    return f"_INBOX_{name}"


def new_seed(raw: bytes | None = None) -> str:
    """Return the seed of a new identity, from random bytes unless they are given."""
    seed: bytes = nkeys.encode_seed(raw or secrets.token_bytes(SEED_BYTES), nkeys.PREFIX_BYTE_USER)
    return seed.decode()


def public_key(seed: str) -> str:
    """
    Return the public half of an identity, ``U…``.

    Raises:
        ValueError: It is no seed of a user.
    """
    try:
        prefix, raw = nkeys.decode_seed(seed.encode())
        # The library does not look at the checksum, which a mistyped letter breaks.
        if prefix != nkeys.PREFIX_BYTE_USER or new_seed(bytes(raw)) != seed:
            raise ValueError("no seed of a user")
        key: bytes = nkeys.from_seed(bytearray(seed.encode())).public_key
    except nkeys.NkeysError:
        raise ValueError("no seed") from None
    return key.decode()
