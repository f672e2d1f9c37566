"""The search among groups and rooms. Its text is in the body of a form only: somebody may type a name."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from grouping.domain.groups import GroupState
from grouping.queries.groups import GroupRow, group_rows
from grouping.queries.rooms import RoomRow, room_rows
from grouping.web.deps import Check, SignedIn, WebDeps
from shared.kit.web.state import locale_of
from shared.reference.group_names import group_name

PATH: Final = "/stab/grupper/sok"
MOST_FOUND: Final = 50
"""Groups, and rooms, that a page shows."""

LEAST_OF_ID: Final = 6
"""Letters of an id that are enough to mean a group."""

router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def to_list(request: Request, deps: WebDeps, _member: SignedIn) -> Response:
    """Redirect to the list of groups."""
    return deps.pages.redirect(request, "/stab/grupper")


@router.post(PATH)
async def show_results(
    request: Request, deps: WebDeps, member: SignedIn, _check: Check, tekst: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Show the groups and rooms of the member's centres that a text means."""
    words, locale = tekst.casefold().split(), locale_of(request)
    groups: tuple[GroupRow, ...] = ()
    rooms: tuple[RoomRow, ...] = ()
    if words:
        async with deps.database.transaction() as session:
            groups = await group_rows(session, deps.context, member.tenants, tuple(GroupState))
            rooms = await room_rows(session, deps.context, member.tenants)
    found_groups = [row for row in groups if _is_meant(words, _group_texts(row, locale), str(row.group.id))]
    found_rooms = [row for row in rooms if _is_meant(words, f"{row.room.full_address} {row.area.name}")]
    return deps.pages.html(
        request,
        "stab/search.html",
        text=tekst,
        groups=found_groups[:MOST_FOUND],
        rooms=found_rooms[:MOST_FOUND],
        counts=(len(found_groups), len(found_rooms)),
        most=MOST_FOUND,
    )


def _group_texts(row: GroupRow, locale: str) -> str:
    """Return the words by which a group is found: its name, its area and the place of its first meeting."""
    name = group_name(row.place_name, row.group.slot, row.named_at, locale, row.number)
    place = row.start_meeting.place_text if row.start_meeting is not None else ""
    return f"{name} {row.area.name} {place or ''}"


def _is_meant(words: list[str], texts: str, id_: str = "") -> bool:
    """Return True if a text has all words, or if they are the beginning of an id, or an id in an address."""
    folded = texts.casefold()
    if all(word in folded for word in words):
        return True
    word = words[-1].rpartition("/")[2]
    return bool(id_) and len(words) == 1 and len(word) >= LEAST_OF_ID and id_.startswith(word)
