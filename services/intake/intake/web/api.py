"""The API for the centres' own web forms."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import JSONResponse, Response

from intake.domain.crisis import is_acute
from intake.domain.form import FieldError, FormInvalid, SignupForm, field_errors
from intake.usecases import api_keys
from intake.usecases.locations import AmbiguousPlace, Location, NoCentre, NoPlace, UnknownPostcode
from intake.usecases.register import KeyUsedBefore, register
from intake.usecases.signup_rows import Source
from intake.web.deps import Deps, WebDeps, deps_of, signup_wait_seconds
from intake.web.limits import of_this_machine
from intake.web.messages import explain
from shared.kit.i18n import N_
from shared.kit.networks import network_of
from shared.kit.security_events import SecurityKind
from shared.kit.web.pages import pages_of
from shared.kit.web.problems import Problem, ProblemError, problem_response
from shared.kit.web.security import address_of, record_event
from shared.kit.web.state import locale_of, state_of
from shared.reference.languages import LANGUAGES
from shared.reference.limits import API_KEY_SIGNUPS
from shared.reference.slots import SLOTS

router = APIRouter(prefix="/api/v1", tags=["signups"])

KEY_MAX: Final = 255  # characters
_CODES: Final = frozenset((*SLOTS, *LANGUAGES))
_ACCEPTED: Final = b'{"status":"received"}'

_NOT_JSON = N_("Innholdet er ikke et gyldig JSON-objekt.")
_TO_CORRECT = N_("Noe må rettes.")
_KEY_USED = N_("Denne Idempotency-Key er brukt med et annet innhold. Bruk en ny for et nytt skjema.")
_KEY_WRONG = N_("Idempotency-Key kan ha 1 til 255 synlige ASCII-tegn.")
_ACUTE = N_("Det kan se ut som noen er i fare. Ring nå. Vi har ikke lagret noe; vis personen siden /akutt.")
_NOT_NAMED = N_("Denne nettsiden kan ikke sende inn skjemaer. Senteret må be oss om å slippe den til.")
_NOT_SENT_AS_JSON = N_("Send innholdet som JSON, med Content-Type: application/json.")
_KEY_UNKNOWN = N_("Nøkkelen gjelder ikke. Be om en ny, eller send uten.")
_TOO_MANY = N_("Det har kommet mange påmeldinger fra samme nett. Prøv igjen om litt.")


class CentreInfo(BaseModel):
    """
    The facts about a centre that a form needs.

    Attributes:
        kommuner: Numbers of the kommuner that the centre covers (SSB).
        accepts_within_km: How far from its nearest meeting place it accepts people from a place that no centre covers;
            they send its id as ``nearby``.
        consent_version: The consent text in force; to be sent back in the sign-up.
        information_version: The information in force; to be sent back once it has been read.
        reading_required: True if a sign-up without it is refused.
        information_url: The path of the information in this system.
        slots: The values that ``slots`` of a sign-up can have.
        digital_groups: True if ``digital`` of a sign-up can be "also" or "only".
        group_term: The centre's word for a group.
        forsamtale: A talk with the centre before the waiting list: "off", "offered" or "required".
        wishes: The wishes about the group that the centre offers: keys that ``wishes`` of a sign-up can have.
    """

    id: str
    name: str
    kommuner: list[str]
    accepts_within_km: int
    consent_version: str
    information_version: str | None
    reading_required: bool
    information_url: str
    slots: list[str]
    wishes: list[str]
    digital_groups: bool
    group_term: str
    forsamtale: str


class Received(BaseModel):
    """The answer to every valid sign-up; the same for known and unknown addresses."""

    status: str = "received"


class ProblemField(BaseModel):
    """A field and how to correct it, in the language of Accept-Language."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    errors: list[ProblemField] = []


_PROBLEM: Final[dict[str, Any]] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
}


