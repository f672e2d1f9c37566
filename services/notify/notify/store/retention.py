"""How long notify remembers."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.delivery import Status
from notify.domain.kinds import ABOUT_SIGNUP
from notify.store.tables import Base

WHO_SAT_WITH_WHOM: Final = timedelta(days=14)
"""After a start meeting; from then on no row, not even of a mail, links two members of a group."""

MAILS: Final = timedelta(days=30)
FORGOTTEN: Final = timedelta(days=14)
"""Longer than any stream keeps an event that could bring somebody back."""

STAFF_ACTIONS: Final = timedelta(days=365)

_T = Base.metadata.tables
_MAILS, _SIGNUPS, _GROUPS, _SEATS = _T["mails"], _T["signups"], _T["groups"], _T["seats"]


async def tidy(session: AsyncSession, now: datetime) -> None:
    """Delete what is no longer needed. A mail is kept while its sign-up or group lives, or it might be sent anew."""
    over = sa.select(_GROUPS.c.id).where(_GROUPS.c.closed_at < now - WHO_SAT_WITH_WHOM)
    members = sa.select(_SEATS.c.signup_id).where(_SEATS.c.group_id.in_(over), _SEATS.c.released.is_(None))
    await session.execute(sa.delete(_SIGNUPS).where(_SIGNUPS.c.id.in_(members)))
    await session.execute(sa.delete(_MAILS).where(_MAILS.c.group_id.in_(over)))
    await session.execute(sa.delete(_GROUPS).where(_GROUPS.c.id.in_(over)))
    await session.execute(sa.delete(_SIGNUPS).where(_SIGNUPS.c.withdrawn_at < now - MAILS))
    unconfirmed = ~_SIGNUPS.c.confirmed & (_SIGNUPS.c.expires_at < now - MAILS)
    await session.execute(sa.delete(_SIGNUPS).where(unconfirmed))
    lives = sa.exists().where(_GROUPS.c.id == _MAILS.c.group_id) | (
        _MAILS.c.kind.in_(sorted(ABOUT_SIGNUP)) & sa.exists().where(_SIGNUPS.c.id == _MAILS.c.signup_id)
    )
    await session.execute(
        sa.delete(_MAILS).where(_MAILS.c.settled_at < now - MAILS, _MAILS.c.status != Status.CALL.value, ~lives)
    )
    forgotten, actions = _T["forgotten"], _T["staff_actions"]
    await session.execute(sa.delete(forgotten).where(forgotten.c.at < now - FORGOTTEN))
    await session.execute(sa.delete(actions).where(actions.c.at < now - STAFF_ACTIONS))
