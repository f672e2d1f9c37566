"""The page beside the staff pages: the day in the town, the diary, the open tasks, and the summary at the end."""

from importlib import resources
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from intake.web.task_texts import kind_text
from selvhjelp.rehearsal.town import words
from selvhjelp.rehearsal.town.ledger import OpenTask
from selvhjelp.rehearsal.town.rehearsal import Rehearsal
from selvhjelp.rehearsal.town.system import STAFF
from shared.kit.i18n import format_clock, format_date

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
PLAIN: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
DIARY_SHOWN: Final = 30
FILES: Final = {"stil.css": "text/css", "oving.js": "text/javascript"}

_templates = Environment(loader=PackageLoader("selvhjelp.rehearsal.town"), autoescape=select_autoescape())


def create_app(rehearsal: Rehearsal) -> Starlette:
    """Build the application for one rehearsal."""
    routes = [Route("/", show), Route("/videre", go_on, methods=["POST"]), Route("/{name}", file)]
    app = Starlette(routes=routes)
    app.state.rehearsal = rehearsal
    return app


async def show(request: Request) -> Response:
    """Show the day, or the summary once the rehearsal is over."""
    rehearsal: Rehearsal = request.app.state.rehearsal
    system = rehearsal.system
    now = system.clock.now()
    diary = list(rehearsal.diary)[:DIARY_SHOWN]
    body = _templates.get_template("guide.html").render(
        rehearsal=rehearsal,
        centre=rehearsal.centre.name,
        today=format_date(now, "nb"),
        clock=format_clock(now, "nb"),
        day=(now - rehearsal.began).days + 1,
        days=(rehearsal.ends - rehearsal.began).days,
        tasks=[_task(task) for task in rehearsal.open_tasks],
        diary=[(format_date(moment, "nb"), sentence) for moment, sentence in diary],
        staff_url=f"{system.url}/stab/",
        mailbox_url=system.mailbox_url,
        username=STAFF,
        password=system.password,
        summary=rehearsal.summary() if rehearsal.over else None,
        words=words,
    )
    return HTMLResponse(body, headers={**PLAIN, "Content-Security-Policy": POLICY})


async def go_on(request: Request) -> Response:
    """Begin, or let the day pass; only from this page itself."""
    origin = request.headers.get("origin", "")
    if urlsplit(origin).netloc != request.headers.get("host"):
        return PlainTextResponse("Bare fra siden selv.", 403, headers=PLAIN)
    request.app.state.rehearsal.go_on.set()
    return RedirectResponse("/", 303)


async def file(request: Request) -> Response:
    """Return the style sheet or the script."""
    name = request.path_params["name"]
    if name not in FILES:
        return PlainTextResponse("Finnes ikke.", 404, headers=PLAIN)
    text = resources.files("selvhjelp.rehearsal.town").joinpath("templates", name).read_text("utf-8")
    return Response(text, media_type=FILES[name], headers=PLAIN)


def _task(task: OpenTask) -> tuple[str, str, bool]:
    """Return the name of a task, the group that it is about, and whether it is urgent."""
    return kind_text(task.kind).label, words.group_of(task.facts), task.urgent
