"""Check that the callers can be told apart, by which limits of one network keep a flood from closing the form."""

from typing import Any, Final

import asyncpg

from selvhjelp.operations.checks.finding import Finding, warning
from shared.reference.limits import ALIKE_FORMS

_BUSY_DAYS: Final = """
    SELECT count(*) AS networks FROM caller_networks WHERE day >= (now() AT TIME ZONE 'utc')::date - 1
    GROUP BY day HAVING sum(forms) >= $1
"""


async def check_callers(connection: "asyncpg.Connection[Any]") -> list[Finding]:
    """Warn if all forms of the last two days came from one address."""
    days = await connection.fetch(_BUSY_DAYS, ALIKE_FORMS)
    if not days or max(day["networks"] for day in days) > 1:
        return []
    return [
        warning(
            "callers",
            "all forms come from one address, so one visitor's flood would count as everybody's",
            "name what ends TLS in front of the gateway in TRUSTED_PROXIES",
        )
    ]
