"""
The permissions of each identity at the broker, as the `authorization` of its configuration.

The minimum was measured: a consumer needs the state of its durable, the next message and the acknowledgement, each of
its own durable only, and its own inbox. Whatever is not listed is denied, the rest of the JetStream API with it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.events.base import JOURNAL
from shared.events.broker_access import BROKER_ACCESS, OPERATOR, BrokerAccess
from shared.events.people import Erased
from shared.kit.messaging.identities import inbox_prefix


@dataclass(frozen=True)
class Permissions:
    """
    The subjects that are open to one identity.

    Attributes:
        publish: Subjects.
        subscribe: Subjects, each with the queue group after a space if it must be in one.
    """

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def of_service(access: BrokerAccess) -> Permissions:
    """Return the permissions of a service."""
    consuming = [
        subject
        for durable, stream in access.durables.items()
        for subject in (
            f"$JS.API.CONSUMER.INFO.{stream.value}.{durable}",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream.value}.{durable}",
            f"$JS.ACK.{stream.value}.{durable}.>",
        )
    ]
    forgetting = [
        f"$JS.API.{verb}.{stream.value}"
        for stream in access.forgets
        for verb in ("STREAM.INFO", "STREAM.PURGE", "STREAM.MSG.DELETE", "CONSUMER.LIST")
    ]
    watching = [f"$JS.API.STREAM.INFO.{stream.value}" for stream in access.publishes if stream not in access.forgets]
    journal = [f"$JS.API.STREAM.INFO.{JOURNAL}"] if access.forgets else []
    journal += [f"$JS.API.DIRECT.GET.{JOURNAL}"] if access.reads_journal else []
    publish = (
        *(stream.subjects for stream in access.publishes),
        *consuming,
        *forgetting,
        *watching,
        *journal,
        *access.asks,
        *(f"{inbox_prefix(asker)}.>" for asker in access.askers),
    )
    answering = (f"{subject} {access.service}" for subject in access.answers)
    return Permissions(publish, (f"{inbox_prefix(access.service)}.>", *answering))


OPERATOR_PERMISSIONS: Final = Permissions(
    publish=(
        "$JS.API.INFO",
        "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.LIST",
        "$JS.API.STREAM.INFO.*",
        "$JS.API.STREAM.CREATE.*",
        "$JS.API.STREAM.UPDATE.*",
        "$JS.API.CONSUMER.NAMES.*",
        "$JS.API.CONSUMER.LIST.*",
        "$JS.API.CONSUMER.INFO.*.*",
        "$JS.API.CONSUMER.DURABLE.CREATE.*.*",
        f"$JS.API.DIRECT.GET.{JOURNAL}",
        Erased.subject,
    ),
    subscribe=(f"{inbox_prefix(OPERATOR)}.>",),
)
"""
Streams and consumers can be read, created and changed; nothing is deleted, no message read but the journal of erasures.

Erasures are published to fill the journal again.
"""

PERMISSIONS: Final[Mapping[str, Permissions]] = {access.service: of_service(access) for access in BROKER_ACCESS} | {
    OPERATOR: OPERATOR_PERMISSIONS
}


def authorization(keys: Mapping[str, str], permissions: Mapping[str, Permissions] = PERMISSIONS) -> str:
    """
    Return the `authorization` of the broker's configuration.

    Args:
        keys: The public key of each identity, or a variable of the configuration.
        permissions: Those of each identity.
    """
    users = "".join(_user(keys[name], allowed) for name, allowed in permissions.items())
    return f"authorization {{\n  users: [\n{users}  ]\n}}\n"


def _user(key: str, allowed: Permissions) -> str:
    publish, subscribe = _subjects(allowed.publish), _subjects(allowed.subscribe)
    return (
        "    {\n"
        f"      nkey: {key}\n"
        "      permissions {\n"
        f"        publish {{ allow: [\n{publish}        ] }}\n"
        f"        subscribe {{ allow: [\n{subscribe}        ] }}\n"
        "      }\n"
        "    }\n"
    )


def _subjects(subjects: Iterable[str]) -> str:
    return "".join(f"          {json.dumps(subject)}\n" for subject in subjects)
