"""Security events of signing in and of credentials, in one place. Call them outside transactions."""

from starlette.requests import Request

from shared.kit.security_events import SecurityKind
from shared.kit.web.security import record_event


async def signed_in(request: Request, username: str, proof: str) -> None:
    """Record that a session was opened; ``proof`` is the last one."""
    await record_event(request, SecurityKind.SIGNED_IN, reason=proof, account=username)


async def signed_out(request: Request) -> None:
    """Record that a user ended the own session."""
    await record_event(request, SecurityKind.SIGNED_OUT)


async def sign_in_refused(request: Request, reason: str, *, account: str = "", typed: str = "") -> None:
    """Record a refused name, password or second factor."""
    await record_event(
        request, SecurityKind.SIGN_IN_REFUSED, reason=reason, account=account or None, typed=typed or None
    )


async def limit_hit(request: Request, reason: str, *, typed: str = "") -> None:
    """Record that more was tried than a limit allows."""
    await record_event(request, SecurityKind.LIMIT_HIT, reason=reason, typed=typed or None)


async def session_ended(request: Request) -> None:
    """Record that a user ended another one of the own sessions."""
    await record_event(request, SecurityKind.SESSION_ENDED)


async def credential_changed(request: Request, reason: str) -> None:
    """Record that a user changed the own password or a second factor."""
    await record_event(request, SecurityKind.CREDENTIAL_CHANGED, reason=reason)


async def reset_by_admin(request: Request, kind: SecurityKind, username: str) -> None:
    """Record that an admin has reset a credential of a user, or ended the sessions; the audit log has who it was."""
    await record_event(request, kind, reason="admin", account=username)
