"""The signed-in member of staff, with roles and organisations."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class StaffMember:
    """
    A signed-in member of staff.

    Attributes:
        username: The name they sign in with; not a participant's data, so the audit log may keep it.
        roles: The roles they have.
        tenants: The ids of the organisations they work for.
        session_id: The id of the session row; form tokens are bound to it.
    """

    username: str
    roles: frozenset[str]
    tenants: frozenset[str]
    session_id: str

    def has(self, *roles: str) -> bool:
        """Return True if they have one of these roles."""
        return not self.roles.isdisjoint(roles)

    def covers(self, tenant: str | None) -> bool:
        """Return True if they work for this organisation."""
        return tenant in self.tenants


def wall_now() -> datetime:
    """Return the real time, for sessions and tokens; never for the life of people and groups."""
    return datetime.now(UTC)
