"""Rules for admins on the accounts of others: never more than their own access reaches."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Fault = Literal["", "staff_own", "staff_beyond", "staff_more_roles"]


@dataclass(frozen=True)
class Access:
    """
    The roles and centres of an account.

    Attributes:
        roles: Roles.
        centres: Ids of the named centres; empty with ``all_centres``.
        all_centres: True for every centre, also those to come.
    """

    roles: frozenset[str]
    centres: frozenset[str]
    all_centres: bool = False

    @classmethod
    def of(cls, roles: Collection[str], centres: Collection[str], *, all_centres: bool) -> "Access":
        """Return the access of a row or a form."""
        return cls(frozenset(roles), frozenset() if all_centres else frozenset(centres), all_centres)

    def meets(self, other: "Access") -> bool:
        """Return True if the two have a centre in common."""
        return self.all_centres or other.all_centres or not self.centres.isdisjoint(other.centres)

    def covers(self, other: "Access") -> bool:
        """Return True if all centres of the other are among these."""
        return self.all_centres or (not other.all_centres and other.centres <= self.centres)

    def includes(self, other: "Access") -> bool:
        """Return True if the other opens nothing that this does not open."""
        return self.covers(other) and other.roles <= self.roles


def fault_of_act(admin: Access, user: Access, *, own: bool) -> Fault:
    """Return why an admin may not act on an account; an admin never acts on the own one, so one is always left."""
    if own:
        return "staff_own"
    return "" if admin.covers(user) else "staff_beyond"


def fault_of_entry(admin: Access, user: Access, *, second_factor_stays: bool) -> Fault:
    """
    Return why an admin may not make a way into an account.

    The admin learns the one-time password, so the account opens nothing that the admin's own does not, or has a second
    factor that the admin has not.
    """
    return "" if second_factor_stays or admin.includes(user) else "staff_more_roles"


def fault_of_change(admin: Access, before: Access, after: Access) -> Fault:
    """Return why an admin may not change an access: what is added must be of the admin's own."""
    if after.all_centres and not before.all_centres and not admin.all_centres:
        return "staff_beyond"
    if not admin.all_centres and not after.centres - before.centres <= admin.centres:
        return "staff_beyond"
    return "" if after.roles - before.roles <= admin.roles else "staff_more_roles"
