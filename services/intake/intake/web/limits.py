"""Limits by network, as the routes ask them."""

from dataclasses import dataclass, replace

from fastapi import Request

from intake.domain.networks import is_loopback
from intake.usecases import network_limits
from intake.usecases.network_limits import Headroom
from intake.vault.vault import Vault
from shared.kit.database.engine import Database
from shared.kit.security_events import SecurityKind
from shared.kit.web.security import address_of, record_event
from shared.kit.web.state import state_of
from shared.reference.limits import Limit

FREE = Headroom(0, alike=False)


def of_this_machine(request: Request) -> bool:
    """Return True for a request from this machine: a rehearsal, or a gateway that forwards no address."""
    return is_loopback(address_of(request))


@dataclass(frozen=True)
class NetworkLimit:
    """
    A limit on what comes from one network; what comes from this machine is not counted.

    Attributes:
        figure: How many in the window of the limit; 0 for any number.
    """

    database: Database
    vault: Vault
    limit: Limit
    figure: int

    def of(self, figure: int) -> "NetworkLimit":
        """Return the same limit with another figure."""
        return replace(self, figure=figure)

    async def wait_seconds(self, request: Request) -> int:
        """Return the seconds that the network of a request must wait, or count the request and return 0."""
        return (await self._headroom(request, counts=True)).wait_seconds

    async def count(self, request: Request) -> None:
        """Count a request."""
        await self._headroom(request, counts=True)

    async def look(self, request: Request) -> Headroom:
        """Return the headroom of the network of a request, and count nothing."""
        return await self._headroom(request, counts=False)

    async def _headroom(self, request: Request, *, counts: bool) -> Headroom:
        address = address_of(request)
        if not self.figure or of_this_machine(request):
            return FREE
        ask = network_limits.take if counts else network_limits.look
        headroom = await ask(self.database, self.vault, self.limit, self.figure, address, now=state_of(request).wall())
        if headroom.wait_seconds and counts:
            await record_event(request, SecurityKind.LIMIT_HIT, reason=self.limit.name)
        return headroom
