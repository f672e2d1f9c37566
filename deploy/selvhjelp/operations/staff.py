"""Add, reset, disable and list the staff users of an installation."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import Base, security_events
from intake.usecases.password_hashes import make_now
from intake.usecases.staff import add_staff, disable_staff, new_one_time_password, reset_password, unbind_staff
from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.sessions import database_session
from shared.errors import DomainError
from shared.kit.security_events import SecurityEvent, SecurityKind
from shared.reference import centres


async def add(installation: Installation, name: str, roles: list[str], centre_ids: list[str]) -> str:
    """
    Add a user, or replace the access of an existing one, and return a password for the first sign-in.

    Args:
        installation: The installation that the user belongs to.
        name: The user name.
        roles: Names of roles.
        centre_ids: Centres the user has access to; empty for every centre.

    Raises:
        CommandError: A centre or role is unknown, or the name cannot be used.
    """
    file = installation.value("INTAKE_CENTRES_FILE")
    directory = centres.load(Path(file) if file else None)
    if unknown := sorted(set(centre_ids) - {centre.id for centre in directory.all}):
        raise CommandError(
            f"unknown centre: {', '.join(unknown)}; choose from {', '.join(c.id for c in directory.all)}"
        )
    password = new_one_time_password()
    try:
        async with database_session(installation.database_url("intake")) as session:
            now, every = datetime.now(UTC), not centre_ids
            await add_staff(session, name, password, roles, centre_ids, now, all_centres=every, one_time=True)
            await record_event(session, SecurityKind.CREDENTIAL_RESET, name)
    except DomainError as error:
        messages = {
            "unknown_role": "unknown role; `selvhjelp staff add --help` lists the roles",
            "username": "the name must have 1 to 63 visible characters, without a space first or last",
        }
        raise CommandError(messages.get(error.slug, error.slug)) from None
    return password


async def reset(installation: Installation, name: str, *, factors: bool) -> str | None:
    """
    Give a user a password for one more first sign-in, and end all sessions.

    Args:
        installation: The installation that the user belongs to.
        name: The user name.
        factors: True to remove passkeys, apps and recovery codes as well.

    Returns:
        The password, None if there is no such user.
    """
    password = new_one_time_password()
    password_hash = await asyncio.to_thread(make_now, password)
    async with database_session(installation.database_url("intake")) as session:
        done = await reset_password(session, name, password_hash, factors=factors, now=datetime.now(UTC))
        if done:
            await record_event(session, SecurityKind.CREDENTIAL_RESET, name)
    return password if done else None


async def disable(installation: Installation, name: str) -> bool:
    """Disable a user at once; return whether the user exists."""
    async with database_session(installation.database_url("intake")) as session:
        done = await disable_staff(session, name, datetime.now(UTC))
        if done:
            await record_event(session, SecurityKind.SESSION_ENDED, name)
        return done


async def unbind(installation: Installation, name: str) -> bool:
    """Free a user from the person at an identity provider; return whether there was one."""
    async with database_session(installation.database_url("intake")) as session:
        done = await unbind_staff(session, name)
        if done:
            await record_event(session, SecurityKind.CREDENTIAL_RESET, name)
        return done


async def list_all(installation: Installation) -> list[dict[str, Any]]:
    """Return all users, sorted by name."""
    users = Base.metadata.tables["staff_users"]
    columns = (
        users.c.username,
        users.c.roles,
        users.c.centres,
        users.c.all_centres,
        users.c.created_at,
        users.c.disabled_at,
    )
    async with database_session(installation.database_url("intake")) as session:
        return [dict(row) for row in (await session.execute(sa.select(*columns).order_by("username"))).mappings()]


async def record_event(session: AsyncSession, kind: SecurityKind, name: str = "") -> None:
    """Record a security event of intake, which admins see; about a user if there is one."""
    now = datetime.now(UTC)
    event = SecurityEvent(now.replace(second=0, microsecond=0), kind.value, reason="command", account=name)
    await security_events.add(session, {event: 1}, now)
