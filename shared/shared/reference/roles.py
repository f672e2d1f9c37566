"""The roles of people who sign in."""

from enum import StrEnum


class Role(StrEnum):
    """
    A role at one or more centres.

    Attributes:
        KOORDINATOR: Sees a centre's people and decides about them and their groups.
        ADMIN: Runs the system: policies, texts, security events. Sees no participant.
        LESER: Reads figures and nothing else.
        IGANGSETTER: Starts groups; the account of somebody outside the staff.
    """

    KOORDINATOR = "koordinator"
    ADMIN = "admin"
    LESER = "leser"
    IGANGSETTER = "igangsetter"
