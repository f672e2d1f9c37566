"""What everybody can see: the front page, the sign-up, and the links in mails."""

import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from intake.domain.form import FieldError as Wrong
from intake.domain.form import FormInvalid
from intake.domain.signups import State
from intake.usecases import confirm, withdraw
from intake.usecases.confirm import Answer
from intake.usecases.locations import Location, NoCentre
from intake.usecases.register import KeyUsedBefore, Source
from intake.web.deps import must_wait_seconds, take_in, tools_of
from intake.web.signup_form import (
    HONEYPOT,
    NONCE_MAX,
    TOO_FAST,
    Sent,
    empty,
    first_values,
    form_of,
    language_options,
    locate,
    lost,
    papers_of,
    read_sent,
    shown,
    travel_options,
)
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.web import csrf
from shared.kit.web.csrf import FormCheck
from shared.kit.web.state import locale_of
from shared.reference import texts

router = APIRouter(include_in_schema=False)

ANSWER_DAYS: Final = 2  # working days until a person at the centre has read what came in
_ON_THE_WEB: Final = Source("web")

_ONE_CLICK: Final = [("List-Unsubscribe", "One-Click")]
"""All that a mail program sends when somebody presses its own button to leave (RFC 8058)."""

_ONCE_MORE = N_("Se gjerne over svarene en gang til, og trykk på knappen igjen.")
_OTHER_CENTRE = N_("Stedet hører til et annet senter enn før. Les hva dette senteret ber om, og kryss av på nytt.")
_CHOOSE_PLACE = N_("Flere steder passer. Velg hvilket du mener, så går vi videre.")


@router.get("/")
async def front(request: Request) -> Response:
    """What this is, and one way in. Asks no database."""
    tools = tools_of(request)
    return tools.pages.html(request, "front.html", centres=tools.map.centres.all)


@router.get("/pamelding")
async def ask_place(request: Request) -> Response:
    """The first question is where one lives."""
    return _place_page(request, empty())


@router.post("/pamelding")
async def sign_up(  # noqa: PLR0911 - one for each page it can lead to
    request: Request, check: Annotated[FormCheck, Depends(csrf.inspect)]
) -> Response:
    """Takes the place, or the whole form; nothing is kept of what was filled in until all of it is right."""
    tools = tools_of(request)
    sent = await read_sent(request)
    found, labels, fault = locate(tools.map, sent)
    if isinstance(found, NoCentre):
        return tools.pages.html(request, "uncovered.html", place=found.name)
    if found is None:
        wrong = (Wrong("place", fault),) if fault and not sent.switching else ()
        if labels and not sent.value("place_choice"):
            wrong = (Wrong("place_choice", "missing"),) if sent.whole and not sent.switching else ()
        if not sent.whole:
            return _place_page(request, sent, wrong, labels)
        return _form_page(request, sent, _known_site(request, sent), wrong, labels=labels)
    sent = sent.showing(place=sent.place, place_choice="")
    if not sent.whole:
        return _form_page(request, first_values(sent), found)
    if sent.switching:
        return _form_page(request, sent, found)
    if sent.value("centre") != found.centre.id:
        sent = sent.showing(consent="", information="")
        return _form_page(request, sent, found, lost(sent, found), notice=_OTHER_CENTRE, status=422)
    return await _send(request, check, sent, found)


async def _send(request: Request, check: FormCheck, sent: Sent, site: Location) -> Response:
    tools, locale = tools_of(request), locale_of(request)
    try:
        form = form_of(sent, site, locale)
    except FormInvalid as refused:
        return _form_page(request, sent, site, refused.errors)
    if not check.fresh:
        return _form_page(request, sent, site, notice=csrf.STALE, status=422)
    hasty = check.age < TOO_FAST and not sent.value("once_more")
    if sent.trapped or hasty:
        return _form_page(request, sent.showing(once_more="1"), site, notice=_ONCE_MORE, status=422)
    if must_wait_seconds(request):
        raise HTTPException(429)
    nonce = sent.value("nonce")[:NONCE_MAX] or secrets.token_urlsafe()
    try:
        await take_in(tools, form, site, _ON_THE_WEB, idempotency_key=f"web:{nonce}")
    except FormInvalid as refused:
        return _form_page(request, sent, site, refused.errors)
    except KeyUsedBefore:  # the same page, sent again with other answers: a form of its own
        await take_in(tools, form, site, _ON_THE_WEB, idempotency_key=None)
    return tools.pages.redirect(request, "/takk")


def _place_page(request: Request, sent: Sent, wrong: tuple[Wrong, ...] = (), labels: tuple[str, ...] = ()) -> Response:
    notice = _CHOOSE_PLACE if labels and not wrong else ""
    form = shown(request, sent, wrong, notice)
    return tools_of(request).pages.html(
        request, "place.html", form=form, place_choices=[(label, label) for label in labels]
    )


