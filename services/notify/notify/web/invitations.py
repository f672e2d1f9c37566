"""The pages behind the links of an invitation: GET shows, POST answers or says no to further ones."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from notify.mails.kontaktmoter import ABOUT, TOPICS
from notify.queries.kontaktmoter import InvitationView, invitation_view
from notify.usecases import kontaktmote_replies
from notify.web.deps import Deps, InvitationLink, LooseCheck, NoInvitationsLink, WebDeps
from notify.web.messages import SENTENCES
from shared.errors import DomainError
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.web import csrf, forms
from shared.kit.web.messages import FieldText, Label
from shared.kit.web.state import locale_of
from shared.reference.link_purposes import KONTAKTMOTE, NO_INVITATIONS
from shared.reference.retention import Data, kept_for
from shared.reference.spans import span_words

router = APIRouter(include_in_schema=False)

MOST_PEOPLE: Final = 50
"""The largest number that one invitation can answer with."""

_ONE_CLICK: Final = [("List-Unsubscribe", "One-Click")]
_ONE_CLICK_BODY: Final = b"List-Unsubscribe=One-Click"
"""The whole body that a mail program sends for its own unsubscribe button (RFC 8058)."""

_NUMBER: Final = N_("Skriv hvor mange dere er, fra 1 til 50.")


class AnswerForm(BaseModel):
    """An answer for oneself, or a number for the group."""

    svar: Literal["ja", "nei", "flere"]
    antall: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None


LABELS: Final[dict[str, Label]] = {"antall": FieldText(N_("Hvor mange kommer?"), missing=_NUMBER, invalid=_NUMBER)}


@router.get("/mote/{token}")
async def show_invitation(request: Request, deps: WebDeps, invitation_id: InvitationLink, token: str) -> Response:
    """Show a meeting and the answer so far. Changes nothing."""
    view = await _view(deps, invitation_id)
    if view is None:
        return _gone(request, deps, invitation_id)
    return _page(request, deps, view, token, forms.blank(request, LABELS))


@router.post("/mote/{token}")
async def answer_invitation(
    request: Request, deps: WebDeps, invitation_id: InvitationLink, token: str, check: LooseCheck
) -> Response:
    """Store the answer; the last one counts."""
    view = await _view(deps, invitation_id)
    submission = await forms.submitted(request, AnswerForm, LABELS)
    form, content = submission.form, submission.model
    if view is None:
        return _gone(request, deps, invitation_id)
    if not check.fresh:
        return _page(request, deps, view, token, form.saying(deps.pages.gettext(request)(csrf.STALE)), 422)
    if content is not None and content.svar == "flere" and (content.antall is None or not view.of_group):
        form = form.refusing("antall", deps.pages.gettext(request)(_NUMBER))
    elif content is not None:
        try:
            await _answer(deps, view.invitation.id, content)
        except DomainError as error:
            field = "antall" if view.of_group and content.svar == "flere" else ""
            sentence = deps.pages.gettext(request)(SENTENCES.get(error.slug, SENTENCES["kontaktmote_is_cancelled"]))
            form = form.refusing(field, sentence)
        else:
            return deps.pages.redirect(request, f"/mote/{token}")
    view = await _view(deps, invitation_id)
    return _gone(request, deps, invitation_id) if view is None else _page(request, deps, view, token, form, 422)


async def _answer(deps: Deps, invitation_id: UUID, content: AnswerForm) -> None:
    people = {"ja": 1, "nei": 0}.get(content.svar, content.antall or 0)
    async with deps.database.transaction() as session:
        await kontaktmote_replies.answer(
            session,
            deps.registry,
            invitation_id,
            people,
            for_group=content.svar == "flere",
            now=deps.clock.now(),
            cause=Cause.fresh(),
        )


async def _view(deps: Deps, invitation_id: UUID | None) -> InvitationView | None:
    if invitation_id is None:
        return None
    async with deps.database.transaction() as session:
        return await invitation_view(session, deps.directory.current(), invitation_id, deps.clock.now())


def _gone(request: Request, deps: Deps, invitation_id: UUID | None) -> Response:
    """Say that the link is forged, or that its invitation does not hold any more."""
    known = invitation_id is not None
    return deps.pages.html(request, "invitation_gone.html", 410 if known else 404, known=known)


def _page(
    request: Request, deps: Deps, view: InvitationView, token: str, form: forms.Form, status: int | None = None
) -> Response:
    plan, gettext = view.plan, deps.pages.gettext(request)
    return deps.pages.html(
        request,
        "invitation.html",
        status,
        form=form,
        view=view,
        centre=view.centre,
        about=gettext(ABOUT[plan.audience]),
        topics=[gettext(TOPICS[topic]) for topic in plan.topics],
        own_text=plan.texts.get(locale_of(request), "").split("\n\n"),
        action=f"/mote/{token}",
        stop=f"/mote-nei-takk/{deps.links.token(NO_INVITATIONS, view.invitation.id)}",
        most=MOST_PEOPLE,
        unconfirmed=span_words(kept_for(Data.UNCONFIRMED_SIGNUP), locale_of(request)),
        afterwards=span_words(kept_for(Data.MEETING_GUEST), locale_of(request)),
    )


# No more invitations


async def _pressed(request: Request) -> Literal["one_click", "stop", "again"]:
    """Return which button was pressed: one of our page, or that of a mail program, which has no form token."""
    if (await request.body()).strip() == _ONE_CLICK_BODY:
        return "one_click"
    fields = (await request.form()).multi_items()
    if [(name.strip(), value.strip()) for name, value in fields if isinstance(value, str)] == _ONE_CLICK:
        return "one_click"
    await csrf.protect(request)
    return "again" if ("igjen", "ja") in fields else "stop"


@router.get("/mote-nei-takk/{token}")
async def show_stop(request: Request, deps: WebDeps, invitation_id: NoInvitationsLink, token: str) -> Response:
    """Ask whether the reader wants no more invitations. Changes nothing."""
    return await _stop_page(request, deps, invitation_id, token)


@router.post("/mote-nei-takk/{token}")
async def stop_invitations(
    request: Request,
    deps: WebDeps,
    pressed: Annotated[Literal["one_click", "stop", "again"], Depends(_pressed)],
    invitation_id: NoInvitationsLink,
    token: str,
) -> Response:
    """Send no more invitations to the reader, or send them again."""
    if invitation_id is None:
        raise HTTPException(404)
    now, cause = deps.clock.now(), Cause.fresh()
    try:
        async with deps.database.transaction() as session:
            if pressed == "again":
                await kontaktmote_replies.start_again(session, deps.registry, invitation_id, now=now, cause=cause)
            else:
                await kontaktmote_replies.stop(session, deps.registry, invitation_id, now=now, cause=cause)
    except DomainError:
        pass  # nobody knows any more whose the link is: the page says so
    if pressed == "one_click":  # a mail program must not be redirected (RFC 8058, 3.1)
        return await _stop_page(request, deps, invitation_id, token)
    return deps.pages.redirect(request, f"/mote-nei-takk/{token}")


async def _stop_page(request: Request, deps: Deps, invitation_id: UUID | None, token: str) -> Response:
    view = await _view(deps, invitation_id)
    if view is None or view.invitation.recipient_id is None:
        return _gone(request, deps, invitation_id)
    return deps.pages.html(
        request,
        "no_invitations.html",
        view=view,
        centre=view.centre,
        action=f"/mote-nei-takk/{token}",
        invitation=f"/mote/{deps.links.token(KONTAKTMOTE, view.invitation.id)}",
    )
