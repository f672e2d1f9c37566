"""The public sign-up in three short steps, each with its own address; see ``web.drafts`` for what lies between them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from intake.domain.crisis import is_acute
from intake.domain.drafts import STEPS, Draft
from intake.domain.form import FieldError
from intake.usecases import drafts, proofs_of_work
from intake.usecases.locations import Location
from intake.usecases.register import KeyUsedBefore, register
from intake.usecases.retention import delete_replaced_form
from intake.usecases.signup_rows import Source
from intake.vault.draft_key import DraftKey
from intake.web.acute import ACUTE_PATH, without_danger
from intake.web.deps import Deps, LooseCheck, WebDeps, draft_wait_seconds, signup_wait_seconds
from intake.web.drafts import (
    ABOUT,
    PLACE,
    TIMES,
    Key,
    OpenDraft,
    Step,
    gone,
    likely_slip,
    new_draft,
    review,
    sent_form,
    settled,
    to_step,
    to_thanks,
)
from intake.web.limits import of_this_machine
from intake.web.public import ANSWER_DAYS
from intake.web.signup_form import (
    BACK,
    EMAIL_ANSWER,
    HONEYPOT,
    PROOF,
    TOO_FAST,
    Located,
    SentForm,
    consent_texts,
    language_options,
    locate,
    nearby_options,
    read_form,
    shown_form,
    travel_options,
    with_errors,
)
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.web import csrf
from shared.kit.web.csrf import FormCheck
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of, state_of

router = APIRouter(include_in_schema=False)

_CHOOSE_CENTRE = N_("Ingen av sentrene dekker stedet ennå, men her er noen som tar imot folk derfra.")
_NOTICES: Final = {
    "once_more": N_("Det gikk fort! Se over svarene, og trykk én gang til."),
    "stale": csrf.STALE,
    "returned": N_("Velkommen tilbake! Skjemaet er fylt ut for deg. Se over, les teksten og kryss av på nytt."),
    "other_centre": N_("Stedet hører til et annet senter enn før. Les hva dette senteret ber om, og kryss av på nytt."),
    "wishes_lost": N_(
        "Stedet hører til et annet senter enn før, og det har ikke slike grupper som du ønsket deg. En vanlig gruppe "
        "kan du få. Les hva senteret ber om, og kryss av på nytt."
    ),
    "expired": N_(
        "Siden hadde stått åpen så lenge at vi har slettet det du skrev tidligere. Det du skrev sist, er tatt vare på."
    ),
}
"""Code of a draft's notice to its sentence (msgid)."""


@router.get("/pamelding")
async def show_place(request: Request, deps: WebDeps, sted: str = "", mangler: str = "") -> Response:
    """Show the first step; ``sted`` is the place in a link on a centre's own pages."""
    if is_acute(sted):
        return deps.pages.redirect(request, ACUTE_PATH)
    sent = shown_form(request, {"place": sted} if sted else {})
    located = locate(deps.lookup, sent)
    if sted and not located.location and not located.uncovered:
        return _place_page(request, sent, located)
    return _place_page(request, sent, located if mangler else Located(located.location))


@router.post("/pamelding")
async def begin(request: Request, deps: WebDeps, _check: LooseCheck) -> Response:
    """Read the place; only from a place that a centre covers, or may cover, is anything kept."""
    sent = await read_form(request)
    if without_danger(sent):
        return deps.pages.redirect(request, ACUTE_PATH)
    located = locate(deps.lookup, sent)
    if located.uncovered:
        return deps.pages.redirect(request, "/pamelding/utenfor")
    if not sent.place:
        return deps.pages.redirect(request, "/pamelding" if sent.switching else "/pamelding?mangler=sted")
    if seconds := await draft_wait_seconds(request, deps):
        return _wait_page(request, "/pamelding", sent, seconds)
    draft = new_draft(request, {"place": sent.place, "nearby": sent.value("nearby")})
    draft = settled(draft, deps.lookup, sent) if sent.onwards else draft
    async with deps.database.transaction() as session:
        key = await drafts.start(session, draft.trying(PLACE) if sent.onwards else draft, now=state_of(request).wall())
    return to_step(request, key, TIMES if located.location and sent.onwards else PLACE)


@router.get("/pamelding/utenfor")
async def show_uncovered(request: Request, deps: WebDeps) -> Response:
    """Show what a person can do whose place no centre covers."""
    return deps.pages.html(request, "uncovered.html")


