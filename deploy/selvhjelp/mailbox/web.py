"""The mailbox over HTTP: pages for people, and the part of Mailpit's API that tests and tools use."""

import re
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from selvhjelp.mailbox.faults import Fault, Faults, NoReply, Reply
from selvhjelp.mailbox.store import Address, Mail, Part, Store, Summary

PAGE_SIZE: Final = 50
PAGE_POLICY: Final = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
MAIL_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
LINK: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
FAULT: Final[TypeAdapter[Reply | NoReply]] = TypeAdapter(Fault)
PLAIN: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

_templates = Environment(loader=PackageLoader("selvhjelp.mailbox"), autoescape=select_autoescape())


def create_app(store: Store, faults: Faults) -> Starlette:
    """Build the application for a store and its faults."""
    app = Starlette(
        routes=[
            Route("/", index),
            Route("/mail/{id}", page),
            Route("/mail/{id}/html", html),
            Route("/tom", empty, methods=["POST"]),
            Route("/stil.css", style),
            Route("/api/v1/messages", messages, methods=["GET"]),
            Route("/api/v1/messages", delete, methods=["DELETE"]),
            Route("/api/v1/search", search),
            Route("/api/v1/message/{id}", message),
            Route("/api/v1/message/{id}/headers", headers),
            Route("/api/v1/message/{id}/raw", raw),
            Route("/api/v1/message/{id}/part/{part}", part),
            Route("/api/v1/faults", faults_route, methods=["GET", "POST", "DELETE"]),
            Route("/readyz", ready),
            Route("/livez", ready),
        ]
    )
    app.state.store = store
    app.state.faults = faults
    return app


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _mail(request: Request) -> Mail:
    mail = _store(request).get(request.path_params["id"])
    if mail is None:
        raise HTTPException(404, "Denne e-posten finnes ikke.")
    return mail


# Pages.


async def index(request: Request) -> Response:
    """Show the list, newest first; `?til=` filters by address."""
    wanted = request.query_params.get("til", "").strip()
    mails = [each for each in _store(request).newest_first() if not wanted or _is_to(each, wanted)]
    everyone = sorted({address for each in _store(request).newest_first() for address in each.recipients})
    return _page("list.html", mails=mails[:500], total=len(mails), wanted=wanted, everyone=everyone)


async def page(request: Request) -> Response:
    """Show one mail."""
    mail = _mail(request)
    calendars = [
        (each, each.content.decode(errors="replace")) for each in mail.parts if each.content_type == "text/calendar"
    ]
    return _page("mail.html", mail=mail, text=_with_links(mail.text), calendars=calendars)


async def html(request: Request) -> Response:
    """Return the HTML of a mail for a frame: no scripts, nothing from outside, links open in a new tab."""
    mail = _mail(request)
    body = mail.html
    for each in mail.inline:
        body = body.replace(f"cid:{each.content_id}", f"/api/v1/message/{mail.summary.id}/part/{each.id}")
    return HTMLResponse('<base target="_blank">' + body, headers={**PLAIN, "Content-Security-Policy": MAIL_POLICY})


async def empty(request: Request) -> Response:
    """Delete all mails, for the button under the list."""
    _store(request).delete()
    return RedirectResponse("/", status_code=303)


async def style(_: Request) -> Response:
    """Return the style sheet of the pages."""
    css = resources.files("selvhjelp.mailbox").joinpath("stil.css").read_text()
    return Response(css, media_type="text/css", headers=PLAIN)


def _page(name: str, **context: Any) -> Response:
    body = _templates.get_template(name).render(**context)
    return HTMLResponse(body, headers={**PLAIN, "Content-Security-Policy": PAGE_POLICY})


def _with_links(text: str) -> Markup:
    out, end = Markup(), 0
    for link in LINK.finditer(text):
        out += escape(text[end : link.start()])
        out += Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(link.group())
        end = link.end()
    return out + escape(text[end:])


# Mailpit's API.


async def messages(request: Request) -> Response:
    """List mails by `?start=0&limit=50`, newest first."""
    return _listed(request, _store(request).newest_first())


async def search(request: Request) -> Response:
    """List mails that match every term of `?query=`: `to:`, `from:`, `subject:`, `message-id:` or a plain word."""
    terms = re.findall(r'(?:[\w-]+:)?"[^"]*"|\S+', request.query_params.get("query", ""))
    matching = [each for each in _store(request).newest_first() if all(_matches(each, term) for term in terms)]
    return _listed(request, matching)


