"""The page of one call: whom to call, what to say, and a button for each answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from notify.contacts import ContactsAwayError
from notify.domain import calls as rules
from notify.domain.calls import CALLS_AT_MOST
from notify.domain.content import MailContent
from notify.queries import calls as call_queries
from notify.queries.calls import CallView
from notify.usecases import calls
from notify.web.call_answers import RULES, Answer, answers
from notify.web.deps import Acting, Check, Deps, OwnMail, WebDeps
from notify.web.labels import LANGUAGES, OUTCOMES, reason_text
from notify.web.sms_words import sms_text
from shared.errors import NotFoundError
from shared.events.contacts import Contact
from shared.kit.i18n import N_, format_when
from shared.kit.text import spaced_number
from shared.kit.web import forms
from shared.kit.web.forms import Day
from shared.kit.web.messages import Label
from shared.kit.web.next_page import Next, NextInQuery, NextPage
from shared.kit.web.state import locale_of
from shared.reference.calls import next_morning
from shared.timezone import OSLO_TZ

router = APIRouter(include_in_schema=False)

TODAY = "/stab/"
AGAIN_LABELS: dict[str, Label] = {"igjen": N_("Når"), "dag": N_("Dag"), "klokken": N_("Klokkeslett")}

_NO_TIME = N_("Velg dag og klokkeslett for neste samtale.")
_OUTSIDE_HOURS = N_("Velg et tidspunkt fram i tid, på en hverdag mellom kl. 8 og 20.")
_TOO_LATE = N_("Da er fristen ute. Velg et tidligere tidspunkt.")


class AgainForm(BaseModel):
    """The time of the next call after an unanswered one."""

    igjen: Literal["snart", "morgen", "valgt"]
    dag: Day | None = None
    klokken: time | None = None


@dataclass(frozen=True)
class Part:
    """
    One part of a conversation.

    Attributes:
        label: Name of the mail that it takes the place of.
        script: What to say, in paragraphs in the person's language; empty if the facts are incomplete.
        content: The facts that the script states.
        next_path: The page after an answer: the next part, or the list.
    """

    view: CallView
    label: str
    script: tuple[str, ...]
    content: MailContent | None
    answers: tuple[Answer, ...]
    next_path: str


@router.get("/stab/ring/{mail_id}")
async def show_call(request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, next_page: NextInQuery) -> Response:
    """Show one call; intake records who reads the number."""
    form = forms.blank(request, AGAIN_LABELS)
    return await _page(request, deps, await _view(deps, mail), actor.username, next_page, form)


@router.post("/stab/ring/{mail_id}/sagt")
async def record_told(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Record that the person was told."""
    async with deps.database.transaction() as session:
        await calls.record_told(session, deps.registry, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(TODAY))


