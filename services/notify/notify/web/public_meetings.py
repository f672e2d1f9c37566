"""The public page of a centre's meetings, and its calendar feed: time and place, and nobody who comes."""

from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from notify.calendar import Entry, calendar_file
from notify.domain.kontaktmoter.meetings import Audience, State
from notify.queries import kontaktmoter as queries
from notify.store import KontaktmoteRow
from notify.web.deps import Deps, PublicCentre, WebDeps
from shared.kit.addresses import to_ascii
from shared.kit.i18n import N_
from shared.reference.centres import Centre

router = APIRouter(include_in_schema=False)

TITLES = {
    Audience.ACTIVE_GROUPS: N_("Kontaktmøte"),
    Audience.CHOSEN_GROUPS: N_("Kontaktmøte"),
    Audience.IGANGSETTERE: N_("Møte for igangsettere"),
    Audience.WAITING: N_("Orienteringsmøte"),
}


@router.get("/moter/{centre_id}")
async def show_meetings(request: Request, deps: WebDeps, centre: PublicCentre) -> Response:
    """Show the meetings that a centre has put on its public page."""
    rows = await _rows(deps, centre)
    gettext = deps.pages.gettext(request)
    meetings = [(gettext(TITLES[Audience(row.audience)]), row, row.state == State.CANCELLED) for row in rows]
    feed = f"/moter/{centre.id}/kalender.ics"
    return deps.pages.html(
        request, "public_meetings.html", centre=centre, meetings=meetings, feed=feed, now=deps.clock.now()
    )


@router.get("/moter/{centre_id}/kalender.ics")
async def feed(request: Request, deps: WebDeps, centre: PublicCentre) -> Response:
    """Return the same as a calendar that programs can subscribe to."""
    gettext = deps.pages.gettext(request)
    organizer = to_ascii(centre.email or deps.organizer, smtputf8=True)
    rows = await _rows(deps, centre)
    entries = [
        Entry(
            meeting_id=row.id,
            sequence=row.sequence,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            title=gettext(TITLES[Audience(row.audience)]),
            place=row.place_text or row.online_url,
            organizer=organizer,
            stamp=_stamp(row),
            cancelled=row.state == State.CANCELLED,
        )
        for row in rows
    ]
    file = calendar_file(entries, "PUBLISH", deps.mail_domain)
    return Response(file, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "max-age=900"})


def _stamp(row: KontaktmoteRow) -> datetime:
    return row.cancelled_at or row.announced_at or row.created_at


async def _rows(deps: Deps, centre: Centre) -> list[KontaktmoteRow]:
    async with deps.database.transaction() as session:
        return list(await queries.public_meetings(session, centre.id, deps.clock.now()))
