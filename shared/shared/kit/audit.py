"""The audit log: actor, action and object of every act, written in the transaction of the act."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    MetaData,
    String,
    Table,
    Text,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kit.database.append_only import recorded_at
from shared.kit.messaging.causes import Cause

_NO_DETAILS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Actor:
    """
    A signed-in user, or the system itself, in whose name a command runs.

    Attributes:
        username: The name that the audit log keeps.
        now: The moment of the act, in the system's time.
        cause: The cause of every event that follows.
    """

    username: str
    now: datetime
    cause: Cause


@dataclass(frozen=True)
class AuditEntry:
    """
    One act.

    Attributes:
        actor: The username.
        action: ``<noun>.<done>``; :meth:`AuditLog.sentence` says it in words.
        object_kind, object_id: The object of the act, as ``group`` and its id.
        scope: The owner of the object, as an area; None if it has none.
        details: Ids and fixed words, never names, addresses or free text.
    """

    id: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    scope: str | None
    details: Mapping[str, str]


@dataclass(frozen=True)
class AuditFilter:
    """The acts of one actor, from a moment and before another; None for all."""

    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """
    The table ``audit_log`` on a service's own MetaData.

    Args:
        metadata: The service's.
        actions: Every action of the service, with the sentence (msgid) that pages show for it.

    Attributes:
        entries: The columns of an :class:`AuditEntry`, for queries.
    """

    def __init__(self, metadata: MetaData, actions: Mapping[str, str]) -> None:
        self.actions = MappingProxyType(dict(actions))
        self.table = Table(
            "audit_log",
            metadata,
            Column("id", BigInteger, Identity(), primary_key=True),
            Column("at", DateTime(timezone=True), nullable=False, index=True),
            Column("actor", String(100), nullable=False),
            Column("action", String(63), nullable=False),
            Column("object_kind", String(63), nullable=False),
            Column("object_id", String(100), nullable=False),
            Column("scope", String(63)),
            Column("details", JSONB, nullable=False, server_default=text("'{}'")),
            recorded_at(),
        )
        self.entries = [self.table.c[field.name] for field in fields(AuditEntry)]
        Index("audit_log_object", self.table.c.object_kind, self.table.c.object_id)

    async def record(
        self,
        session: AsyncSession,
        actor: Actor,
        action: str,
        object_kind: str,
        object_id: object,
        *,
        scope: str | None = None,
        details: Mapping[str, str] = _NO_DETAILS,
    ) -> None:
        """
        Add an act in this transaction.

        Raises:
            KeyError: The action is not one of the service's.
        """
        self.sentence(action)
        await session.execute(
            insert(self.table).values(
                at=actor.now,
                actor=actor.username,
                action=action,
                object_kind=object_kind,
                object_id=str(object_id),
                scope=scope,
                details=dict(details),
            )
        )

    async def record_each(
        self,
        session: AsyncSession,
        actor: Actor,
        action: str,
        object_kind: str,
        objects: Iterable[tuple[object, str | None]],
    ) -> None:
        """
        Add the same act on several objects, each with its scope, in this transaction.

        Raises:
            KeyError: The action is not one of the service's.
        """
        self.sentence(action)
        same = {"at": actor.now, "actor": actor.username, "action": action, "object_kind": object_kind}
        rows = [same | {"object_id": str(object_id), "scope": scope, "details": {}} for object_id, scope in objects]
        if rows:
            await session.execute(insert(self.table), rows)

    async def record_for(
        self,
        session: AsyncSession,
        actor: Actor,
        action: str,
        centres: Collection[str],
        *,
        details: Mapping[str, str] = _NO_DETAILS,
    ) -> None:
        """
        Add one act about some centres in this transaction, as a search in all of them; each sees it.

        Raises:
            KeyError: The action is not one of the service's.
        """
        named = ",".join(sorted(centres))
        if len(centres) == 1:
            await self.record(session, actor, action, "centre", named, scope=named, details=details)
        else:
            details = {**details, "centres": named}
            await self.record(session, actor, action, "centre", "", details=details)

    async def entries_of(self, session: AsyncSession, object_kind: str, object_id: object) -> list[AuditEntry]:
        """Return all acts on an object, newest first."""
        rows = self.table.c
        query = (
            select(*self.entries)
            .where(rows.object_kind == object_kind, rows.object_id == str(object_id))
            .order_by(rows.id.desc())
        )
        return [AuditEntry(**row) for row in (await session.execute(query)).mappings()]

    async def objects_at(
        self, session: AsyncSession, username: str, action: str, moment: datetime, scope: str
    ) -> list[str]:
        """Return the ids of the objects on which somebody acted in one press, whose rows all have its moment."""
        rows = self.table.c
        query = select(rows.object_id).where(
            rows.at == moment, rows.actor == username, rows.action == action, rows.scope == scope
        )
        return list(await session.scalars(query.order_by(rows.id)))

    async def of_centres(
        self, session: AsyncSession, centres: Collection[str], chosen: AuditFilter, *, limit: int, offset: int = 0
    ) -> list[AuditEntry]:
        """Return some of the acts that concern these centres, newest first."""
        query = select(*self.entries).where(self._concern(centres), *self._chosen(chosen))
        rows = query.order_by(self.table.c.id.desc()).limit(limit).offset(offset)
        return [AuditEntry(**row) for row in (await session.execute(rows)).mappings()]

    async def count_of_centres(self, session: AsyncSession, centres: Collection[str], chosen: AuditFilter) -> int:
        """Return the number of the acts that concern these centres."""
        query = select(func.count()).select_from(self.table).where(self._concern(centres), *self._chosen(chosen))
        return await session.scalar(query) or 0

    async def actors_of(self, session: AsyncSession, centres: Collection[str]) -> list[str]:
        """Return everybody whose acts concern these centres, by username."""
        query = select(self.table.c.actor).where(self._concern(centres)).distinct().order_by(self.table.c.actor)
        return list(await session.scalars(query))

    def _concern(self, centres: Collection[str]) -> ColumnElement[bool]:
        """Select the acts whose object belongs to one of these centres, or which are about several of them."""
        rows, known = self.table.c, sorted(centres)
        owner = func.coalesce(rows.details["centre"].astext, rows.scope)
        several = func.coalesce(rows.details["centres"].astext, rows.object_id)  # older acts have them as their object
        named = func.string_to_array(several, ",").op("&&")(cast(known, ARRAY(Text)))
        return or_(owner.in_(known), and_(rows.object_kind == "centre", named))

    def _chosen(self, chosen: AuditFilter) -> Iterator[ColumnElement[bool]]:
        if chosen.actor is not None:
            yield self.table.c.actor == chosen.actor
        if chosen.since is not None:
            yield self.table.c.at >= chosen.since
        if chosen.until is not None:
            yield self.table.c.at < chosen.until

    async def delete_before(self, session: AsyncSession, moment: datetime) -> None:
        """Delete the acts before a moment."""
        await session.execute(delete(self.table).where(self.table.c.at < moment))

    def sentence(self, action: str) -> str:
        """
        Return the sentence (msgid) for an action.

        Raises:
            KeyError: The action is not one of the service's.
        """
        return self.actions[action]
