"""Record security events from requests."""

from uuid import UUID

from starlette.requests import Request

from shared.kit.links import Links
from shared.kit.security_events import SecurityKind, SecurityRecorder
from shared.kit.web.auth import member_of


async def record_event(
    request: Request, kind: SecurityKind, *, reason: str = "", account: str | None = None, typed: str | None = None
) -> None:
    """
    Record a security event about a request, in a transaction of its own.

    Call it outside transactions. A failure to write never fails the request.

    Args:
        request: The request; its network and the template of its route are kept.
        kind: The kind.
        reason: A fixed word for why; never text that somebody typed.
        account: The username of a known account; by default that of the session.
        typed: What somebody typed as a name, which is kept under a keyed name only.
    """
    recorder: SecurityRecorder | None = request.app.state.service.security
    if recorder is None:
        return
    member = None if account or typed else member_of(request)
    await recorder.record(
        kind,
        reason=reason,
        route=route_of(request),
        account=account or (member.username if member else None),
        typed=typed,
        address=address_of(request),
    )


def address_of(request: Request) -> str | None:
    """Return the address that a request comes from; None where the server knows none."""
    return request.client.host if request.client else None


async def link_of(request: Request, links: Links, purpose: str, token: str) -> UUID | None:
    """Return the id that a mailed link is about; None for a forged one, which is a security event."""
    id_ = links.read(purpose, token)
    if id_ is None:
        await record_event(request, SecurityKind.LINK_REFUSED)
    return id_


def route_of(request: Request) -> str:
    """Return method and template of the route that a request is for, as ``POST /stab/rom/nytt``; empty for none."""
    path = getattr(request.scope.get("route"), "path", "")
    return f"{request.method} {path}" if path else ""
