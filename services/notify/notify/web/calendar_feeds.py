"""A private calendar feed: the page on which its owner makes and revokes it, and the feed itself."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from notify.calendar import Entry, calendar_file
from notify.queries import calendar_feeds as queries
from notify.usecases import calendar_feeds
from notify.web.deps import CalendarFeedLink, CalendarLink, LooseCheck, WebDeps
from shared.errors import NotFoundError
from shared.kit.addresses import to_ascii
from shared.kit.i18n import N_
from shared.kit.web import csrf, forms
from shared.kit.web.state import locale_of
from shared.reference.link_purposes import CALENDAR

router = APIRouter(include_in_schema=False)

TITLE = N_("Møte")


class ChoiceForm(BaseModel):
    """The choice of the owner: a feed, or none."""

    valg: Literal["lag", "slutt"]


@router.get("/kalenderlenke/{token}")
async def show_link(request: Request, deps: WebDeps, link_id: CalendarLink, token: str) -> Response:
    """Show the address of the feed, or offer one. Changes nothing."""
    return await _page(request, deps, link_id, token)


@router.post("/kalenderlenke/{token}")
async def choose(request: Request, deps: WebDeps, link_id: CalendarLink, token: str, check: LooseCheck) -> Response:
    """Make the feed, or revoke it."""
    submission = await forms.submitted(request, ChoiceForm, {})
    if link_id is None or submission.model is None:
        return await _page(request, deps, link_id, token)
    if not check.fresh:
        stale = submission.form.saying(deps.pages.gettext(request)(csrf.STALE))
        return await _page(request, deps, link_id, token, stale)
    try:
        async with deps.database.transaction() as session:
            if submission.model.valg == "lag":
                await calendar_feeds.make(session, link_id, now=deps.clock.now())
            else:
                await calendar_feeds.revoke(session, link_id)
    except NotFoundError:
        pass  # the page says that the link has no owner any more
    return deps.pages.redirect(request, f"/kalenderlenke/{token}")


@router.get("/kalender/{token}")
async def show_feed(request: Request, deps: WebDeps, feed_id: CalendarFeedLink) -> Response:
    """
    Return the meetings of the owner as a calendar that programs can subscribe to.

    Raises:
        NotFoundError: ``unknown_feed``, also for a revoked one.
    """
    meetings = None
    if feed_id is not None:
        async with deps.database.transaction() as session:
            meetings = await queries.meetings_of_feed(session, deps.directory.current(), feed_id, deps.clock.now())
    if meetings is None:
        raise NotFoundError("unknown_feed")
    title = deps.pages.gettext(request)(TITLE)
    entries = [
        Entry(
            meeting_id=meeting.id,
            sequence=meeting.sequence,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            title=title,
            place=meeting.place,
            organizer=to_ascii((meeting.centre and meeting.centre.email) or deps.organizer, smtputf8=True),
            stamp=meeting.stamp,
            cancelled=meeting.cancelled,
        )
        for meeting in meetings
    ]
    file = calendar_file(entries, "PUBLISH", deps.mail_domain)
    headers = {"Cache-Control": "private, max-age=900", "Content-Disposition": 'inline; filename="moter.ics"'}
    return Response(file, media_type="text/calendar; charset=utf-8", headers=headers)


async def _page(
    request: Request, deps: WebDeps, link_id: CalendarLink, token: str, form: forms.Form | None = None
) -> Response:
    known, feed_id = False, None
    if link_id is not None:
        async with deps.database.transaction() as session:
            known, feed_id = await queries.feed_of_link(session, link_id)
    url = ""
    if feed_id is not None:
        url = deps.links.url(deps.public_url, locale_of(request), CALENDAR, feed_id)
    return deps.pages.html(
        request,
        "calendar_feed.html",
        (422 if form is not None else 200) if known else 404,
        form=form or forms.blank(request, {}),
        known=known,
        url=url,
        subscribe=f"webcal://{url.partition('://')[2]}" if url else "",
        action=f"/kalenderlenke/{token}",
    )
