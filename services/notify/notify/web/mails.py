"""Staff pages about mails: the lists, one mail, its preview, and what staff can do with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from notify.contacts import ContactsAwayError
from notify.domain.delivery import Status, is_stuck, set_aside
from notify.queries import mails as mail_queries
from notify.rendering import Rendered
from notify.store import Mail, audit_log
from notify.usecases import mails as mail_usecases
from notify.web.deps import Acting, Check, CoordinatorOrAdmin, Deps, OwnMail, WebDeps
from notify.web.labels import LANGUAGES, LISTS, STATES, ListName, reason_text
from notify.web.masking import masked
from shared.errors import NotFoundError
from shared.kit.i18n import N_
from shared.kit.web.next_page import Next

MOST_SHOWN: Final = 200

_SECRET_LABEL: Final = N_("Melding til gruppa")

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class MailRow:
    """
    A mail in a list: opaque ids, never a name.

    Attributes:
        readable: True if staff may see what it says.
        answerable: True if the mail asks or tells something that a person may phone back about.
    """

    mail: Mail
    kind: str
    state: str
    reason: str
    language: str
    answerable: bool
    readable: bool

    @property
    def open(self) -> bool:
        """True if the mail can still be cancelled."""
        return self.mail.next_at is not None

    @property
    def stuck(self) -> bool:
        """True if staff can send the mail once more."""
        return is_stuck(self.mail.delivery)

    @property
    def aside(self) -> bool:
        """True if staff can leave the mail as it is."""
        return set_aside(self.mail.delivery) is not None and self.mail.reason != "by_staff"

    @property
    def to_call(self) -> bool:
        """True if the centre is to call instead."""
        return self.mail.status == Status.CALL.value

    @property
    def path(self) -> str:
        """The page on which staff go on: the call, or the mail itself."""
        return f"/stab/ring/{self.mail.id}" if self.to_call else f"/stab/post/{self.mail.id}"


@dataclass(frozen=True)
class Preview:
    """A mail as it would be sent now; ``rendered`` is None for an unknown person, or while intake is ``away``."""

    rendered: Rendered | None = None
    away: bool = False


@router.get("/stab/post")
async def list_mails(request: Request, deps: WebDeps, member: CoordinatorOrAdmin, vis: ListName = "ko") -> Response:
    """Show the newest mails in one list, and the size of each list."""
    async with deps.database.transaction() as session:
        counts = await mail_queries.counts(session, deps.registry, member.tenants)
        mails = await mail_queries.newest(session, deps.registry, LISTS[vis].statuses, member.tenants, MOST_SHOWN)
    gettext = deps.pages.gettext(request)
    tabs = [
        (name, gettext(tab.label), sum(counts.get(status, 0) for status in tab.statuses), name == vis)
        for name, tab in LISTS.items()
    ]
    rows = [_row(deps, gettext, mail) for mail in mails]
    return deps.pages.html(request, "stab/mails.html", tabs=tabs, rows=rows, most=MOST_SHOWN)


@router.get("/stab/post/{mail_id}")
async def show_mail(request: Request, deps: WebDeps, mail: OwnMail) -> Response:
    """Show one mail without its contents."""
    return await _page(request, deps, mail)


@router.post("/stab/post/{mail_id}/se")
async def preview_mail(request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check) -> Response:
    """Show one mail with its contents; the audit log names the reader."""
    async with deps.database.transaction() as session:
        await mail_usecases.preview(session, mail.id, actor=actor)
    spec = deps.registry.get(mail.kind)
    if spec is not None and spec.secret:
        raise NotFoundError("unknown_mail", mail_id=mail.id)
    response = await _page(request, deps, mail, await _preview(deps, mail))
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/stab/post/{mail_id}/stopp")
async def cancel_mail(request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check) -> Response:
    """Cancel an open mail."""
    async with deps.database.transaction() as session:
        await mail_usecases.cancel(session, mail.id, actor=actor)
    return deps.pages.redirect(request, f"/stab/post/{mail.id}")


@router.post("/stab/post/{mail_id}/igjen")
async def retry_mail(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Send a stuck mail once more."""
    async with deps.database.transaction() as session:
        await mail_usecases.retry(session, deps.registry, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/post/{mail.id}"))


@router.post("/stab/post/{mail_id}/la-ligge")
async def set_mail_aside(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Leave a stuck mail as it is."""
    async with deps.database.transaction() as session:
        await mail_usecases.set_aside(session, deps.registry, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/post/{mail.id}"))


async def _preview(deps: Deps, mail: Mail) -> Preview:
    try:
        contact = (await deps.contacts.resolve([mail.person_id])).get(mail.person_id)
    except ContactsAwayError:
        return Preview(away=True)
    if contact is None:
        return Preview()
    async with deps.database.transaction() as session:
        content = await mail_queries.content(
            session, deps.registry, mail, contact, deps.directory.current(), deps.clock.now()
        )
    if content is None:
        return Preview()
    rendered = deps.renderer.render(content)
    return Preview(replace(rendered, text=masked(rendered.text)))


async def _page(request: Request, deps: Deps, mail: Mail, preview: Preview | None = None) -> Response:
    async with deps.database.transaction() as session:
        history = await mail_queries.history(session, mail.id)
    gettext = deps.pages.gettext(request)
    acts = [(entry, gettext(audit_log.sentence(entry.action))) for entry in history]
    return deps.pages.html(request, "stab/mail.html", row=_row(deps, gettext, mail), acts=acts, preview=preview)


def _row(deps: Deps, gettext: Callable[[str], str], mail: Mail) -> MailRow:
    spec = deps.registry.get(mail.kind)
    return MailRow(
        mail,
        kind=mail.kind if spec is None else gettext(_SECRET_LABEL if spec.secret else spec.label),
        state=gettext(STATES[Status(mail.status)]),
        reason=reason_text(mail.reason, gettext, retried=mail.status == Status.RETRY.value),
        language=gettext(LANGUAGES[mail.language]),
        answerable=spec is not None and spec.call is not None,
        readable=spec is None or not spec.secret,
    )
