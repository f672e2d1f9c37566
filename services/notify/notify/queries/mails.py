"""Reads for the staff pages about mails."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import planning
from notify.domain.content import MailContent
from notify.domain.delivery import Status
from notify.domain.mail_lists import ListName, MailFilter
from notify.domain.remedies import Remedy, remedies, remedy
from notify.mails.registry import MailRegistry
from notify.store import Mail, audit_log, contents, facts_ahead, group_names, joint_mails, mail_lists, mails
from notify.store.group_names import GroupFacts
from notify.store.mail_lists import DayFigures, Place
from shared.events.contacts import Contact
from shared.kit.audit import AuditEntry
from shared.reference.centres import Centres
from shared.timezone import OSLO_TZ

FIGURES_FOR: Final = timedelta(days=14)

_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True)
class MailView:
    """
    One mail as staff see it.

    Attributes:
        content: What it says, without a name; None of a mail that staff must not read, or that cannot be made.
        group: The group that it is about.
        remedies: All that staff can do about it, what is best first.
        best: What is best; None if it needs nothing.
        others: Number of mails that left, or leave again, as one with it.
    """

    mail: Mail
    content: MailContent | None
    group: GroupFacts | None
    remedies: Sequence[Remedy]
    best: Remedy | None
    others: int = 0


@dataclass(frozen=True)
class MailPage:
    """
    One page of a list.

    Attributes:
        counts: The size of each list.
        next_place: Where the next page begins; None on the last one.
    """

    views: Sequence[MailView]
    counts: Mapping[ListName, int]
    next_place: Place | None


async def mail_page(
    session: AsyncSession,
    registry: MailRegistry,
    centres: Centres,
    name: ListName,
    chosen: MailFilter,
    *,
    after: Place | None,
    limit: int,
    now: datetime,
    turned: bool = False,
) -> MailPage:
    """Read one page of a list, with ``turned`` from its end, and the size of each list."""
    rows = await mail_lists.page(session, name, chosen, after=after, limit=limit + 1, turned=turned)
    shown = rows[:limit]
    return MailPage(
        views=await _views(session, registry, centres, shown, now),
        counts=await mail_lists.counts(session, chosen),
        next_place=mail_lists.place_of(name, shown[-1]) if len(rows) > limit else None,
    )


async def mail_view(
    session: AsyncSession, registry: MailRegistry, centres: Centres, mail: Mail, now: datetime
) -> MailView:
    """Read one mail."""
    (view,) = await _views(session, registry, centres, [mail], now)
    return view


async def _views(
    session: AsyncSession, registry: MailRegistry, centres: Centres, rows: Sequence[Mail], now: datetime
) -> list[MailView]:
    groups = await group_names.of_groups(session, {mail.group_id for mail in rows if mail.group_id is not None})
    by_id = {group.id: group for group in groups}
    await facts_ahead.read(session, rows)
    joint_ids = {mail.joint_id for mail in rows if mail.joint_id is not None}
    sizes = await joint_mails.sizes(session, joint_ids) if joint_ids else {}
    views = []
    for mail in rows:
        view = await _view(session, registry, centres, mail, by_id.get(mail.group_id or _NOBODY), now)
        size = sizes.get(mail.joint_id, 1) if mail.joint_id is not None and mail.status != Status.CANCELLED else 1
        views.append(replace(view, others=size - 1))
    return views


async def _view(
    session: AsyncSession, registry: MailRegistry, centres: Centres, mail: Mail, group: GroupFacts | None, now: datetime
) -> MailView:
    spec, can_call, moot, said = registry.get(mail.kind), False, True, None
    if spec is not None:
        mail_facts = await contents.facts_of(session, registry, mail)
        can_call = spec.call is not None and spec.call.wanted(mail_facts)
        moot = planning.reason_to_drop(spec, mail.cause_id, mail_facts, now) is not None
        if not spec.secret:
            nobody = Contact(person_id=mail.person_id, first_name="", email=None, language="nb")
            said = await contents.content_of(session, mail, spec, mail_facts, nobody, centres, now)
    best = remedy(mail.delivery, address_refused=mail.address_refused, moot=moot, can_call=can_call)
    return MailView(mail, said, group, remedies(mail.delivery, best, can_call=can_call), best)


async def count_together(session: AsyncSession, name: ListName, chosen: MailFilter) -> tuple[int, int]:
    """Return the number of mails in one list, and how many of them one act for all of them is about."""
    return await mail_lists.count_together(session, name, chosen)


async def figures(
    session: AsyncSession, registry: MailRegistry, centres: Collection[str], now: datetime
) -> list[DayFigures]:
    """Return what became of the mails of these centres on each of the last days, the last one today."""
    today: date = now.astimezone(OSLO_TZ).date()
    first = today - FIGURES_FOR + timedelta(days=1)
    return await mail_lists.days(session, centres, registry.secret, first=first, last=today)


async def groups_of_centres(session: AsyncSession, centres: Collection[str]) -> list[GroupFacts]:
    """Return all groups of these centres, for a search by their names."""
    return await group_names.of_centres(session, centres)


async def group(session: AsyncSession, group_id: UUID | None, centres: Collection[str]) -> GroupFacts | None:
    """Return one group of these centres; None also for another centre's."""
    found = await group_names.of_groups(session, [group_id]) if group_id is not None else []
    return next((one for one in found if one.centre in centres), None)


async def mail_of_centres(
    session: AsyncSession, registry: MailRegistry, mail_id: UUID, centres: Collection[str]
) -> Mail | None:
    """Return one mail of these centres; None also for another centre's mail, and for one that staff must not see."""
    mail = await mails.get(session, mail_id)
    if mail is None or mail.centre not in centres:
        return None
    hidden = mail.kind in registry.secret and Status(mail.status) not in mail_lists.NEEDS_STAFF
    return None if hidden else mail


async def history(session: AsyncSession, mail_id: UUID) -> list[AuditEntry]:
    """Return what staff did with a mail, newest first."""
    return await audit_log.entries_of(session, "mail", mail_id)


async def content(
    session: AsyncSession, registry: MailRegistry, mail: Mail, contact: Contact, centres: Centres, now: datetime
) -> MailContent | None:
    """Return what a mail would say now; None if its kind or its centre is unknown."""
    spec = registry.get(mail.kind)
    if spec is None:
        return None
    mail_facts = await contents.facts_of(session, registry, mail)
    return await contents.content_of(session, mail, spec, mail_facts, contact, centres, now)
