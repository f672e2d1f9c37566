"""Policies for the pages of staff: all versions, and the groups that keep an older one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import GroupPolicy, PolicyVersion, group_meetings, policies
from shared.reference.centre_texts import CentreTexts
from shared.reference.centres import Centre
from shared.reference.group_names import group_name
from shared.reference.policy import Policy


@dataclass(frozen=True)
class Version:
    """
    One version of a policy.

    Attributes:
        by: The username; None if it came from the installation's file.
    """

    number: int
    policy: Policy
    texts: CentreTexts
    since: datetime
    by: str | None


@dataclass(frozen=True)
class KeptVersion:
    """
    A version that running groups keep.

    Attributes:
        since: When it began to hold; None if that is not known.
        names: The groups, by place and time.
    """

    version: str
    since: datetime | None
    names: tuple[str, ...]


async def versions(session: AsyncSession, centre: Centre) -> list[Version]:
    """Return all versions of a centre, the newest first."""
    return [_version(row) for row in await policies.of_centre(session, centre.id)]


async def newest_number(session: AsyncSession, centre: Centre) -> int:
    """Return the number of the version that holds; 0 before the first one."""
    newest = await policies.newest(session, centre.id)
    return newest.number if newest else 0


async def kept_versions(
    session: AsyncSession, centre: Centre, locale: str, *, current_too: bool = False
) -> list[KeptVersion]:
    """
    Return the versions that groups keep which have not ended, the newest first.

    Args:
        session: The transaction.
        centre: As it is now.
        locale: Of the names.
        current_too: True if the version that holds now is about to become an older one.
    """
    except_version = "" if current_too else centre.policy.version
    by_version: dict[str, list[str]] = {}
    for row in await policies.running_groups(session, centre.id, except_version):
        by_version.setdefault(row.policy_version or "", []).append(await _name(session, centre, row, locale))
    since = {row.version: row.created_at for row in await policies.of_centre(session, centre.id)}
    order = list(since)
    return [
        KeptVersion(version, since.get(version), _numbered(names))
        for version, names in sorted(
            by_version.items(), key=lambda item: order.index(item[0]) if item[0] in since else len(order)
        )
    ]


def _numbered(names: list[str]) -> tuple[str, ...]:
    """Return the names in order, with a number at the second and later ones of the same name."""
    numbered: list[str] = []
    for name in sorted(names):
        same = sum(other == name or other.startswith(f"{name} (") for other in numbered)
        numbered.append(f"{name} ({same + 1})" if same else name)
    return tuple(numbered)


async def _name(session: AsyncSession, centre: Centre, row: GroupPolicy, locale: str) -> str:
    meeting = await group_meetings.get(session, row.group_id)
    places = (area.place(row.place or "") for area in centre.areas)
    place = next(filter(None, places), None)
    if place is not None:
        name = place.name
    elif meeting is not None and meeting.place_text:
        name = meeting.place_text.split(",")[0].split(".")[0]
    else:
        name = centre.name
    return group_name(name, row.slot or "", meeting.starts_at if meeting else None, locale) if row.slot else name


def _version(row: PolicyVersion) -> Version:
    return Version(
        row.number, Policy.from_data(row.policy), CentreTexts.from_data(row.texts), row.created_at, row.created_by
    )
