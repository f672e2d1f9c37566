"""The staff page of one talk: whom to talk with, the times, and how it went; no field for what was said."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.domain.talks import TalkOutcome, outcomes_for
from intake.queries.talks import talk_view
from intake.store import Signup, signups
from intake.usecases import contacts, talks
from intake.usecases.signup_audit import record_signup
from intake.web.deps import Acting, Check, Deps, SignedIn, WebDeps
from intake.web.talk_days import by_day
from intake.web.talk_times import TALKS
from shared.errors import DomainError, NotFoundError
from shared.kit.i18n import N_
from shared.kit.web.auth import object_access
from shared.kit.web.next_page import Next, TaskOnPage
from shared.kit.web.state import locale_of
from shared.reference.calls import UNANSWERED_AT_MOST

router = APIRouter(include_in_schema=False)

OUTCOMES: Final = {
    TalkOutcome.CLEAR: ("klar", N_("Klar"), N_("Personen vil ha en gruppe og er klar for det.")),
    TalkOutcome.NOT_NOW: (
        "ikke-na",
        N_("Ikke nå"),
        N_("Personen får pause og beholder plassen i køen. En ny prat kan avtales når pausen er over."),
    ),
    TalkOutcome.REFERRED: (
        "henvist",
        N_("Henvist videre"),
        N_("Personen har fått hjelp til å finne noe annet. Påmeldingen er over og blir slettet etter et døgn."),
    ),
}
"""By outcome: its word in forms, the button and what follows (msgids)."""

_WORDS: Final = {word: outcome for outcome, (word, _, _) in OUTCOMES.items()}


@object_access
async def own_talk(signup_id: UUID, member: SignedIn, deps: WebDeps) -> Signup:
    """
    Return a sign-up of one of the member's centres.

    Raises:
        NotFoundError: ``unknown_signup``, also for another centre's.
    """
    async with deps.database.transaction() as session:
        row = await signups.get(session, signup_id)
    if row is None or row.centre not in member.tenants:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    return row


OwnTalk = Annotated[Signup, Depends(own_talk)]


@router.get(f"{TALKS}/{{signup_id}}")
async def show_talk(
    request: Request, deps: WebDeps, signup: OwnTalk, actor: Acting, task_id: TaskOnPage, feil: str = ""
) -> Response:
    """Show whom to call or meet, and the buttons for how it went; recorded."""
    async with deps.database.transaction() as session:
        view = await talk_view(session, deps.centres, signup.signup_id, now=actor.now)
        cards = await contacts.read_cards(session, deps.vault, [signup], Purpose.CALL, actor=actor)
        card = cards.get(signup.person_id)
        if view is None or card is None:
            raise NotFoundError("unknown_signup", signup_id=signup.signup_id)
        await record_signup(session, actor, "signup.talk_viewed", signup)
    return deps.pages.html(
        request,
        "stab/talk.html",
        409 if feil else 200,
        view=view,
        card=card,
        task_id=task_id,
        taken=bool(feil),
        days=by_day(view.free, lambda time: time.starts_at, locale_of(request)),
        outcomes=[OUTCOMES[outcome] for outcome in outcomes_for(view.signup.state)],
        is_last=view.talk.unanswered + 1 >= UNANSWERED_AT_MOST,
        at_most=UNANSWERED_AT_MOST,
        page=f"{TALKS}/{signup.signup_id}",
    )


@router.post(f"{TALKS}/{{signup_id}}/tid")
async def book(
    request: Request,
    deps: WebDeps,
    signup: OwnTalk,
    actor: Acting,
    next_page: Next,
    _check: Check,
    tid: Annotated[UUID, Form()],
) -> Response:
    """Give a person on the phone a time."""
    page = f"{TALKS}/{signup.signup_id}"
    try:
        async with deps.database.transaction() as session:
            await talks.book_by_staff(session, deps.centres, signup.signup_id, tid, actor=actor)
    except DomainError as error:
        if error.slug not in {"talk_time_taken", "unknown_talk_time"}:
            raise
        return deps.pages.redirect(request, f"{page}?feil=tatt")
    return deps.pages.redirect(request, next_page.after(page))


@router.post(f"{TALKS}/{{signup_id}}/gi-opp")
async def give_up(
    request: Request, deps: WebDeps, signup: OwnTalk, actor: Acting, next_page: Next, _check: Check
) -> Response:
    """Give up a time at the person's request."""
    async with deps.database.transaction() as session:
        await talks.give_up_by_staff(session, deps.centres, signup.signup_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"{TALKS}/{signup.signup_id}"))


@router.post(f"{TALKS}/{{signup_id}}/utfall")
async def record_outcome(
    request: Request,
    deps: WebDeps,
    signup: OwnTalk,
    actor: Acting,
    next_page: Next,
    _check: Check,
    utfall: Annotated[str, Form()] = "",
) -> Response:
    """Record how the talk went."""
    await record(deps, signup, utfall, actor)
    return deps.pages.redirect(request, next_page.after(f"{TALKS}/{signup.signup_id}"))


@router.post(f"{TALKS}/{{signup_id}}/ikke-svar")
async def record_missed(
    request: Request, deps: WebDeps, signup: OwnTalk, actor: Acting, next_page: Next, _check: Check
) -> Response:
    """Record that the person was not reached."""
    async with deps.database.transaction() as session:
        await talks.record_missed(session, deps.centres, signup.signup_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"{TALKS}/{signup.signup_id}"))


async def record(deps: Deps, signup: Signup, word: str, actor: Acting) -> None:
    """
    Record an outcome by its word in a form.

    Raises:
        DomainError: ``talk_outcome_impossible``, also for an unknown word.
    """
    outcome = _WORDS.get(word)
    if outcome is None:
        raise DomainError("talk_outcome_impossible", signup_id=signup.signup_id)
    async with deps.database.transaction() as session:
        await talks.record_outcome(session, deps.centres, signup.signup_id, outcome, actor=actor)
