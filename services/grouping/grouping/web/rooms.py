"""Pages of rooms."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from grouping.queries.rooms import RoomRow, room_rows
from grouping.store import audit_log
from grouping.usecases import rooms
from grouping.web.deps import Acting, Check, Deps, LooseCheck, OwnRoom, SignedIn, WebDeps
from grouping.web.forms import NAME_TAKEN, ROOM_LABELS, RoomForm, back_to, room_form, stale
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.staff import StaffMember
from shared.kit.web import forms
from shared.kit.web.csrf import FormCheck
from shared.kit.web.lists import ChosenList, Column, list_file, listed, ordered
from shared.kit.web.next_page import Next, NextInQuery, NextPage
from shared.kit.web.state import locale_of
from shared.reference import slots
from shared.reference.group_names import group_name

ROOMS: Final = "/stab/rom"

router = APIRouter(include_in_schema=False)


@router.get(ROOMS)
async def list_rooms(request: Request, deps: WebDeps, member: SignedIn, choice: ChosenList) -> Response:
    """List the rooms of the member's centres."""
    async with deps.database.transaction() as session:
        rows = await room_rows(session, deps.context, member.tenants)
    listing = listed(ROOMS, _columns(request, deps), rows, choice, {})
    return deps.pages.html(request, "stab/rooms.html", listing=listing)


@router.post(ROOMS)
async def download_rooms(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    _check: Check,
    choice: ChosenList,
    som: Annotated[str, Form()] = "",
) -> Response:
    """Return the list as a file; recorded."""
    columns = _columns(request, deps)
    async with deps.database.transaction() as session:
        rows = ordered(columns, await room_rows(session, deps.context, member.tenants), choice)
        return await list_file(session, audit_log, columns, rows, "rom", som, centres=member.tenants, actor=actor)


def _columns(request: Request, deps: Deps) -> list[Column[RoomRow]]:
    _, locale = deps.pages.gettext(request), locale_of(request)

    def names(row: RoomRow) -> list[str]:
        groups = map(row.named, row.groups)
        return [group_name(name, group.slot, at, locale, number) for group, name, at, number in groups]

    return [
        Column(
            "rom", _("Rom"), lambda row: f"{row.room.name}, {row.room.address}", lambda row: row.room.name.casefold()
        ),
        Column("omrade", _("Område"), lambda row: row.area.name, lambda row: row.area.name),
        Column("plasser", _("Plasser"), lambda row: row.room.seats, lambda row: row.room.seats),
        Column("grupper", _("Grupper som har det"), lambda row: "; ".join(names(row)), lambda row: len(row.groups)),
        Column("ledig", _("Ledig"), _free(_, locale), lambda row: len(row.free_slots)),
    ]


def _free(_: Callable[[str], str], locale: str) -> Callable[[RoomRow], str]:
    def cell(row: RoomRow) -> str:
        free = ", ".join(slots.label(slot, locale) for slot in row.free_slots)
        return free if row.room.active else _("pause")

    return cell


@router.get(f"{ROOMS}/nytt")
async def show_empty_form(request: Request, deps: WebDeps, member: SignedIn, next_page: NextInQuery) -> Response:
    """Show the form for a new room."""
    areas = _areas(deps, member)
    area = areas[0][0] if len(areas) == 1 else ""
    return _page(request, deps, member, room_form(request, None, area), None, next_page)


@router.post(f"{ROOMS}/nytt")
async def add_room(
    request: Request, deps: WebDeps, member: SignedIn, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Add a room."""
    return await _save(request, deps, member, actor, check, None, next_page)


@router.get(f"{ROOMS}/uke")
async def show_week(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """Show an ordinary week of each room: which group has it when, and when it is free."""
    async with deps.database.transaction() as session:
        rows = await room_rows(session, deps.context, member.tenants)
    return deps.pages.html(request, "stab/room_week.html", rows=rows, week=slots.WEEKDAYS, locale=locale_of(request))


@router.get(f"{ROOMS}/{{room_id}}")
async def show_room(
    request: Request, deps: WebDeps, member: SignedIn, row: OwnRoom, next_page: NextInQuery
) -> Response:
    """Show one room."""
    return _page(request, deps, member, room_form(request, row.room, row.area.id), row, next_page)


@router.post(f"{ROOMS}/{{room_id}}")
async def change_room(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    row: OwnRoom,
    actor: Acting,
    check: LooseCheck,
    next_page: Next,
) -> Response:
    """Change a room."""
    return await _save(request, deps, member, actor, check, row, next_page)


@router.post(f"{ROOMS}/{{room_id}}/pause")
async def pause_room(
    request: Request, deps: WebDeps, row: OwnRoom, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Pause a room."""
    async with deps.database.transaction() as session:
        await rooms.pause_room(session, deps.context, row.room.id, active=False, actor=actor)
    return deps.pages.redirect(request, next_page.after(ROOMS))


@router.post(f"{ROOMS}/{{room_id}}/tilbake")
async def resume_room(
    request: Request, deps: WebDeps, row: OwnRoom, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Let a paused room be used again."""
    async with deps.database.transaction() as session:
        await rooms.pause_room(session, deps.context, row.room.id, active=True, actor=actor)
    return deps.pages.redirect(request, next_page.after(ROOMS))


@router.post(f"{ROOMS}/{{room_id}}/slett")
async def delete_room(
    request: Request, deps: WebDeps, row: OwnRoom, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Delete a room that no group has had."""
    async with deps.database.transaction() as session:
        await rooms.remove_room(session, deps.context, row.room.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(ROOMS))


async def _save(
    request: Request,
    deps: Deps,
    member: StaffMember,
    actor: Actor,
    check: FormCheck,
    row: RoomRow | None,
    next_page: NextPage,
) -> Response:
    submission = await forms.submitted(request, RoomForm, ROOM_LABELS)
    form, room = submission.form, submission.model
    if not check.fresh:
        return _page(request, deps, member, stale(request, deps.pages, form), row, next_page)
    if room is None:
        return _page(request, deps, member, form, row, next_page)
    if room.area not in dict(_areas(deps, member)) or (row is not None and row.area.id != room.area):
        raise NotFoundError("unknown_area", area=room.area)
    room_id = row.room.id if row is not None else None
    try:
        async with deps.database.transaction() as session:
            saved = await rooms.save_room(session, deps.context, room.area, room.details, room_id=room_id, actor=actor)
    except DomainError as error:
        if error.slug != "name_taken":
            raise
        form = form.refusing("name", deps.pages.gettext(request)(NAME_TAKEN))
        return _page(request, deps, member, form, row, next_page)
    earlier = room_form(request, row.room, row.area.id) if row is not None else None
    back = back_to(f"{ROOMS}/{saved}", earlier)
    return deps.pages.redirect(request, next_page.after(ROOMS), back)


def _page(
    request: Request, deps: Deps, member: StaffMember, form: forms.Form, row: RoomRow | None, next_page: NextPage
) -> Response:
    return deps.pages.html(
        request, "stab/room.html", form=form, row=row, next_page=next_page, areas=_areas(deps, member)
    )


def _areas(deps: Deps, member: StaffMember) -> list[tuple[str, str]]:
    """Return id and name of each area that the member can register rooms in."""
    return [
        (area.id, area.name)
        for centre in deps.context.centres.all
        if member.covers(centre.id)
        for area in sorted(centre.areas, key=lambda area: area.name)
    ]