@router.post("/stab/ring/{mail_id}/notert")
async def note_not_reached(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Record that a member of staff knows that the person was not reached."""
    async with deps.database.transaction() as session:
        await calls.note_not_reached(session, deps.registry, mail.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(TODAY))


@router.post("/stab/ring/{mail_id}/ikke-svar")
async def record_no_answer(
    request: Request, deps: WebDeps, mail: OwnMail, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Record an unanswered call, and when to try again."""
    submission = await forms.submitted(request, AgainForm, AGAIN_LABELS)
    view = await _view(deps, mail)
    form, again = submission.form, submission.model
    next_at = _next_at(again, actor.now) if again is not None else None
    is_last = view.unanswered + 1 >= CALLS_AT_MOST
    if again is not None and not is_last:
        gettext = deps.pages.gettext(request)
        if next_at is None:
            form = form.refusing("dag", gettext(_NO_TIME))
        elif next_at <= actor.now or not rules.in_staff_hours(next_at):
            form = form.refusing("dag", gettext(_OUTSIDE_HOURS))
        elif view.deadline is not None and next_at >= view.deadline:
            form = form.refusing("dag", gettext(_TOO_LATE))
    if form.errors:
        return await _page(request, deps, view, actor.username, next_page, form)
    async with deps.database.transaction() as session:
        await calls.record_no_answer(session, deps.registry, mail.id, next_at=next_at or actor.now, actor=actor)
    return deps.pages.redirect(request, next_page.after(TODAY))


def _next_at(again: AgainForm, now: datetime) -> datetime | None:
    """Return the time of the next call; None if it was to be chosen and was not."""
    if again.igjen == "snart":
        return rules.again_later(now)
    if again.igjen == "morgen":
        return next_morning(now)
    if again.dag is None or again.klokken is None:
        return None
    return datetime.combine(again.dag, again.klokken.replace(tzinfo=None), OSLO_TZ)


async def _view(deps: Deps, mail: OwnMail) -> CallView:
    async with deps.database.transaction() as session:
        view = await call_queries.call_view(session, deps.registry, mail, deps.clock.now())
    if view is None:
        raise NotFoundError("unknown_mail", mail_id=mail.id)
    return view


async def _page(
    request: Request, deps: Deps, view: CallView, reader: str, next_page: NextPage, form: forms.Form
) -> Response:
    gettext, now = deps.pages.gettext(request), deps.clock.now()
    contact, away = None, False
    if view.moot is None:
        try:
            contact = await deps.contacts.to_call(view.mail.person_id, view.mail.signup_id, reader)
        except ContactsAwayError:
            away = True
    page = next_page.path or TODAY
    parts = await _parts(deps, view, contact, page, now) if contact is not None else ()
    response = deps.pages.html(
        request,
        "stab/call.html",
        form=form,
        view=view,
        label=gettext(view.spec.label),
        away=away,
        contact=contact,
        centre=deps.directory.current().get(view.mail.centre or ""),
        number=spaced_number(contact.mobile) if contact and contact.mobile else "",
        language=gettext(LANGUAGES[view.mail.language]),
        parts=parts,
        list_path=page,
        task_id=next_page.task_id,
        moot=reason_text(view.moot, gettext),
        rule=gettext(RULES[view.call.unanswered]),
        calls_at_most=CALLS_AT_MOST,
        soon=_before(rules.again_later(now), view.deadline),
        morning=_before(next_morning(now), view.deadline),
        sms=_sms_words(view, locale_of(request), gettext),
        attempts=[(attempt, gettext(OUTCOMES[attempt.outcome])) for attempt in view.attempts],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _parts(deps: Deps, first: CallView, contact: Contact, page: str, now: datetime) -> tuple[Part, ...]:
    parts: list[tuple[CallView, MailContent | None]] = []
    async with deps.database.transaction() as session:
        for view in await call_queries.conversation(session, deps.registry, first, now):
            content = await call_queries.content_of_call(session, view, contact, deps.directory.current(), now)
            parts.append((view, content))
    paths = [f"/stab/ring/{view.mail.id}" for view, _ in parts]
    next_paths = [next((other for other in paths if other != path), page) for path in paths]
    return tuple(
        _part(deps, view, content, next_path) for (view, content), next_path in zip(parts, next_paths, strict=True)
    )


def _part(deps: Deps, view: CallView, content: MailContent | None, next_path: str) -> Part:
    script = ""
    if content is not None:
        told = view.facts.told_sequence is not None
        script = deps.renderer.call_script(content, told=told)
    paragraphs = tuple(script.split("\n\n")) if script else ()
    return Part(view, view.spec.label, paragraphs, content, answers(view, content), next_path)


def _sms_words(view: CallView, locale: str, gettext: Callable[[str], str]) -> str:
    """Return how the short message beside a call stands; empty if there is none."""
    if view.sms is None:
        return ""
    text, at = sms_text(view.sms)
    return gettext(text) % {"when": format_when(at, locale) if at else ""}


def _before(at: datetime, deadline: datetime | None) -> datetime | None:
    return at if deadline is None or at < deadline else None