async def message(request: Request) -> Response:
    """Return one mail; the id may be `latest`."""
    mail = _mail(request)
    fields = _listing(mail.summary)
    del fields["Snippet"], fields["Created"]
    date = mail.message.get("Date")
    return JSONResponse(
        fields
        | {
            "Date": date.datetime.isoformat() if date is not None and date.datetime else mail.summary.received,
            "Text": mail.text,
            "HTML": mail.html,
            "Inline": [_part(each) for each in mail.inline],
            "Attachments": [_part(each) for each in mail.attachments],
        }
    )


async def headers(request: Request) -> Response:
    """Return the name of each header with all its values."""
    mail = _mail(request)
    return JSONResponse({name: [str(value) for value in mail.message.get_all(name, [])] for name in mail.message})


async def raw(request: Request) -> Response:
    """Return the mail as it was received."""
    return PlainTextResponse(_mail(request).raw)


async def part(request: Request) -> Response:
    """Return the decoded content of one part, as a download."""
    for each in _mail(request).parts:
        if each.id == request.path_params["part"]:
            name = re.sub(r"[^\w.-]", "_", each.file_name or f"del-{each.id}", flags=re.ASCII)
            disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(each.content, media_type=each.content_type, headers=PLAIN | disposition)
    raise HTTPException(404)


async def delete(request: Request) -> Response:
    """Delete all mails, or those in `{"IDs": [...]}`."""
    body = await request.body()
    chosen = (await request.json()).get("IDs") if body else None
    _store(request).delete(chosen or None)
    return PlainTextResponse("ok")


async def ready(_: Request) -> Response:
    """Answer 200: SMTP started before HTTP, so both are ready."""
    return PlainTextResponse("ok")


# Our own API.


async def faults_route(request: Request) -> Response:
    """List, add or remove faults, see `selvhjelp.mailbox.faults`."""
    faults: Faults = request.app.state.faults
    if request.method == "DELETE":
        faults.clear()
    elif request.method == "POST":
        try:
            faults.add(FAULT.validate_json(await request.body()))
        except ValidationError as error:
            raise HTTPException(422, str(error.errors(include_url=False))) from None
    return JSONResponse({"waiting": [fault.model_dump() for fault in faults.remaining]})


def _listed(request: Request, summaries: list[Summary]) -> Response:
    try:
        start = max(0, int(request.query_params.get("start", 0)))
        limit = max(0, int(request.query_params.get("limit", PAGE_SIZE)))
    except ValueError:
        raise HTTPException(400, "start and limit are numbers") from None
    shown = summaries[start : start + limit]
    total = len(_store(request).newest_first())
    return JSONResponse(
        {
            "total": total,
            "unread": total,
            "count": len(shown),
            "messages_count": len(summaries),
            "start": start,
            "tags": [],
            "messages": [_listing(each) for each in shown],
        }
    )


def _listing(summary: Summary) -> dict[str, Any]:
    named = {each.address.lower() for each in summary.to}
    return {
        "ID": summary.id,
        "MessageID": summary.message_id,
        "Read": False,
        "From": _address(summary.sender),
        "To": [_address(each) for each in summary.to],
        "Cc": [],
        "Bcc": [_address(Address("", each)) for each in summary.recipients if each.lower() not in named],
        "ReplyTo": [],
        "Subject": summary.subject,
        "Created": summary.received,
        "Tags": [],
        "Size": summary.size,
        "Attachments": summary.attachments,
        "Snippet": summary.snippet,
    }


def _address(address: Address) -> dict[str, str]:
    return {"Name": address.name, "Address": address.address}


def _part(each: Part) -> dict[str, Any]:
    return {
        "PartID": each.id,
        "FileName": each.file_name,
        "ContentType": each.content_type,
        "ContentID": each.content_id,
        "Size": len(each.content),
    }


def _is_to(summary: Summary, wanted: str) -> bool:
    addresses = [*summary.recipients, *(each.address for each in summary.to)]
    return any(wanted.lower() in address.lower() for address in addresses)


def _matches(summary: Summary, term: str) -> bool:
    field, colon, value = term.partition(":")
    value = value.strip('"').lower()
    match field.lower() if colon else "":
        case "to" | "addressed":
            return _is_to(summary, value)
        case "from":
            return value in summary.sender.address.lower() or value in summary.sender.name.lower()
        case "subject":
            return value in summary.subject.lower()
        case "message-id":
            return value.strip("<>") == summary.message_id.lower()
        case _:
            return term.strip('"').lower() in f"{summary.subject} {summary.snippet}".lower()