@router.get("/centres", summary="List the centres")
async def centres(deps: WebDeps) -> list[CentreInfo]:
    """List the centres of this installation, with the kommuner that they cover and the texts in force."""
    return [
        CentreInfo(
            id=centre.id,
            name=centre.name,
            kommuner=list(centre.kommuner),
            accepts_within_km=centre.accepts_within_km,
            consent_version=centre.policy.consent_version,
            information_version=centre.policy.information_version,
            reading_required=centre.policy.reading_gate == "required",
            information_url=f"/informasjon/{centre.id}",
            slots=list(SLOTS),
            wishes=list(centre.policy.wishes),
            digital_groups=centre.policy.digital_groups,
            group_term=centre.policy.group_term,
            forsamtale=centre.policy.forsamtale,
        )
        for centre in deps.centres.all
    ]


@router.post(
    "/signups",
    status_code=202,
    summary="Sign somebody up",
    response_model=Received,
    responses={
        401: {"model": ProblemDetails, "description": "A key that does not hold", **_PROBLEM},
        403: {"model": ProblemDetails, "description": "A page whose origin is not named in the settings", **_PROBLEM},
        415: {"model": ProblemDetails, "description": "Not sent as application/json", **_PROBLEM},
        422: {
            "model": ProblemDetails,
            "description": "Some fields must be corrected; all of them are listed",
            **_PROBLEM,
        },
        429: {"model": ProblemDetails, "description": "Too many from one network; see Retry-After", **_PROBLEM},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": SignupForm.model_json_schema()}},
        },
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The same key with the same content is one sign-up, for a day. It belongs to the API "
                "key, or without one to the network of the caller.",
                "schema": {"type": "string", "minLength": 1, "maxLength": KEY_MAX},
            },
            {
                "name": "Authorization",
                "in": "header",
                "required": False,
                "description": "Bearer and the key of a centre's own server (selvhjelp api-keys add). With it the mail "
                "is sent at once; without it, or to another centre, the mail may wait for its turn. Never put a key "
                "into a page.",
                "schema": {"type": "string"},
            },
        ],
    },
)
async def sign_up(request: Request) -> Response:  # noqa: PLR0911 - one return for each answer
    """
    Register a sign-up.

    The person gets a mail with a link to confirm it, or a call if there is no address. The answer is the same for known
    and unknown addresses.
    """
    deps = await deps_of(request)  # as WebDeps would, without its search for what to inject: this route is the busiest
    if refusal := _refused(request, deps):
        return refusal
    caller = await _caller(request, deps)
    if isinstance(caller, Response):
        return caller
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= KEY_MAX and key.isascii() and key.isprintable()):
        return _problem(request, 422, "idempotency-key", _KEY_WRONG)
    body = await request.body()
    if is_acute(_words(body)):
        return _acute(request, deps)
    try:
        form = SignupForm.model_validate_json(body)
        await _register(deps, form, caller, key)
    except ValidationError as error:
        if any(detail["type"] in {"json_invalid", "model_type"} for detail in error.errors(include_input=False)):
            return _problem(request, 422, "not-json", _NOT_JSON)
        return _invalid(request, field_errors(error))
    except FormInvalid as invalid:
        return _invalid(request, invalid.errors)
    except KeyUsedBefore:
        return _problem(request, 422, "idempotency-key-used", _KEY_USED)
    return Response(_ACCEPTED, 202, media_type="application/json")


def _refused(request: Request, deps: Deps) -> JSONResponse | None:
    """
    Return the refusal of a page that may not send forms here, and of what is not sent as JSON.

    A page of another site can make its visitor's browser send a form anywhere, as text/plain, without asking first.
    It would count as the visitor's, and pass the limit of its own network.
    """
    origin = request.headers.get("origin")
    of_a_page = origin is not None or request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    if of_a_page and origin not in deps.api_origins:
        return _problem(request, 403, "origin", _NOT_NAMED)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return None if media_type == "application/json" else _problem(request, 415, "media-type", _NOT_SENT_AS_JSON)