@router.get("/pamelding/{token}/{step}")
async def show_step(request: Request, deps: WebDeps, key: Key, draft: OpenDraft, step: Step) -> Response:
    """Show a step with what was typed so far, or the earlier one that must come first."""
    if draft is None:
        return gone(request, deps)
    if draft.sent:
        return to_thanks(request, key)
    found = review(request, deps.lookup, draft)
    first = found.first_fault(step)
    if first not in {None, step}:
        return to_step(request, key, str(first))
    errors = found.faults.get(step, ()) if step in draft.tried else ()
    if step == PLACE:
        return _place_page(request, sent_form(request, draft), replace(found.located, errors=errors), key, draft)
    assert found.location is not None
    challenge = proofs_of_work.challenge(deps.vault, draft, state_of(request).wall()) if step == ABOUT else None
    return _step_page(request, key, draft, step, found.location, errors, challenge)


@router.post("/pamelding/{token}/slett")
async def forget(request: Request, deps: WebDeps, key: Key, _check: LooseCheck) -> Response:
    """Delete the form, as the quick exit asks."""
    async with deps.database.transaction() as session:
        await drafts.forget(session, key)
    return deps.pages.redirect(request, "/")


@router.post("/pamelding/{token}/{step}")
async def take_step(request: Request, deps: WebDeps, key: Key, check: LooseCheck, step: Step) -> Response:
    """Keep a step, and go on, back, or to another language; the last step sends the form."""
    sent = await read_form(request)
    if harmless := without_danger(sent):
        await _kept(request, deps, key, step, replace(harmless, saving=True))
        return _to_help(request, deps, key, step, by_script=sent.saving)
    draft = await _kept(request, deps, key, step, sent)
    if draft is None:
        return Response(status_code=204) if sent.saving else await _begin_again(request, deps, key, step, sent)
    if sent.saving:
        return Response(status_code=204)
    if draft.sent:
        return to_thanks(request, key)
    if not sent.onwards:
        return to_step(request, key, STEPS[max(0, STEPS.index(step) - 1)] if sent.back else step)
    return await _go_on(request, deps, key, draft, step, check, sent=sent)


async def _go_on(
    request: Request, deps: Deps, key: DraftKey, draft: Draft, step: str, check: FormCheck, *, sent: SentForm
) -> Response:
    """Show what is missing, the next step, or send the form."""
    found = review(request, deps.lookup, draft)
    if found.located.uncovered:
        async with deps.database.transaction() as session:
            await drafts.forget(session, key)
        return deps.pages.redirect(request, "/pamelding/utenfor")
    if first := found.first_fault(step):
        return to_step(request, key, first)
    if step != ABOUT:
        return to_step(request, key, STEPS[STEPS.index(step) + 1])
    return await _send(request, deps, key, draft, check, sent=sent)


def _to_help(request: Request, deps: Deps, key: DraftKey, step: str, *, by_script: bool) -> Response:
    path = f"/pamelding/{key.token}{ACUTE_PATH}?steg={step}"
    return JSONResponse({"go": deps.pages.path(request, path)}) if by_script else deps.pages.redirect(request, path)


async def _kept(request: Request, deps: Deps, key: DraftKey, step: str, sent: SentForm) -> Draft | None:
    """Store what was sent of one step; return the form, None if its time is over."""

    def changed(draft: Draft) -> Draft:
        if draft.sent:
            return draft
        draft = draft.with_step(step, sent.form.values)
        if not sent.onwards:
            return draft
        if step == PLACE:
            return settled(draft, deps.lookup, sent).trying(PLACE)
        if step == ABOUT and sent.email_answer:
            slip = likely_slip(request, draft)
            draft = draft.with_values(email=slip) if slip and sent.email_answer == "use" else draft
            draft = replace(draft, kept_email=draft.value("email"))
        return draft.trying(*STEPS[: STEPS.index(step) + 1])

    async with deps.database.transaction() as session:
        return await drafts.change(session, key, changed, now=state_of(request).wall())


async def _begin_again(request: Request, deps: Deps, key: DraftKey, step: str, sent: SentForm) -> Response:
    """Keep what was sent of one step in a new form, after the old one was deleted."""
    if seconds := await draft_wait_seconds(request, deps):
        return _wait_page(request, f"/pamelding/{key.token}/{step}", sent, seconds)
    draft = replace(new_draft(request, {}).with_step(step, sent.form.values), notice="expired")
    async with deps.database.transaction() as session:
        key = await drafts.start(session, draft, now=state_of(request).wall())
    return to_step(request, key, PLACE)


