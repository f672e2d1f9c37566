"""The roles of people who sign in."""

from enum import StrEnum


class Role(StrEnum):
    """
    A role at one or more centres.

    Attributes:
        KOORDINATOR: Sees a centre's people and decides about them and their groups.
        ADMIN: Runs the system.
        IGANGSETTER: Starts groups.
    """

    KOORDINATOR = "koordinator"
    ADMIN = "admin"
    IGANGSETTER = "igangsetter"
