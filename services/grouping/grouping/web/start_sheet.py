"""The start sheet: a page for members and staff, for print and as a file; and the choice that a group uses it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries.start_sheet import StartSheet, sheet_of_group, sheet_of_member
from grouping.usecases import self_start
from grouping.web.deps import Deps, OwnGroup, SeatLink, StaffPress, WebDeps
from grouping.web.start_sheet_words import HEADINGS, LEAD, SENTENCES, TITLE
from shared.kit.i18n import N_, format_clock, format_when
from shared.kit.pdf import Document
from shared.kit.web.locale import localised
from shared.kit.web.state import locale_of
from shared.reference import helplines
from shared.reference.centres import Centre
from shared.reference.helplines import Helpline
from shared.reference.page_globals import STRIP_LINES

router = APIRouter(include_in_schema=False)

_WHEN: Final = N_("Når")
_WHERE: Final = N_("Hvor")
_WHEN_WORDS: Final = N_("%(when)s, til kl. %(until)s")
_MARGIN_MM: Final = 16
_SIZE: Final = 10.8


@dataclass(frozen=True)
class SheetPart:
    """One part of the sheet in words; see :class:`grouping.domain.start_sheet.Section`."""

    heading: str
    points: tuple[str, ...]
    ordered: bool
    lines: int
    page: int


@dataclass(frozen=True)
class SheetText:
    """The whole sheet in one language; ``facts`` are terms with their values."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[SheetPart, ...]


@router.get("/plass/{token}/startark")
async def show_sheet(request: Request, deps: WebDeps, seat_id: SeatLink, token: str) -> Response:
    """Show the start sheet of a member's group; to others, the page of their seat."""
    sheet = await _of_member(deps, seat_id)
    if sheet is None:
        return deps.pages.redirect(request, f"/plass/{token}")
    return _page(request, deps, sheet, f"/plass/{token}/startark.pdf", back=f"/plass/{token}")


@router.get("/plass/{token}/startark.pdf")
async def download_sheet(request: Request, deps: WebDeps, seat_id: SeatLink, token: str) -> Response:
    """Return the start sheet of a member's group as a file."""
    sheet = await _of_member(deps, seat_id)
    if sheet is None:
        return deps.pages.redirect(request, f"/plass/{token}")
    return _file(request, deps, sheet)


@router.get("/stab/grupper/{group_id}/startark")
async def show_sheet_to_staff(request: Request, deps: WebDeps, group: OwnGroup) -> Response:
    """Show the start sheet of a group to staff, who may print it for members without e-mail."""
    async with deps.database.transaction() as session:
        sheet = await sheet_of_group(session, deps.context, group.id)
    if sheet is None:
        return deps.pages.redirect(request, group.path)
    return _page(request, deps, sheet, f"{group.path}/startark.pdf", back=group.path)


@router.get("/stab/grupper/{group_id}/startark.pdf")
async def download_sheet_for_staff(request: Request, deps: WebDeps, group: OwnGroup) -> Response:
    """Return the start sheet of a group as a file to staff."""
    async with deps.database.transaction() as session:
        sheet = await sheet_of_group(session, deps.context, group.id)
    if sheet is None:
        return deps.pages.redirect(request, group.path)
    return _file(request, deps, sheet)


@router.post("/stab/grupper/{group_id}/uten-igangsetter")
async def choose_self_start(press: StaffPress, valg: Annotated[Literal["ja", "nei"], Form()]) -> Response:
    """Record that a group starts without an igangsetter, or that it waits for one again."""
    return await press.do(self_start.set_self_start, chosen=valg == "ja", actor=press.actor)


async def _of_member(deps: Deps, seat_id: SeatLink) -> StartSheet | None:
    if seat_id is None:
        raise HTTPException(404)
    async with deps.database.transaction() as session:
        return await sheet_of_member(session, deps.context, seat_id)


def _page(request: Request, deps: Deps, sheet: StartSheet, pdf: str, *, back: str) -> Response:
    text = _words(request, deps, sheet)
    response = deps.pages.html(
        request,
        "start_sheet.html",
        sheet=text,
        centre=sheet.centre,
        pages=[[part for part in text.parts if part.page == page] for page in (1, 2)],
        pdf=localised(locale_of(request), pdf),
        back=back,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _file(request: Request, deps: Deps, sheet: StartSheet) -> Response:
    content = document(_words(request, deps, sheet), sheet.centre, locale_of(request), deps.clock.now()).finish()
    headers = {"Content-Disposition": 'attachment; filename="startark.pdf"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


def _words(request: Request, deps: Deps, sheet: StartSheet) -> SheetText:
    return sheet_text(sheet, locale_of(request), deps.pages.gettext(request), _help_lines())


@cache
def _help_lines() -> tuple[Helpline, ...]:
    """Return the lines for everyone that every public page shows."""
    return tuple(islice((line for line in helplines.load() if line.audience == "everyone"), STRIP_LINES))


def sheet_text(sheet: StartSheet, locale: str, _: Callable[[str], str], lines: tuple[Helpline, ...]) -> SheetText:
    """Return the sheet in a language; ``lines`` are the help lines that it names."""
    meeting, centre = sheet.start_meeting, sheet.centre
    hours = centre.phone_hours(locale)
    contact = [f"{centre.phone} ({hours})" if hours else centre.phone, centre.email]
    values = {
        "clock": format_clock(meeting.starts_at, locale),
        "minutes": sheet.policy.meeting_minutes,
        "centre": centre.name,
        "contact": ", ".join(word for word in contact if word),
        "lines": ", ".join(f"{line.called(locale)} {line.number}" for line in lines),
    }

    def sentence(name: str) -> str:
        return sheet.way_in if name == "way_in" else _(SENTENCES[name]) % values

    when = {"when": format_when(meeting.starts_at, locale), "until": format_clock(meeting.ends_at, locale)}
    return SheetText(
        title=_(TITLE),
        lead=_(LEAD),
        facts=((_(_WHEN), _(_WHEN_WORDS) % when), (_(_WHERE), centre.in_language(meeting.place_text, locale))),
        parts=tuple(
            SheetPart(
                _(HEADINGS[section.part]),
                tuple(sentence(point) for point in section.points if point != "call_the_centre" or values["contact"]),
                section.ordered,
                section.lines,
                section.page,
            )
            for section in sheet.sections
        ),
    )


def document(text: SheetText, centre: Centre, locale: str, now: datetime) -> Document:
    """Return the sheet as a document of two pages, with the name of the centre in its colour on top."""
    pdf = Document(text.title, locale, now, margin_mm=_MARGIN_MM, owner=centre.name, color=centre.branding.color)
    pdf.space(1)
    pdf.line(text.lead, _SIZE)
    pdf.space(2)
    for term, value in text.facts:
        pdf.line(f"{term}: {value}", _SIZE)
    page = 1
    for part in text.parts:
        if part.page != page:
            pdf.new_page()
            page = part.page
        pdf.heading(part.heading, 13)
        for number, point in enumerate(part.points, 1):
            pdf.point(f"{number}." if part.ordered else "•", point, _SIZE)
            pdf.space(0.8)
        for _line in range(part.lines):
            pdf.rule(7)
        if part.lines:
            pdf.space(2)
    return pdf
