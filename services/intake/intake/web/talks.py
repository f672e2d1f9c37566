"""The page on which a person picks a time for the talk with the centre, changes it, or asks to be called."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import Response

from intake.domain.form import FormInvalid, normalized_mobile
from intake.queries.talks import talk_view
from intake.usecases import talks
from intake.web.deps import Check, Deps, WebDeps, link_target
from intake.web.messages import LABELS, SENTENCES, sentence
from intake.web.talk_days import by_day
from shared.errors import DomainError, NotFoundError
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.web import forms
from shared.kit.web.state import locale_of
from shared.reference.link_purposes import STILL_WAITING, TALK, WAITING

router = APIRouter(include_in_schema=False)

TalkLink = Annotated[UUID | None, Depends(link_target(TALK))]

_SAID: Final = {"talk_closed": N_("Det gikk ikke å avtale noe nå. Se under hva som gjelder.")}
"""Sentences for the person that differ from those for staff."""
_SHOWN_AGAIN: Final = frozenset({"talk_closed", "talk_number_missing", "talk_time_taken", "unknown_talk_time"})
"""Refusals after which the page is shown again, with what can be picked now."""


@router.get("/prat/{token}")
async def show_talk(request: Request, deps: WebDeps, signup_id: TalkLink, token: str, svar: str = "") -> Response:
    """Show the time, or the times to pick from. Changes nothing."""
    return await _page(request, deps, _known(signup_id), token, done=svar)


@router.post("/prat/{token}")
async def arrange_talk(
    request: Request,
    deps: WebDeps,
    signup_id: TalkLink,
    token: str,
    _check: Check,
    tid: Annotated[str, Form()] = "",
    svar: Annotated[str, Form()] = "",
    mobile: Annotated[str, Form()] = "",
) -> Response:
    """Book a time, ask for a call, or give up what was agreed; what was typed is kept if it cannot be done."""
    signup_id = _known(signup_id)
    now, cause, gettext = deps.clock.now(), Cause.fresh(), deps.pages.gettext(request)
    form = forms.blank(request, LABELS, {"mobile": mobile})
    try:
        async with deps.database.transaction() as session:
            if mobile.strip():
                await talks.add_number(session, deps.vault, signup_id, normalized_mobile(mobile))
            if svar == "gi-opp":
                await talks.give_up(session, deps.centres, signup_id, now=now, cause=cause)
            elif svar == "ring":
                await talks.ask_for_call(session, deps.centres, signup_id, now=now, cause=cause)
            else:
                await talks.book(session, deps.centres, signup_id, _id(tid), now=now, cause=cause)
    except FormInvalid as invalid:
        form = form.refusing("mobile", gettext(sentence(invalid.errors[0])))
        return await _page(request, deps, signup_id, token, form=form)
    except DomainError as error:
        if error.slug not in _SHOWN_AGAIN:
            raise
        said = gettext(_SAID.get(error.slug) or SENTENCES[error.slug])
        form = form.refusing("mobile", said) if error.slug == "talk_number_missing" else form.saying(said)
        return await _page(request, deps, signup_id, token, form=form)
    done = svar if svar in {"gi-opp", "ring"} else "tid"
    return deps.pages.redirect(request, f"/prat/{token}?svar={done}")


def _known(signup_id: UUID | None) -> UUID:
    if signup_id is None:
        raise HTTPException(404)
    return signup_id


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("unknown_talk_time") from None


async def _page(
    request: Request, deps: Deps, signup_id: UUID, token: str, *, done: str = "", form: forms.Form | None = None
) -> Response:
    async with deps.database.transaction() as session:
        view = await talk_view(session, deps.centres, signup_id, now=deps.clock.now())
    gone = view is None or view.page == "over"
    return deps.pages.html(
        request,
        "talk.html",
        410 if gone else 409 if form is not None and form.notice else 422 if form is not None else 200,
        view=view,
        centre=view.centre if view else None,
        days=by_day(view.free, lambda time: time.starts_at, locale_of(request)) if view else [],
        done=done,
        form=form or forms.blank(request, LABELS),
        action=f"/prat/{token}",
        waiting=f"/venter/{deps.links.token(WAITING, signup_id)}",
        still_waiting=f"/fortsatt/{deps.links.token(STILL_WAITING, signup_id)}",
    )
