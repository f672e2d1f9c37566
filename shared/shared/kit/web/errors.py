"""Turn every failure into a page or a problem document with advice."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import exc as database_errors
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from shared.errors import DomainError, NotFoundError, NotYet
from shared.kit.i18n import N_
from shared.kit.logging import get_logger
from shared.kit.security_events import SecurityKind
from shared.kit.web.acts import SURE, AskFirst
from shared.kit.web.auth import Forbidden, SignInNeeded, member_of, sign_in_path
from shared.kit.web.csrf import FIELD, CrossSite, StaleForm
from shared.kit.web.forms import problem_errors
from shared.kit.web.guards import where
from shared.kit.web.locale import localised, split
from shared.kit.web.next_page import staff_path
from shared.kit.web.pages import pages_of
from shared.kit.web.problems import Problem, problem_response
from shared.kit.web.security import record_event
from shared.kit.web.state import locale_of, state_of
from shared.kit.web.undo import TooLateToUndo

RETRY_AFTER_SECONDS = 30

UNAVAILABLE: tuple[type[Exception], ...] = (
    database_errors.OperationalError,
    database_errors.InterfaceError,
    database_errors.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    ConnectionError,
    TimeoutError,
)
"""Raised while the database is away; the page asks people to try again."""

_DATA_EXCEPTION = "22"
"""The class of SQLSTATE for a value that has no place in its type."""

TITLES: Mapping[int, tuple[str, str]] = {
    400: (N_("Det gikk ikke"), N_("Noe manglet i det som ble sendt. Gå tilbake og prøv en gang til.")),
    403: (N_("Dette har du ikke tilgang til"), N_("Spør senteret ditt hvis du mener at du skulle hatt det.")),
    404: (
        N_("Siden finnes ikke"),
        N_("Lenken kan være gammel, eller skrevet feil. Du kan begynne på forsiden."),
    ),
    405: (N_("Det gikk ikke"), N_("Gå til forsiden og begynn derfra.")),
    408: (N_("Det tok for lang tid"), N_("Nettet kan være tregt. Gå tilbake og prøv en gang til.")),
    409: (
        N_("Dette kan ikke gjøres nå"),
        N_("Noe kan ha endret seg siden du åpnet siden. Last den inn på nytt for å se hvordan det står til."),
    ),
    413: (N_("Det var for mye på en gang"), N_("Gå tilbake, skriv litt kortere og send på nytt.")),
    422: (N_("Noe må rettes"), N_("Gå tilbake, se over det du har fylt ut, og send på nytt.")),
    429: (
        N_("Vent litt"),
        N_("Det har kommet mange forsøk herfra på kort tid. Vent ti minutter og prøv igjen."),
    ),
    500: (
        N_("Noe gikk galt hos oss"),
        N_("Det er ikke din feil. Prøv igjen om litt. Går det ikke da, kan du ringe senteret."),
    ),
    503: (
        N_("Vi er straks tilbake"),
        N_("Siden er borte et øyeblikk. Vent et halvt minutt, og prøv igjen."),
    ),
}
STALE_TITLE = N_("Siden hadde stått åpen lenge")
STALE_ADVICE = N_("For å være trygge på at det er du som svarer, må du åpne siden på nytt og trykke en gang til.")
CROSS_TITLE = N_("Skjemaet kom ikke fra siden vår")
CROSS_ADVICE = N_("Åpne siden på nytt og send en gang til. Ingenting er endret.")

LATE_TITLE = N_("Det er for sent å angre")
LATE_ADVICE = N_("Det som ble gjort, står. Åpne siden det gjelder, og endre det der.")

log = get_logger(__name__)


def is_api(request: Request) -> bool:
    """Return True for a request of a program, which gets problem details."""
    return f"{request.url.path}/".startswith("/api/")


async def render_error(
    request: Request, status: int, title: str = "", advice: str = "", slug: str = "", *, again: bool = False
) -> Response:
    """
    Return a failure as a page for people, or as problem details for programs.

    Args:
        request: The request that failed.
        status: The HTTP status.
        title: The failure in words (msgid); by the status when not given.
        advice: The next step for the reader (msgid); by the status when not given.
        slug: The kind of problem, for programs.
        again: True to offer a link back to the same page.
    """
    default_title, default_advice = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    pages = pages_of(request)
    _ = pages.gettext(request)
    if is_api(request):
        response: Response = problem_response(
            Problem(status, slug or f"http-{status}", _(title or default_title)), locale_of(request)
        )
    else:
        response = pages.html(
            request,
            "error.html",
            status,
            heading=_(title or default_title),
            advice=_(advice or default_advice),
            again=again,
        )
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def install(app: FastAPI) -> None:
    """Register a handler for every kind of failure."""
    app.exception_handlers.update(
        {
            HTTPException: _http,
            RequestValidationError: _invalid,
            Problem: _problem,
            DomainError: _refused,
            NotYet: _refused,
            SignInNeeded: _sign_in,
            Forbidden: _forbidden,
            CrossSite: _cross_site,
            StaleForm: _stale,
            TooLateToUndo: _too_late,
            AskFirst: _ask_first,
            **dict.fromkeys(UNAVAILABLE, _unavailable),
            database_errors.DBAPIError: _database,
        }
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = await render_error(request, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if not is_api(request):
        in_path = any(detail["loc"][0] == "path" for detail in error.errors())
        return await render_error(request, 404 if in_path else 422)
    state, locale = state_of(request), locale_of(request)
    field_errors = problem_errors(error.errors(), state.labels, locale, state.texts)
    title = state.texts.gettext(locale, TITLES[422][0])
    return problem_response(Problem(422, "invalid", title, field_errors), locale)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    if is_api(request):
        return problem_response(error, locale_of(request))
    return await render_error(request, error.status, error.title)


async def _refused(request: Request, error: Exception) -> Response:
    slug = error.slug if isinstance(error, DomainError) else "not-yet"
    log.info("request_refused", slug=slug)
    status = 404 if isinstance(error, NotFoundError) else 409
    if status == 404 and member_of(request) is not None:  # the same for another centre's object as for none
        await record_event(request, SecurityKind.OBJECT_NOT_FOUND, reason=slug)
    # The sentences say what to do after a press; for a page that is not there the usual advice is right.
    opened = status == 404 and request.method in {"GET", "HEAD"}
    advice = "" if opened else state_of(request).sentences.get(slug, "")
    return await render_error(request, status, advice=advice, slug=slug)


async def _sign_in(request: Request, _error: Exception) -> Response:
    return RedirectResponse(localised(locale_of(request), sign_in_path(request.url.path)), 303)


async def _forbidden(request: Request, _error: Exception) -> Response:
    await record_event(request, SecurityKind.ACCESS_DENIED)
    return await render_error(request, 403)


async def _cross_site(request: Request, _error: Exception) -> Response:
    await record_event(request, SecurityKind.FORM_REFUSED)
    return await render_error(request, 403, CROSS_TITLE, CROSS_ADVICE, again=True)


async def _stale(request: Request, _error: Exception) -> Response:
    return await render_error(request, 403, STALE_TITLE, STALE_ADVICE, again=True)


async def _too_late(request: Request, _error: Exception) -> Response:
    log.info("request_refused", slug="too_late_to_undo")
    return await render_error(request, 409, LATE_TITLE, LATE_ADVICE)


async def _ask_first(request: Request, error: Exception) -> Response:
    """Show the question that comes before an act, with the fields of its form."""
    assert isinstance(error, AskFirst)
    pages = pages_of(request)
    came_from = urlsplit(request.headers.get("referer", ""))
    _, path = split(came_from.path)
    sent = [(name, value) for name, value in request.state.sent.multi_items() if name not in {FIELD, SURE}]
    return pages.html(
        request,
        "question.html",
        question=error.question,
        action=request.url.path,
        sent=[(name, value) for name, value in sent if isinstance(value, str)],
        sure=SURE,
        before=staff_path(f"{path}?{came_from.query}" if came_from.query else path) or "/stab/",
    )


async def _database(request: Request, error: Exception) -> Response:
    """Answer what the database cannot store or understand, as NUL in a text; everything else is a failure of ours."""
    assert isinstance(error, database_errors.DBAPIError)
    if not str(getattr(error.orig, "sqlstate", None) or "").startswith(_DATA_EXCEPTION):
        raise error
    log.info("request_refused", slug="data-exception")
    return await render_error(request, 422)


async def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("request_unavailable", error=type(error).__name__, where=where(error))
    return await render_error(request, 503)