async def _send(
    request: Request, deps: Deps, key: DraftKey, draft: Draft, check: FormCheck, *, sent: SentForm
) -> Response:
    found = review(request, deps.lookup, draft)
    if likely_slip(request, draft):
        return to_step(request, key, ABOUT)
    if not check.fresh:
        return await _show_again(request, deps, key, "stale")
    age = state_of(request).wall().timestamp() - draft.started
    too_fast = age < TOO_FAST.total_seconds() and not draft.once_more
    if sent.honeypot_filled or too_fast:
        return await _show_again(request, deps, key, "once_more")
    if seconds := await signup_wait_seconds(request, deps):
        return _wait_page(request, f"/pamelding/{key.token}/{ABOUT}", sent_form(request, draft), seconds)
    form, location, transaction, now = found.form, found.location, deps.database.transaction, deps.clock.now()
    assert form is not None
    assert location is not None
    source = Source("web", proven=await _is_proven(request, deps, draft, sent.proof))
    try:
        await register(deps.database, deps.vault, form, location, source, now=now, idempotency_key=f"web:{draft.nonce}")
    except KeyUsedBefore:  # sent from two windows with two contents: the later one counts too
        await register(deps.database, deps.vault, form, location, source, now=now)
    if draft.replaces:
        async with transaction() as session:
            await delete_replaced_form(session, deps.vault, f"web:{draft.replaces}", form, now=now, cause=Cause.fresh())
    async with transaction() as session:
        await drafts.change(session, key, lambda draft: replace(draft, sent=True), now=state_of(request).wall())
    return to_thanks(request, key)


async def _is_proven(request: Request, deps: Deps, draft: Draft, proof: str) -> bool:
    if of_this_machine(request):
        return True
    async with deps.database.transaction() as session:
        return await proofs_of_work.is_proven(session, deps.vault, draft, proof, state_of(request).wall())


def _wait_page(request: Request, action: str, sent: SentForm, seconds: int) -> Response:
    """Return the page that says how long to wait, and holds what was sent, so that one press sends it again."""
    values = [
        (name, one)
        for name, value in sent.form.values.items()
        for one in ([value] if isinstance(value, str) else value)
        if one
    ]
    response = pages_of(request).html(
        request, "signup/wait.html", 429, action=action, values=values, minutes=-(-seconds // 60)
    )
    response.headers["Retry-After"] = str(seconds)
    return response


async def _show_again(request: Request, deps: Deps, key: DraftKey, notice: str) -> Response:
    async with deps.database.transaction() as session:
        await drafts.change(
            session,
            key,
            lambda draft: replace(draft, notice=notice, once_more=True),
            now=state_of(request).wall(),
        )
    return to_step(request, key, ABOUT)


def _place_page(
    request: Request, sent: SentForm, located: Located, key: DraftKey | None = None, draft: Draft | None = None
) -> Response:
    notice = _NOTICES.get(draft.notice, "") if draft else ""
    notice = notice or (_CHOOSE_CENTRE if located.nearby and not located.location else "")
    return pages_of(request).html(
        request,
        "signup/place.html",
        200,
        form=with_errors(request, sent, located.errors, notice),
        key=key,
        step=PLACE,
        centre=located.location.centre if located.location else None,
        place_choices=[(label, label) for label in located.choices],
        nearby=nearby_options(located.nearby),
        back=BACK,
    )


def _step_page(
    request: Request,
    key: DraftKey,
    draft: Draft,
    step: str,
    location: Location,
    errors: tuple[FieldError, ...],
    challenge: Mapping[str, Any] | None,
) -> Response:
    locale = locale_of(request)
    sent = sent_form(request, draft)
    return pages_of(request).html(
        request,
        f"signup/{'times' if step == TIMES else 'about'}.html",
        200,
        form=with_errors(request, sent, errors, _NOTICES.get(draft.notice, "")),
        key=key,
        step=step,
        centre=location.centre,
        texts=consent_texts(location, locale),
        language_options=language_options(locale),
        travel_options=travel_options(),
        honeypot=HONEYPOT,
        back=BACK,
        slip=likely_slip(request, draft) if step == ABOUT and step in draft.tried else None,
        email_answer=EMAIL_ANSWER,
        proof=PROOF,
        challenge=challenge,
        answer_days=ANSWER_DAYS,
    )
