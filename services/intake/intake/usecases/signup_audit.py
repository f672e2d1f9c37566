"""Record the acts of staff on a sign-up in the audit log, in the transaction of the act."""

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import Signup, audit_log
from shared.kit.audit import Actor


async def record_signup(session: AsyncSession, actor: Actor, action: str, row: Signup) -> None:
    """Record an act on a sign-up: its person is the object, and the details name the sign-up."""
    details = {"signup_id": str(row.signup_id)}
    await audit_log.record(session, actor, action, "person", row.person_id, scope=row.centre, details=details)
