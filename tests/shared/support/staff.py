"""Signed-in members of staff for the pages of each service, as the gateway would send them."""

from datetime import datetime
from typing import Final

from pydantic import SecretStr

from shared.kit.assertions import HEADER, AssertionSigner, new_keys
from shared.kit.staff import StaffMember, wall_now

_PRIVATE, STAFF_KEYS = new_keys()
SIGNING_KEY: Final = SecretStr(_PRIVATE)
_SIGNER: Final = AssertionSigner(SIGNING_KEY)


def signed(member: StaffMember, service: str, now: datetime | None = None) -> dict[str, str]:
    """Return the header that asserts a member to a service, from now or another moment on."""
    return {HEADER: _SIGNER.sign(member, service, now or wall_now())}
