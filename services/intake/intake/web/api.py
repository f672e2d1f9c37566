"""The API for the centres' own web forms."""

from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import JSONResponse, Response

from intake.domain.form import FieldError, FormInvalid, SignupForm, errors_of
from intake.usecases.locations import AmbiguousPlace, Location, NoCentre, NoPlace, UnknownPostcode
from intake.usecases.register import KeyUsedBefore, Source
from intake.web.deps import must_wait_seconds, take_in, tools_of
from intake.web.messages import explain
from shared.kit.i18n import N_
from shared.kit.web.problems import Problem, problem_response
from shared.kit.web.state import locale_of
from shared.reference.slots import SLOTS

router = APIRouter(prefix="/api/v1", tags=["signups"])

KEY_MAX: Final = 255  # characters
_ACCEPTED: Final = b'{"status":"received"}'
_VIA_API: Final = Source("api")

_NOT_JSON = N_("Innholdet er ikke et gyldig JSON-objekt.")
_TO_CORRECT = N_("Noe må rettes.")
_KEY_USED = N_("Denne Idempotency-Key er brukt med et annet innhold. Bruk en ny for et nytt skjema.")
_KEY_WRONG = N_("Idempotency-Key kan ha 1 til 255 synlige ASCII-tegn.")
_TOO_MANY = N_("Det har kommet mange påmeldinger fra samme nett. Prøv igjen om litt.")


class CentreInfo(BaseModel):
    """
    A centre, as a form must know it.

    Attributes:
        kommuner: The kommuner it covers (SSB numbers).
        consent_version: The consent text in force; sent back in the sign-up.
        information_version: The information in force; sent back once it has been read.
        reading_required: Whether a sign-up without it is refused.
        information_url: Where the information can be read, within this system.
        slots: The values that ``slots`` can have.
        wishes: What people may wish of who else is in the group: the keys that ``wishes`` can have.
    """

    id: str
    name: str
    kommuner: list[str]
    consent_version: str
    information_version: str | None
    reading_required: bool
    information_url: str
    slots: list[str]
    wishes: list[str]


class Received(BaseModel):
    """The answer to every sign-up that can be read, whether the address is known or not."""

    status: str = "received"


class ProblemField(BaseModel):
    """One field and what to do about it, in the language of Accept-Language."""

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


@router.get("/centres", summary="The centres and what their forms must know")
async def centres(request: Request) -> list[CentreInfo]:
    """Every centre of this installation, with the kommuner that it covers and the texts in force."""
    return [
        CentreInfo(
            id=centre.id,
            name=centre.name,
            kommuner=list(centre.kommuner),
            consent_version=centre.policy.consent_version,
            information_version=centre.policy.information_version,
            reading_required=centre.policy.reading_gate == "required",
            information_url=f"/informasjon/{centre.id}",
            slots=list(SLOTS),
            wishes=list(centre.policy.wishes),
        )
        for centre in tools_of(request).map.centres.all
    ]


@router.post(
    "/signups",
    status_code=202,
    summary="Sign somebody up",
    response_model=Received,
    responses={
        422: {"model": ProblemDetails, "description": "Something must be put right; all of it at once", **_PROBLEM},
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
                "description": "The same key with the same content is one sign-up, for a day",
                "schema": {"type": "string", "minLength": 1, "maxLength": KEY_MAX},
            }
        ],
    },
)
async def sign_up(request: Request) -> Response:  # noqa: PLR0911 - one for each kind of answer
    """
    Takes in a sign-up.

    The person gets a mail with a link that confirms it, or a call where there is no address. The answer is the same
    whether the address is known or not.
    """
    wait_seconds = must_wait_seconds(request)
    if wait_seconds:
        refusal = _problem(request, 429, "too-many", _TOO_MANY)
        refusal.headers["Retry-After"] = str(wait_seconds)
        return refusal
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= KEY_MAX and key.isascii() and key.isprintable()):
        return _problem(request, 422, "idempotency-key", _KEY_WRONG)
    try:
        form = SignupForm.model_validate_json(await request.body())
        site = _site(request, form)
        await take_in(tools_of(request), form, site, _VIA_API, idempotency_key=f"api:{key}" if key else None)
    except ValidationError as error:
        if any(detail["type"] in {"json_invalid", "model_type"} for detail in error.errors(include_input=False)):
            return _problem(request, 422, "not-json", _NOT_JSON)
        return _refusal(request, errors_of(error))
    except FormInvalid as refused:
        return _refusal(request, refused.errors)
    except KeyUsedBefore:
        return _problem(request, 422, "idempotency-key-used", _KEY_USED)
    return Response(_ACCEPTED, 202, media_type="application/json")


def _site(request: Request, form: SignupForm) -> Location:
    match tools_of(request).map.find(form.place):
        case Location() as site:
            return site
        case AmbiguousPlace() | UnknownPostcode():
            code = "several_places"
        case NoCentre():
            code = "uncovered"
        case NoPlace():
            code = "unknown_place"
    raise FormInvalid((FieldError("place", code),))


def _refusal(request: Request, errors: tuple[FieldError, ...]) -> JSONResponse:
    texts, locale = tools_of(request).pages.texts, locale_of(request)
    said = explain(errors, texts, locale)
    fields = [{"field": error.field, "message": error.message} for error in said]
    title = texts.gettext(locale, _TO_CORRECT)
    return problem_response(Problem(422, "invalid", title, fields), locale)  # type: ignore[arg-type]


def _problem(request: Request, status: int, slug: str, title: str) -> JSONResponse:
    locale = locale_of(request)
    return problem_response(Problem(status, slug, tools_of(request).pages.texts.gettext(locale, title)), locale)
