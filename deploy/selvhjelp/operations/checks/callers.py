"""Check that the callers can be told apart, by which limits of one network keep a flood from closing the form."""

from sqlalchemy.ext.asyncio import AsyncSession

from intake.usecases.network_limits import all_callers_alike
from selvhjelp.operations.checks.finding import Finding, warning
from shared.kit.staff import wall_now


async def check_callers(session: AsyncSession) -> list[Finding]:
    """Warn if all forms of the last two days came from one address."""
    if not await all_callers_alike(session, wall_now()):
        return []
    return [
        warning(
            "callers",
            "all forms come from one address, so one visitor's flood would count as everybody's",
            "name what ends TLS in front of the gateway in TRUSTED_PROXIES",
        )
    ]
