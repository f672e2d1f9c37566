"""What the staff sees of the mails: what waits, what went out, what went wrong, and whom to call."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.responses import Response

from notify.contacts import Contacts, ContactsAwayError
from notify.domain.delivery import Status
from notify.domain.kinds import Kind
from notify.rendering import Rendered, Renderer
from notify.store import Mail, queue
from notify.usecases import mails as work
from notify.usecases.sending import letter_of
from shared.errors import DomainError
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.i18n import N_
from shared.kit.staff import StaffMember
from shared.kit.web import auth, csrf
from shared.kit.web.pages import Pages
from shared.reference.centres import Centres
from shared.reference.roles import Role

MOST_SHOWN: Final = 200
_TOKEN: Final = re.compile(r"(/(?:meld-av|plass|bekreft)/)[\w-]+")
"""A link answers in the recipient's name; whoever only looks at the mail must not be able to."""

Coordinator = Annotated[StaffMember, Depends(auth.require(Role.KOORDINATOR, Role.ADMIN))]
Check = Annotated[csrf.FormCheck, Depends(csrf.protect)]
List = Literal["ring", "feil", "uvisst", "ko", "sendt", "stoppet"]

LISTS: Final[dict[str, tuple[str, tuple[Status, ...]]]] = {
    "ring": (N_("Ring"), (Status.CALL,)),
    "feil": (N_("Feilet"), (Status.FAILED,)),
    "uvisst": (N_("Uvisst"), (Status.UNKNOWN,)),
    "ko": (N_("I kø"), (Status.QUEUED, Status.RETRY, Status.SENDING)),
    "sendt": (N_("Sendt"), (Status.SENT, Status.CALLED)),
    "stoppet": (N_("Stoppet"), (Status.CANCELLED,)),
}
"""The lists, by the word in the address: what needs somebody first."""

KINDS: Final[dict[Kind, str]] = {
    Kind.ADDRESS_TO_CONFIRM: N_("Bekreft adressen"),
    Kind.TALK_TO_COME: N_("Noe gjenstår før listen"),
    Kind.ON_THE_LIST: N_("Står på listen"),
    Kind.SEAT_OFFERED: N_("Tilbud om plass"),
    Kind.GROUP_CONFIRMED: N_("Tid og sted"),
    Kind.MEETING_TOMORROW: N_("Påminnelse"),
    Kind.PLAN_CHANGED: N_("Endret plan"),
    Kind.START_CANCELLED: N_("Ble ikke noe av"),
    Kind.GOODBYE: N_("Meldt av"),
}

STATES: Final[dict[Status, str]] = {
    Status.QUEUED: N_("i kø"),
    Status.SENDING: N_("sendes nå"),
    Status.SENT: N_("sendt"),
    Status.RETRY: N_("prøves igjen"),
    Status.FAILED: N_("feilet"),
    Status.UNKNOWN: N_("uvisst om den kom fram"),
    Status.CANCELLED: N_("stoppet"),
    Status.CALL: N_("ring"),
    Status.CALLED: N_("ringt"),
}

REASONS: Final[dict[str, str]] = {
    "outcome_unknown": N_("Linjen ble brutt før postserveren svarte. Den kan ha tatt imot likevel."),
    "no_email": N_("Personen har ingen e-postadresse."),
    "address_refused": N_("Adressen er avvist to ganger. Rett den hos personen, og send på nytt."),
    "person_gone": N_("Personen er slettet."),
    "withdrawn": N_("Personen har meldt seg av."),
    "expired": N_("Det var for sent til at den ga mening."),
    "answered": N_("Spørsmålet er besvart."),
    "told_already": N_("Det samme sto i en tidligere e-post."),
    "never_told": N_("Personen hadde ikke hørt om planen."),
    "too_late": N_("Møtet var allerede for nært."),
    "overtaken": N_("Noe nyere gjelder."),
    "plan_changed": N_("Planen er endret."),
    "group_started": N_("Møtet er holdt."),
    "group_cancelled": N_("Planen er avlyst."),
    "by_staff": N_("Stoppet av en medarbeider."),
    "not_made": N_("E-posten kunne ikke lages. Si fra til den som drifter systemet."),
}

ACTIONS: Final[dict[str, str]] = {
    "mail.previewed": N_("Så på innholdet"),
    "mail.cancelled": N_("Stoppet den"),
    "mail.retried": N_("Sendte på nytt"),
    "mail.called": N_("Ringte"),
}

SENTENCES: Final = {
    "mail_not_open": N_("E-posten er ute allerede, eller sendes akkurat nå."),
    "mail_not_stuck": N_("E-posten trenger ikke sendes på nytt."),
    "nothing_to_call_about": N_("Dette er det ringt om."),
}
"""What to say when a rule refuses, by its slug."""


@dataclass(frozen=True)
class Line:
    """A mail as the lists show it: by opaque ids, never by name."""

    mail: Mail
    kind: str
    state: str
    reason: str

    @property
    def open(self) -> bool:
        """Whether it can still be stopped."""
        return self.mail.next_at is not None

    @property
    def stuck(self) -> bool:
        """Whether it takes a person to send it."""
        status = Status(self.mail.status)
        return status in {Status.FAILED, Status.CALL} or (status is Status.UNKNOWN and not self.open)

    @property
    def to_call(self) -> bool:
        """Whether the centre is to call."""
        return self.mail.status == Status.CALL.value


