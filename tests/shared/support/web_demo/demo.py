"""The pages of the demo: a form, a button, a staff page, an API and some failures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Form, Request
from pydantic import BaseModel, EmailStr, Field, SecretStr
from sqlalchemy import MetaData
from starlette.responses import Response

from devtools.testing.identities import AUTHORITY, SEEDS
from shared.errors import DomainError, NotFoundError
from shared.kit.clock import SystemClock
from shared.kit.database.engine import Database
from shared.kit.i18n import N_, format_clock
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.outbox import Outbox
from shared.kit.service import Service
from shared.kit.settings import ServiceSettings
from shared.kit.staff import StaffMember, wall_now
from shared.kit.web import auth, csrf, forms
from shared.kit.web.app import create_app
from shared.kit.web.messages import FieldText, Label
from shared.kit.web.pages import Pages, pages_of
from shared.reference.page_globals import page_globals
from tests.shared.support.staff import STAFF_KEYS

FORM_KEY = SecretStr("form-key-of-the-demo-" + "x" * 20)
SECRET_TEXT = "kari@example.org sin hemmelighet"

LABELS: dict[str, Label] = {
    "first_name": N_("Fornavn"),
    "email": N_("E-post"),
    "mobile": N_("Mobil"),
    "place": N_("Postnummer eller sted"),
    "slots": FieldText(N_("Når kan du møtes?"), missing=N_("Velg minst ett tidspunkt som passer.")),
    "languages": N_("Språk du kan snakke i gruppa"),
    "travel": N_("Hvor langt kan du reise?"),
    "adult": FieldText(N_("Jeg er over 18 år"), missing=N_("Kryss av for at du er over 18 år.")),
}


class SignUp(BaseModel):
    """The fields of the demo's form."""

    first_name: Annotated[str, Field(max_length=100)]
    email: EmailStr
    mobile: str | None = None
    place: Annotated[str, Field(max_length=60)]
    slots: Annotated[tuple[str, ...], Field(min_length=1)]
    languages: Annotated[list[str], Field(min_length=1, max_length=3)]
    travel: Literal["10", "20", "50"] = "20"
    adult: Literal["true"]


class ApiSignUp(BaseModel):
    """The body of the demo's API."""

    first_name: Annotated[str, Field(max_length=100)]
    max_travel_km: Annotated[int, Field(ge=1, le=500)]


router = APIRouter()


@router.get("/")
async def front(request: Request) -> Response:
    return pages_of(request).html(request, "front.html")


@router.get("/pamelding")
async def show(request: Request) -> Response:
    return pages_of(request).html(request, "signup.html", form=forms.blank(request, LABELS, {"travel": "20"}))


@router.post("/pamelding")
async def send(request: Request, check: Annotated[csrf.FormCheck, Depends(csrf.inspect)]) -> Response:
    pages = pages_of(request)
    sent = await forms.submitted(request, SignUp, LABELS)
    if sent.switching:
        return pages.html(request, "signup.html", form=sent.form)
    if not check.fresh:
        return pages.html(request, "signup.html", 422, form=sent.form.saying(pages.gettext(request)(csrf.STALE)))
    if sent.model is None:
        return pages.html(request, "signup.html", form=sent.form)
    return pages.redirect(request, "/takk")


@router.get("/knapp")
async def show_button(request: Request) -> Response:
    return pages_of(request).html(request, "button.html")


@router.post("/knapp")
async def press(request: Request, _check: Annotated[csrf.FormCheck, Depends(csrf.protect)]) -> Response:
    return pages_of(request).redirect(request, "/takk")


@router.post("/svar")
async def answer(
    request: Request,
    _check: Annotated[csrf.FormCheck, Depends(csrf.protect)],
    answer: Annotated[Literal["yes", "no"], Form()],
) -> Response:
    return pages_of(request).redirect(request, f"/{answer}")


@router.get("/stab/")
async def overview(request: Request, _member: Annotated[StaffMember, Depends(auth.signed_in)]) -> Response:
    return pages_of(request).html(request, "overview.html")


@router.post("/stab/")
async def change(
    request: Request,
    _member: Annotated[StaffMember, Depends(auth.signed_in)],
    _check: Annotated[csrf.FormCheck, Depends(csrf.protect)],
) -> Response:
    return pages_of(request).redirect(request, "/stab/")


@router.get("/feil/{what}")
@router.post("/feil/{what}")
async def fail(what: str) -> Response:
    if what == "nei":
        raise DomainError("group_closed", group_id="1")
    if what == "ukjent":
        raise NotFoundError("unknown_group", group_id="1")
    if what == "borte":
        raise ConnectionRefusedError(SECRET_TEXT)
    raise ValueError(SECRET_TEXT)


@router.post("/api/v1/signups")
async def api(sign_up: ApiSignUp) -> dict[str, str]:
    return {"status": sign_up.first_name}


@dataclass(frozen=True)
class Line:
    """A line of the demo's table of access."""

    method: str
    path: str
    roles: tuple[str, ...] = ()
    object: str = ""
    service: str = "demo"


ACCESS = (
    *(Line("GET", path) for path in ("/", "/pamelding", "/knapp", "/ut", "/feil/{what}")),
    *(Line("POST", path) for path in ("/pamelding", "/knapp", "/svar", "/feil/{what}", "/api/v1/signups")),
    *(
        Line("GET", path)
        for path in ("/livez", "/healthz", "/readyz", "/status", "/status.json", "/metrics", "/api/openapi.json")
    ),
    Line("HEAD", "/api/openapi.json"),
    Line("GET", "/stab/", ("koordinator", "admin")),
    Line("POST", "/stab/", ("koordinator",)),
)


def build(public_url: str = "http://testserver", wall: Callable[[], datetime] = wall_now) -> FastAPI:
    """Return the demo app."""
    settings = ServiceSettings(
        database_url=SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/nothing"),
        public_url=public_url,
        common_key=FORM_KEY,
        nats_seed=SEEDS["toy"],
        nats_authority=AUTHORITY.certificate,
        staff_keys=STAFF_KEYS,
        environment_label="Øving",
    )
    metadata = MetaData()
    inbox = Inbox(metadata)
    service = Service(
        "demo",
        settings,
        Database(settings.database_url),
        SystemClock(),
        outbox=Outbox(metadata),
        inbox=inbox,
        dead_letters=DeadLetters(metadata, inbox),
    )
    return create_app(
        "demo",
        service=service,
        pages=Pages("tests.shared.support.web_demo", extra_globals=page_globals(None, format_clock)),
        access=ACCESS,
        routers=[router],
        openapi=True,
        cors_origins=["https://senter.example"],
        labels=LABELS | {"max_travel_km": N_("Reisevei i km")},
        sentences={
            "group_closed": N_("Gruppa har startet og er lukket."),
            "unknown_group": N_("Gruppa er ikke her lenger. Last inn siden på nytt."),
        },
        wall=wall,
    )
