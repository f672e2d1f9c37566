"""All checks, side by side."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from devtools.local.process import LocalError
from selvhjelp.installation import Installation
from selvhjelp.operations.checks import broker, databases, mail, settings
from selvhjelp.operations.checks.finding import Finding, broken

CHECKS: Final[tuple[tuple[str, Callable[[Installation], Awaitable[list[Finding]]]], ...]] = (
    ("innstillinger", settings.check),
    ("databaser", databases.check),
    ("NATS", broker.check),
    ("post", mail.check),
)


async def check(installation: Installation) -> list[Finding]:
    """Look at everything; what cannot be looked at is a finding too, and nothing is changed."""
    results = await asyncio.gather(*(_guarded(part, look, installation) for part, look in CHECKS))
    return [finding for result in results for finding in result]


async def _guarded(
    part: str, look: Callable[[Installation], Awaitable[list[Finding]]], installation: Installation
) -> list[Finding]:
    try:
        return await look(installation)
    except LocalError as error:
        return [broken(part, str(error), "rett innstillingen")]
