"""Run all checks concurrently."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.checks import (
    agreement,
    broker,
    certificates,
    databases,
    identity_provider,
    mail,
    settings,
)
from selvhjelp.operations.checks.finding import Finding, broken

CHECKS: Final[tuple[tuple[str, Callable[[Installation], Awaitable[list[Finding]]]], ...]] = (
    ("settings", settings.check),
    ("databases", databases.check),
    ("NATS", broker.check),
    ("certificates", certificates.check),
    ("mail", mail.check),
    ("agreement", agreement.check),
    ("identity provider", identity_provider.check),
)


async def check(installation: Installation) -> list[Finding]:
    """Run all checks and return their findings; a check that cannot run is a finding too. Changes nothing."""
    results = await asyncio.gather(*(_guarded(part, look, installation) for part, look in CHECKS))
    return [finding for result in results for finding in result]


async def _guarded(
    part: str, look: Callable[[Installation], Awaitable[list[Finding]]], installation: Installation
) -> list[Finding]:
    try:
        return await look(installation)
    except CommandError as error:
        return [broken(part, str(error), "correct the setting")]