def _form_page(
    request: Request,
    sent: Sent,
    site: Location,
    wrong: tuple[Wrong, ...] = (),
    *,
    labels: tuple[str, ...] = (),
    notice: str = "",
    status: int | None = None,
) -> Response:
    locale = locale_of(request)
    form = shown(request, sent, wrong, notice)
    return tools_of(request).pages.html(
        request,
        "signup.html",
        status,
        form=form,
        centre=site.centre,
        papers=papers_of(site, locale),
        place_choices=[(label, label) for label in labels],
        language_options=language_options(locale),
        travel_options=travel_options(),
        honeypot=HONEYPOT,
        answer_days=ANSWER_DAYS,
    )


def _known_site(request: Request, sent: Sent) -> Location:
    """The centre that the form was shown for, while its place is being put right."""
    centres = tools_of(request).map.centres
    centre = centres.get(sent.value("centre")) or centres.all[0]
    place = centre.areas[0].places[0]
    return Location(centre, centre.areas[0], place.kommune, place.latitude, place.longitude)


@router.get("/takk")
async def thanks(request: Request) -> Response:
    """The same for all, whether we knew them or not."""
    return tools_of(request).pages.html(request, "thanks.html", answer_days=ANSWER_DAYS)


@router.get("/bekreft/{token}")
async def show_confirm(request: Request, token: str) -> Response:
    """The question behind the link, with one button. Opening it changes nothing."""
    tools = tools_of(request)
    confirmation_id = tools.links.read("confirm", token)
    answer = Answer.GONE
    if confirmation_id is not None:
        async with tools.database.transaction() as session:
            answer = await confirm.peek(session, confirmation_id, now=tools.now())
    asks = answer is Answer.CONFIRMED
    return tools.pages.html(request, "confirm.html", None if asks else _status(answer), asks=asks, answer=answer.value)


@router.post("/bekreft/{token}")
async def do_confirm(request: Request, token: str, _check: Annotated[FormCheck, Depends(csrf.protect)]) -> Response:
    """The button was pressed."""
    tools = tools_of(request)
    confirmation_id = tools.links.read("confirm", token)
    answer = Answer.GONE
    if confirmation_id is not None:
        async with tools.database.transaction() as session:
            answer = await confirm.confirm(
                session, tools.map.centres, confirmation_id, now=tools.now(), cause=Cause.fresh()
            )
    return tools.pages.html(request, "confirm.html", _status(answer), asks=False, answer=answer.value)


def _status(answer: Answer) -> int:
    return 410 if answer is Answer.GONE else 200


@router.get("/meld-av/{token}")
async def show_leave(request: Request, token: str) -> Response:
    """What leaving means, with one button. Opening it changes nothing."""
    tools = tools_of(request)
    signup_id = tools.links.read("leave", token)
    here = False
    if signup_id is not None:
        async with tools.database.transaction() as session:
            row = await withdraw.find(session, signup_id)
            here = row is not None and row.state != State.WITHDRAWN
    if signup_id is None:
        raise HTTPException(404)
    return tools.pages.html(request, "leave.html", asks=here)


async def _button(request: Request) -> None:
    """
    A FastAPI dependency: the button of our page, or that of a mail program.

    The mail program has never seen our page, so it has no token of a form; what lets it in is the link itself, which
    nobody can guess, and the one body that no page of ours and no scanner of links sends.
    """
    if (await request.form()).multi_items() != _ONE_CLICK:
        await csrf.protect(request)


@router.post("/meld-av/{token}", dependencies=[Depends(_button)])
async def do_leave(request: Request, token: str) -> Response:
    """The button was pressed, here or in the mail program."""
    tools = tools_of(request)
    signup_id = tools.links.read("leave", token)
    if signup_id is None:
        raise HTTPException(404)
    async with tools.database.transaction() as session:
        await withdraw.withdraw(session, signup_id, now=tools.now(), cause=Cause.fresh())
    return tools.pages.html(request, "leave.html", asks=False)


@router.get("/informasjon/{centre_id}")
async def information(request: Request, centre_id: str) -> Response:
    """What a group is and asks, as one centre does it."""
    tools = tools_of(request)
    centre = tools.map.centres.get(centre_id)
    if centre is None:
        raise HTTPException(404)
    text = texts.information(centre.policy, locale_of(request), centre.name)
    return tools.pages.html(request, "information.html", centre=centre, text=text)


@router.get("/personvern")
async def privacy(request: Request) -> Response:
    """What is kept of whom, and for how long."""
    tools = tools_of(request)
    return tools.pages.html(request, "privacy.html", centres=tools.map.centres.all)
