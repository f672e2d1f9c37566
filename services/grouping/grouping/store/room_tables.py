"""The rooms of centres."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Field

from grouping.store.tables import Base
from shared.kit.database.columns import MOMENT, TEXTS

ROOM_PREFIX: Final = "rom-"
"""Prefix of every room's id; ids of the installation's meeting places must not begin with it."""

MOST_NAME: Final = 80
MOST_ADDRESS: Final = 110
MOST_WAY_IN: Final = 300


class Room(Base, table=True):
    """
    A room where groups of one area can meet.

    Attributes:
        id: A cell's place, so it begins with :data:`ROOM_PREFIX`.
        name, address: The exact place, for members only.
        place: The approximate place, as :mod:`shared.reference.places` labels it, for all others.
        seats: Maximum number of people in a group that meets there.
        slots: The slots in which groups can have it.
        way_in: How one finds it and gets in, for its groups; never about a person.
        lead_days: Days before a meeting by which it must be booked; 0 if it need not be.
        active: False while no new group gets it.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        sa.CheckConstraint(f"id like '{ROOM_PREFIX}%'", name="rooms_id"),
        sa.CheckConstraint(f"char_length(name) between 1 and {MOST_NAME}", name="rooms_name"),
        sa.CheckConstraint(f"char_length(address) between 1 and {MOST_ADDRESS}", name="rooms_address"),
        sa.CheckConstraint("seats >= 3", name="rooms_seats"),
        sa.CheckConstraint("cardinality(slots) > 0", name="rooms_slots"),
        sa.CheckConstraint(f"char_length(way_in) <= {MOST_WAY_IN}", name="rooms_way_in"),
        sa.CheckConstraint("lead_days between 0 and 365", name="rooms_lead_days"),
    )

    id: str = Field(primary_key=True)
    centre: str = Field(index=True)
    area: str = Field(index=True)
    name: str
    address: str
    place: str
    latitude: float
    longitude: float
    seats: int
    step_free: bool
    slots: list[str] = Field(sa_type=TEXTS)
    way_in: str = Field(default="", sa_column_kwargs={"server_default": ""})
    lead_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    active: bool = Field(default=True, sa_column_kwargs={"server_default": sa.text("true")})
    created_at: datetime = Field(sa_type=MOMENT)

    @property
    def full_address(self) -> str:
        """Name and address, as mails to members state them."""
        return f"{self.name}, {self.address}"
