"""Versions of policies: the first ones from the installation's file, later ones from the pages."""

import json
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.text_versions import edition
from intake.store import PolicyVersion, audit_log, outbox, policies, policy_book
from shared.errors import DomainError
from shared.events.centres import PolicyChanged
from shared.kit.audit import Actor
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.centre_texts import CentreTexts
from shared.reference.centres import Centre, CentreDirectory, Centres, version_content
from shared.reference.policy import Policy
from shared.reference.retention import Data, kept_for

log = get_logger(__name__)

CONTENT_MAX: Final = 56_000
"""Bytes of a version in its event, which the broker limits; letters outside ASCII count as six here, so it is on the
safe side."""


async def seed(session: AsyncSession, directory: CentreDirectory, file: Centres, *, now: datetime) -> None:
    """
    Write the installation's file as versions: of a new centre the first one, of a changed file the next.

    A centre that has saved its policy on the pages decides there from then on, and its file is not looked at.
    """
    await policies.lock(session)
    for centre in file.all:
        newest = await policies.newest(session, centre.id)
        if newest is not None and newest.source != "file":
            continue
        if newest is not None and _same(newest, centre.policy, centre.texts):
            continue
        cause = Cause.tick("policy", centre.id, newest.number + 1 if newest else 1)
        await _write(session, directory, centre.id, newest, centre.policy, centre.texts, None, now, cause)


async def save(
    session: AsyncSession,
    directory: CentreDirectory,
    centre: Centre,
    policy: Policy,
    texts: CentreTexts,
    *,
    based_on: int,
    read_again: bool = False,
    consent_again: bool = False,
    actor: Actor,
) -> PolicyVersion:
    """
    Write a new version of a centre's policy and texts, and publish it.

    Args:
        session: The transaction.
        directory: Shows the new version when the transaction commits.
        centre: The centre.
        policy: Its version is ignored; the next one is given here.
        texts: All of its own texts.
        based_on: The number that the member of staff saw.
        read_again: True if people who have read the information must read the new one.
        consent_again: True if people who wait must consent again.
        actor: The member of staff.

    Raises:
        DomainError: ``policy_changed_meanwhile``, ``policy_unchanged`` or ``texts_too_long``.
    """
    await policies.lock(session)
    newest = await policies.newest(session, centre.id)
    if (newest.number if newest else 0) != based_on:
        raise DomainError("policy_changed_meanwhile", centre=centre.id)
    if newest is not None and _same(newest, policy, texts):
        raise DomainError("policy_unchanged", centre=centre.id)
    new = edition(centre, policy, texts, based_on + 1, read_again=read_again, consent_again=consent_again)
    row = await _write(
        session, directory, centre.id, newest, new.policy, new.texts, actor.username, actor.now, actor.cause
    )
    details = {"version": row.version}
    await audit_log.record(session, actor, "policy.saved", "centre", centre.id, scope=centre.id, details=details)
    return row


def next_version(now: datetime, taken: frozenset[str]) -> str:
    """Return the name of a new version: year, month and a number that the centre has not used in that month."""
    number = 1
    while f"{now.year}-{now.month}-{number}" in taken:
        number += 1
    return f"{now.year}-{now.month}-{number}"


async def _write(
    session: AsyncSession,
    directory: CentreDirectory,
    centre_id: str,
    newest: PolicyVersion | None,
    policy: Policy,
    texts: CentreTexts,
    username: str | None,
    now: datetime,
    cause: Cause,
) -> PolicyVersion:
    taken = frozenset(await policies.versions_named(session, centre_id))
    version = policy.version if username is None and policy.version not in taken else next_version(now, taken)
    policy = policy.model_copy(update={"version": version})
    content = version_content(policy, texts)
    if len(json.dumps(content)) > CONTENT_MAX:
        raise DomainError("texts_too_long", centre=centre_id)
    row = PolicyVersion(
        centre=centre_id,
        number=newest.number + 1 if newest else 1,
        version=version,
        **content,
        source="web" if username else "file",
        created_at=now,
        created_by=username,
    )
    session.add(row)
    await session.flush()
    await policy_book.write(session, centre_id, row.number, content, directory.apply)
    await outbox.add(
        session,
        PolicyChanged(
            **cause.stamp(PolicyChanged, centre_id, now),
            centre=centre_id,
            number=row.number,
            version=version,
            **content,
            valid_from=now,
        ),
    )
    log.info("policy_written", centre=centre_id, version=row.number)
    return row


def _same(row: PolicyVersion, policy: Policy, texts: CentreTexts) -> bool:
    """Return True if a version has this content, whatever it is called."""
    content = version_content(policy, texts)
    return row.texts == content["texts"] and _without_name(row.policy) == _without_name(content["policy"])


def _without_name(policy: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in policy.items() if key != "version"}


async def delete_ended_groups(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete what is known about the version of groups that ended long ago."""
    await policies.delete_ended_groups(session, now - kept_for(Data.GROUP_FACT))
