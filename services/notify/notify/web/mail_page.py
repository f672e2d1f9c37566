"""The staff page of one mail: how it stands, what it says, and what staff can do with it."""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from notify.contacts import ContactsAwayError
from notify.queries import mails as queries
from notify.rendering import Rendered
from notify.store import Mail, audit_log
from notify.usecases import mails
from notify.web.deps import Acting, Check, Deps, OwnMail, WebDeps
from notify.web.mail_filters import LIST
from notify.web.mail_rows import rows_of
from notify.web.masking import masked
from shared.errors import NotFoundError
from shared.kit.web import timeline
from shared.kit.web.next_page import Next

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Preview:
    """A mail as it would be sent now; ``rendered`` is None for an unknown person, or while intake is ``away``."""

    rendered: Rendered | None = None
    away: bool = False


@router.get(f"{LIST}/{{mail_id}}")
async def show_mail(request: Request, deps: WebDeps, mail: OwnMail) -> Response:
    """Show one mail without its contents."""
    return await _page(request, deps, mail)


@router.post(f"{LIST}/{{mail_id}}/se")
async def preview_mail(request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check) -> Response:
    """Show one mail with its contents; the audit log names the reader."""
    async with deps.database.transaction() as session:
        await mails.preview(session, mail.id, actor=actor)
    spec = deps.registry.get(mail.kind)
    if spec is not None and spec.secret:
        raise NotFoundError("unknown_mail", mail_id=mail.id)
    response = await _page(request, deps, mail, await _preview(deps, mail))
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post(f"{LIST}/{{mail_id}}/stopp")
async def cancel_mail(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Cancel an open mail."""
    async with deps.database.transaction() as session:
        await mails.cancel(session, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"{LIST}/{mail.id}"))


@router.post(f"{LIST}/{{mail_id}}/hold")
async def hold_mail(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Hold a waiting mail."""
    async with deps.database.transaction() as session:
        await mails.hold(session, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"{LIST}/{mail.id}"))


@router.post(f"{LIST}/{{mail_id}}/slipp")
async def release_mail(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Release a held mail."""
    async with deps.database.transaction() as session:
        await mails.release(session, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"{LIST}/{mail.id}"))


@router.post(f"{LIST}/{{mail_id}}/igjen")
async def retry_mail(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Send a stuck mail once more."""
    async with deps.database.transaction() as session:
        await mails.retry(session, deps.registry, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"{LIST}/{mail.id}"))


@router.post(f"{LIST}/{{mail_id}}/ring")
async def call_instead(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Tell on the phone what a stuck mail says; the page of the call follows."""
    async with deps.database.transaction() as session:
        await mails.call_instead(session, deps.registry, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/ring/{mail.id}"))


@router.post(f"{LIST}/{{mail_id}}/la-ligge")
async def set_mail_aside(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Leave a stuck mail as it is."""
    async with deps.database.transaction() as session:
        await mails.set_aside(session, deps.registry, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"{LIST}/{mail.id}"))


async def _preview(deps: Deps, mail: Mail) -> Preview:
    try:
        contact = (await deps.contacts.resolve([mail.person_id])).get(mail.person_id)
    except ContactsAwayError:
        return Preview(away=True)
    if contact is None:
        return Preview()
    async with deps.database.transaction() as session:
        content = await queries.content(
            session, deps.registry, mail, contact, deps.directory.current(), deps.clock.now()
        )
    if content is None:
        return Preview()
    rendered = deps.renderer.render(content)
    return Preview(replace(rendered, text=masked(rendered.text)))


async def _page(request: Request, deps: Deps, mail: Mail, preview: Preview | None = None) -> Response:
    async with deps.database.transaction() as session:
        view = await queries.mail_view(session, deps.registry, deps.directory.current(), mail, deps.clock.now())
        history = await queries.history(session, mail.id)
    gettext = deps.pages.gettext(request)
    moments = timeline.acts(gettext, audit_log, history)
    (row,) = rows_of(deps, request, [view])
    return deps.pages.html(request, "stab/mail.html", row=row, moments=moments, preview=preview, now=deps.clock.now())
