"""Differences between grouping and a list of intake's sign-ups."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from grouping.domain.signups import SignupStatus

STATES: Final[Mapping[str, str]] = {
    SignupStatus.WAITING: "ready",
    SignupStatus.OFFERED: "offered",
    SignupStatus.SEATED: "seated",
    SignupStatus.MEMBER: "member",
}
"""The state in intake for each status here; with a status that is not here, no wishes are known."""

LIVE: Final = (SignupStatus.WAITING, SignupStatus.OFFERED, SignupStatus.SEATED)


def compare(
    listed: Mapping[UUID, str], known: Mapping[UUID, str]
) -> tuple[tuple[UUID, ...], dict[str, tuple[UUID, ...]], tuple[UUID, ...]]:
    """
    Return what is missing here, what is in another state by the status here, and what only grouping knows.

    A member may be forgotten here before intake forgets them.

    Args:
        listed: The state of each sign-up in intake, of a slice of ids.
        known: The status of each sign-up of that slice.
    """
    missing: list[UUID] = []
    contradicted: dict[str, tuple[UUID, ...]] = {}
    for id_, state in sorted(listed.items()):
        status = known.get(id_, SignupStatus.UNREADY.value)
        if state == "ready" and status == SignupStatus.UNREADY:
            missing.append(id_)
        elif STATES.get(status) != state and (state, status) != ("member", SignupStatus.UNREADY):
            contradicted[status] = (*contradicted.get(status, ()), id_)
    unknown = tuple(id_ for id_, status in sorted(known.items()) if status in LIVE and id_ not in listed)
    return tuple(missing), contradicted, unknown
