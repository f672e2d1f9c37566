"""The page of admins for a mail server that takes no mail: what to do."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from notify.web.deps import SignedIn, WebDeps

router = APIRouter(include_in_schema=False)


@router.get("/stab/post/server")
async def show_mail_server(request: Request, deps: WebDeps, _member: SignedIn) -> Response:
    """Tell an admin what to do while no mail leaves."""
    return deps.pages.html(request, "stab/mail_server.html")