def _words(body: bytes) -> str:
    """
    Return every text in a JSON document, each as a clause of its own; what is no JSON is a text itself.

    Codes of choices, of which every form is full, are left out.
    """
    try:
        return ".\n".join(text for text in _texts(json.loads(body)) if text not in _CODES)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _acute(request: Request, deps: Deps) -> JSONResponse:
    """Answer words of acute danger: where there is help, now; nothing is stored."""
    texts, locale = pages_of(request).texts, locale_of(request)
    fields: list[ProblemError] = [
        {"field": "", "message": f"{line.called(locale)}: {line.number}. {line.when(locale)}."}
        for line in deps.help_lines
    ]
    return problem_response(Problem(422, "acute-danger", texts.gettext(locale, _ACUTE), fields), locale)


@dataclass(frozen=True, slots=True)
class _Caller:
    """
    The sender of a sign-up.

    Attributes:
        address: Where it comes from.
        proven: True from this machine.
        key_id: The key that it has; None without one.
        centre: The centre whose key it has, which speaks for forms to that centre only; empty without a key.
    """

    address: str | None
    proven: bool = False
    key_id: UUID | None = None
    centre: str = ""

    def own_key(self, idempotency_key: str) -> str:
        """Return an idempotency key as one of its own: two senders may use the same."""
        sender = f"key {self.key_id}" if self.key_id else f"net {network_of(self.address)}"
        return f"api:{sender}:{idempotency_key}"


async def _caller(request: Request, deps: Deps) -> _Caller | Response:
    """Return the sender, with one sign-up counted; or the refusal of a wrong key or of too many."""
    address = address_of(request)
    if (header := request.headers.get("authorization")) is None:
        wait_seconds = await signup_wait_seconds(request, deps)
        return _too_many(request, wait_seconds) if wait_seconds else _Caller(address, of_this_machine(request))
    async with deps.database.transaction() as session:
        key = await api_keys.of_header(session, header)
        free = key is not None and await api_keys.take(session, deps.vault, key, now=state_of(request).wall())
    if key is None:
        refusal = _problem(request, 401, "api-key", _KEY_UNKNOWN)
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    if not free:
        await record_event(request, SecurityKind.LIMIT_HIT, reason=API_KEY_SIGNUPS.name)
        return _too_many(request, int(API_KEY_SIGNUPS.span.total_seconds()))
    return _Caller(address, key_id=key.key_id, centre=key.centre)


def _too_many(request: Request, wait_seconds: int) -> Response:
    refusal = _problem(request, 429, "too-many", _TOO_MANY)
    refusal.headers["Retry-After"] = str(wait_seconds)
    return refusal


async def _register(deps: Deps, form: SignupForm, caller: _Caller, key: str | None) -> None:
    location = _location(deps, form)
    await register(
        deps.database,
        deps.vault,
        form,
        location,
        Source("api", proven=caller.proven or caller.centre == location.centre.id),
        now=deps.clock.now(),
        idempotency_key=caller.own_key(key) if key else None,
    )


def _location(deps: Deps, form: SignupForm) -> Location:
    match deps.lookup.find(form.place):
        case Location() as location:
            return location
        case AmbiguousPlace():
            code = "several_places"
        case UnknownPostcode():
            code = "unknown_code"
        case NoCentre() as place:
            if chosen := place.at(form.nearby):
                return chosen
            if place.nearby:
                raise FormInvalid((FieldError("nearby", "not_a_choice"),))
            code = "uncovered"
        case NoPlace():
            code = "unknown_place"
    raise FormInvalid((FieldError("place", code),))


def _invalid(request: Request, errors: tuple[FieldError, ...]) -> JSONResponse:
    texts, locale = pages_of(request).texts, locale_of(request)
    fields: list[ProblemError] = [
        {"field": error.field, "message": error.message} for error in explain(errors, texts, locale)
    ]
    return problem_response(Problem(422, "invalid", texts.gettext(locale, _TO_CORRECT), fields), locale)


def _problem(request: Request, status: int, slug: str, title: str) -> JSONResponse:
    locale = locale_of(request)
    return problem_response(Problem(status, slug, pages_of(request).texts.gettext(locale, title)), locale)
