"""The keys of an installation: who holds each, what for, and for how long what it has made may live."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from shared.reference.key_rings import RINGS

Change = Literal["rotate", "renewed", "by hand"]


@dataclass(frozen=True)
class Key:
    """
    One key.

    Attributes:
        name: Of its file in the directory of secrets; a star stands for several.
        purpose: What it is for.
        algorithm: With the length of the key.
        holders: The processes that have it.
        change: "rotate" by `selvhjelp keys rotate`, "renewed" by the process itself, "by hand" as documented.
        life: For how long what it made may be shown to us; None where nothing made with it stays with others.
        leaks: What somebody can do with it.
    """

    name: str
    purpose: str
    algorithm: str
    holders: tuple[str, ...]
    change: Change
    life: timedelta | None
    leaks: str


_RING: Final = "HMAC-SHA256, 256 bits, a key for each purpose by HKDF-SHA256"
_PURPOSES: Final = {
    "common_key": (
        "links to leave, to wait on, to the talk and to one's place in the queue; forms that sign out",
        365,
        "make a link to leave or wait, for somebody whose sign-up id is known",
    ),
    "intake_key": (
        "forms of intake, provider sign-ins, receipts of erasures (Ed25519), return tickets (AES-256-GCM), their links",
        730,
        "forge receipts and forms of intake; read a return ticket that its owner gives away",
    ),
    "grouping_key": ("forms of grouping, sealed votes", 30, "read who has answered a vote, with its rows"),
    "notify_key": (
        "forms of notify, return paths and answer addresses of mails, links to meetings of a centre, calendar feeds",
        730,
        "answer an invitation or read a calendar feed whose id is known; forge reports of undelivered mails",
    ),
    "intake_notify_key": (
        "links that confirm, that open a person's page or account, invitations; forms of calls about people",
        60,
        "confirm a sign-up or open a page whose id is known",
    ),
    "grouping_notify_key": (
        "links to seats, groups, votes, starters' questions, the way on, calendars; forms of calls about seats",
        365,
        "answer for a seat or vote whose id is known",
    ),
}

KEYS: Final = (
    *(
        Key(name, purpose, _RING, tuple(sorted(RINGS[name])), "rotate", timedelta(days=days), leaks)
        for name, (purpose, days, leaks) in _PURPOSES.items()
    ),
    Key(
        "staff_signing_key",
        "says to the services who is signed in, for a minute",
        "Ed25519; staff_keys has the public keys",
        ("intake",),
        "rotate",
        timedelta(minutes=1),
        "be any member of staff at any service",
    ),
    Key(
        "key_encryption_key",
        "wraps the key of each person and group, and the secrets of staff's code apps",
        "AES-256-GCM, 256 bits",
        ("intake",),
        "rotate",
        None,
        "with both databases of intake: read names, addresses and numbers",
    ),
    Key(
        "blind_index_key",
        "recognises an address, a number or a form without storing it",
        "HMAC-SHA256, 256 bits or more",
        ("intake",),
        "rotate",
        None,
        "with the database of intake: tell whether a given address is in it",
    ),
    Key(
        "database_*",
        "passwords of the databases, one for each role",
        "SCRAM-SHA-256, 192 bits",
        ("intake", "grouping", "notify", "migrate", "PostgreSQL"),
        "by hand",
        None,
        "what the role may, from inside the network",
    ),
    Key(
        "postgres_password",
        "password of the superuser of the database server",
        "SCRAM-SHA-256, 192 bits",
        ("PostgreSQL",),
        "by hand",
        None,
        "read and change every database, from inside the network",
    ),
    Key(
        "authority_key",
        "signs the certificates of the servers inside; mounted nowhere",
        "ECDSA, P-256",
        ("the folder of secrets",),
        "by hand",
        None,
        "pass for any server inside, from inside the network",
    ),
    Key(
        "*_tls_key",
        "proves that a server is the one of its name (TLS); ends after five years, renewed by deploy/secrets.sh",
        "ECDSA, P-256",
        ("PostgreSQL", "NATS", "intake", "grouping", "notify"),
        "by hand",
        None,
        "pass for that server, from inside the network",
    ),
    Key(
        "nats_*",
        "sign the services in at the broker",
        "Ed25519 (nkey), 256 bits; nats_users has the public keys",
        ("intake", "grouping", "notify", "NATS"),
        "by hand",
        None,
        "read and write what the identity may at the broker, from inside the network",
    ),
    Key(
        "dkim_key",
        "signs mails, where the mail server does not",
        "RSA-SHA256, 2048 bits",
        ("notify",),
        "by hand",
        None,
        "send mails in the name of the domain",
    ),
    Key(
        "oidc_client_secret",
        "says at the identity provider that intake asks",
        "as the provider says",
        ("intake",),
        "by hand",
        None,
        "with the code of a sign-in that is under way and its verifier, which never leaves intake, learn who signs in",
    ),
    Key(
        "smtp_password, imap_password, sms_token",
        "sign notify in at the providers of mail and short messages",
        "as the provider says",
        ("notify",),
        "by hand",
        None,
        "send as the installation; read what comes to its mailbox",
    ),
    Key(
        "names of one day",
        "names of ids in logs, and of networks and typed names in security events, of one day",
        "HMAC-SHA256, 256 bits, in memory only",
        ("intake", "grouping", "notify"),
        "renewed",
        timedelta(days=1),
        "tell which lines and events of the day are about a known id or network",
    ),
    Key(
        "keys of people, groups and unfinished forms",
        "seal what is known about each",
        "AES-256-GCM, 256 bits",
        ("intake",),
        "renewed",
        None,
        "read what is sealed for that one person, group or form",
    ),
)
"""All keys of an installation."""

ROTATED: Final = tuple(key.name for key in KEYS if key.change == "rotate")
