"""Services to turn to if a group is not right now, or for people under 18; the help lines are a list of their own."""

import functools
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from shared.reference import outside_help
from shared.reference.installation import InstallationError
from shared.reference.outside_help import OutsideHelp, PhoneNumber

KEY: Final = "ways_on"


class WayOn(OutsideHelp):
    """
    A service.

    Attributes:
        number: As people write it; None without a telephone.
        website: Where people write or chat; None without one.
    """

    number: PhoneNumber | None = None
    website: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+(/\S*)?$")] | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.number is None and self.website is None:
            msg = "needs a number or a website"
            raise ValueError(msg)
        return self

    @property
    def tel(self) -> str:
        """The number for a ``tel:`` link; empty without one."""
        return outside_help.tel(self.number or "")

    @property
    def site(self) -> str:
        """The website as people read it."""
        return (self.website or "").removeprefix("https://").removeprefix("www.").rstrip("/")


_LIST = TypeAdapter(Annotated[tuple[WayOn, ...], Field(min_length=2)])


@functools.cache
def load(path: Path | None = None) -> tuple[WayOn, ...]:
    """
    Return all services: the installation's own list if its file has one, else ours.

    Raises:
        InstallationError: The file cannot be used, has fewer than two, or none for people under 18.
    """
    ways_on = outside_help.read(KEY, _LIST, path)
    if not any(way_on.audience == "young" for way_on in ways_on):
        msg = f"{outside_help.file_name(KEY, path)}: {KEY}: has none with audience young"
        raise InstallationError(msg)
    return ways_on