class Desk:
    """What the pages need."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        pages: Pages,
        *,
        contacts: Contacts,
        renderer: Renderer,
        centres: Centres,
    ) -> None:
        self.database = database
        self.clock = clock
        self.pages = pages
        self.contacts = contacts
        self.renderer = renderer
        self.centres = centres

    def line(self, request: Request, mail: Mail) -> Line:
        """A mail in the reader's words."""
        _ = self.pages.gettext(request)
        reason = REASONS.get(mail.reason or "")
        return Line(
            mail,
            kind=_(KINDS[Kind(mail.kind)]),
            state=_(STATES[Status(mail.status)]),
            reason=_(reason) if reason else self._code(request, mail.reason),
        )

    def _code(self, request: Request, reason: str | None) -> str:
        if reason and reason.isdigit():
            return self.pages.gettext(request)(N_("Postserveren svarte %(code)s.")) % {"code": reason}
        seat_released = reason is not None and reason.startswith("seat_")
        return self.pages.gettext(request)(N_("Plassen er gitt fra seg.")) if seat_released else ""

    async def preview(self, session: AsyncSession, mail: Mail) -> Rendered | None:
        """The mail as it would be now; None where the person or the centre is not known any more."""
        people = await self.contacts.resolve([mail.person_id])
        contact = people.get(mail.person_id)
        if contact is None:
            return None
        letter = await letter_of(session, mail, contact, self.centres, self.clock.now())
        if letter is None:
            return None
        rendered = self.renderer.render(letter)
        return replace(rendered, text=_TOKEN.sub(r"\1…", rendered.text))


def router(desk: Desk) -> APIRouter:  # noqa: C901 - a table of routes
    """``/stab/post``; another centre's mails are not found."""
    routes = APIRouter(include_in_schema=False)
    pages = desk.pages

    async def find(session: AsyncSession, mail_id: UUID, centres: Collection[str]) -> Mail:
        try:
            return await work.find(session, mail_id, centres=centres)
        except DomainError:
            raise HTTPException(404) from None

    @routes.get("/stab/post")
    async def mails(request: Request, member: Coordinator, vis: List = "ko") -> Response:
        async with desk.database.transaction() as session:
            counts = await queue.counts(session, centres=member.tenants)
            rows = await queue.newest(session, LISTS[vis][1], centres=member.tenants, limit=MOST_SHOWN)
        _ = pages.gettext(request)
        tabs = [
            (word, _(name), sum(counts.get(status, 0) for status in statuses), word == vis)
            for word, (name, statuses) in LISTS.items()
        ]
        lines = [desk.line(request, row) for row in rows]
        return pages.html(request, "mails.html", tabs=tabs, lines=lines, most=MOST_SHOWN)

    @routes.get("/stab/post/{mail_id}")
    async def mail(request: Request, member: Coordinator, mail_id: UUID) -> Response:
        async with desk.database.transaction() as session:
            row = await find(session, mail_id, member.tenants)
            actions = await work.history(session, row)
        return _page(request, row, actions)

    @routes.post("/stab/post/{mail_id}/se")
    async def preview(request: Request, member: Coordinator, _check: Check, mail_id: UUID) -> Response:
        away, rendered = False, None
        async with desk.database.transaction() as session:
            row = await find(session, mail_id, member.tenants)
            await work.note_preview(session, row, username=member.username, now=desk.clock.now())
        async with desk.database.transaction() as session:
            try:
                rendered = await desk.preview(session, row)
            except ContactsAwayError:
                away = True
            actions = await work.history(session, row)
        response = _page(request, row, actions, rendered=rendered, away=away, looked=True)
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.post("/stab/post/{mail_id}/stopp")
    async def cancel(request: Request, member: Coordinator, _check: Check, mail_id: UUID) -> Response:
        async with desk.database.transaction() as session:
            await work.cancel(session, mail_id, centres=member.tenants, username=member.username, now=desk.clock.now())
        return pages.redirect(request, f"/stab/post/{mail_id}")

    @routes.post("/stab/post/{mail_id}/igjen")
    async def retry(request: Request, member: Coordinator, _check: Check, mail_id: UUID) -> Response:
        async with desk.database.transaction() as session:
            await work.retry(session, mail_id, centres=member.tenants, username=member.username, now=desk.clock.now())
        return pages.redirect(request, f"/stab/post/{mail_id}")

    @routes.post("/stab/post/{mail_id}/ringt")
    async def called(request: Request, member: Coordinator, _check: Check, mail_id: UUID) -> Response:
        async with desk.database.transaction() as session:
            await work.note_called(
                session, mail_id, centres=member.tenants, username=member.username, now=desk.clock.now()
            )
        return pages.redirect(request, f"/stab/post/{mail_id}")

    def _page(
        request: Request,
        row: Mail,
        actions: Collection[object],
        *,
        rendered: Rendered | None = None,
        away: bool = False,
        looked: bool = False,
    ) -> Response:
        _ = pages.gettext(request)
        return pages.html(
            request,
            "mail.html",
            line=desk.line(request, row),
            actions=actions,
            action_names={word: _(name) for word, name in ACTIONS.items()},
            rendered=rendered,
            away=away,
            looked=looked,
        )

    return routes
