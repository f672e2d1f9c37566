"""Check that the services know the same sign-ups, by ids."""

import asyncio
from datetime import timedelta
from typing import Final

import asyncpg

from selvhjelp.installation import Installation
from selvhjelp.operations import agreement
from selvhjelp.operations.checks.finding import Finding, broken, ok

PART: Final = "agreement"
AGAIN_SECONDS: Final = 2.0
COMPARED: Final = timedelta(minutes=30)
"""Age of the newest answer of a service, after which something is wrong; a list goes out every five minutes."""
LISTED: Final = 10


async def check(installation: Installation) -> list[Finding]:
    """Compare twice, so that what is under way between the services is no difference."""
    try:
        silent = await agreement.silent(installation, COMPARED)
        first = await agreement.look(installation)
        if first is None or first == agreement.Differences():
            return [_fine(first), *map(_silent, silent)]
        await asyncio.sleep(AGAIN_SECONDS)
        later = await agreement.look(installation)
    except (asyncpg.PostgresError, OSError, TimeoutError):
        return []  # the check of the databases tells it
    findings = _findings(first.lasting(later)) if later is not None else [_fine(None)]
    return [*findings, *map(_silent, silent)]


def _silent(service: str) -> Finding:
    what = f"{service} has compared no sign-ups with intake for half an hour"
    return broken(PART, what, "see docs/operations/alerts/SignupsNotCompared.md")


def _fine(found: agreement.Differences | None) -> Finding:
    if found is None:
        return ok(PART, "not compared while events wait in an outbox")
    return ok(PART, "intake, grouping and notify know the same sign-ups")


def _findings(found: agreement.Differences) -> list[Finding]:
    if found == agreement.Differences():
        return [_fine(found)]
    findings = []
    if found.missing:
        what = f"{len(found.missing)} wait in intake, unknown to another service: {_some(found.missing)}"
        findings.append(broken(PART, what, "run `selvhjelp replay --missing`"))
    if found.contradicted:
        told = [f"{id_} ({state}, {status})" for id_, state, status in found.contradicted]
        what = f"{len(told)} are otherwise in grouping or notify than in intake: {_some(told)}"
        findings.append(broken(PART, what, "run `selvhjelp replay`, and call those that are left"))
    if found.unknown:
        what = f"{len(found.unknown)} are in grouping and not in intake: {_some(found.unknown)}"
        findings.append(broken(PART, what, "restore intake from a newer backup, or exclude them from matching"))
    return findings


def _some(items: "tuple[object, ...] | list[str]") -> str:
    return ", ".join(str(item) for item in items[:LISTED]) + (" …" if len(items) > LISTED else "")
