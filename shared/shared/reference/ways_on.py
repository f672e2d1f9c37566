"""Services to turn to if a group is not right now, or for people under 18; the help lines are a list of their own."""

import functools
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from shared.events.base import Identifier
from shared.reference import installation
from shared.reference.helplines import Words
from shared.reference.installation import InstallationError

KEY: Final = "ways_on"


class WayOn(BaseModel):
    """
    A service.

    Attributes:
        id: For tests.
        audience: "young" is under 18.
        number: As people write it; None without a telephone.
        website: Where people write or chat; None without one.
        last_verified: The year, or the day, of our source.
        name: The name of the service; see :meth:`called`.
        open: Opening hours; empty if our sources do not give them.
        purpose: The situations in which it is of use, as a sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    audience: Literal["everyone", "young"]
    number: Annotated[str, StringConstraints(pattern=r"^\+?\d[\d ]{1,18}$")] | None = None
    website: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+(/\S*)?$")] | None = None
    last_verified: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}-\d{2})?$")]
    name: Words
    open: Words
    purpose: Words

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.number is None and self.website is None:
            msg = "needs a number or a website"
            raise ValueError(msg)
        return self

    @property
    def tel(self) -> str:
        """The number for a ``tel:`` link; empty without one."""
        digits = (self.number or "").replace(" ", "")
        return f"+47{digits}" if len(digits) == 8 else digits

    @property
    def site(self) -> str:
        """The website as people read it."""
        return (self.website or "").removeprefix("https://").removeprefix("www.").rstrip("/")

    def called(self, language: str) -> str:
        """Return the name in nb, nn or en."""
        return str(getattr(self.name, language))

    def opens(self, language: str) -> str:
        """Return the opening hours in nb, nn or en; empty if our sources do not give them."""
        return str(getattr(self.open, language))

    def when(self, language: str) -> str:
        """Return the purpose in nb, nn or en."""
        return str(getattr(self.purpose, language))


_LIST = TypeAdapter(Annotated[tuple[WayOn, ...], Field(min_length=2)])


@functools.cache
def load(path: Path | None = None) -> tuple[WayOn, ...]:
    """
    Return all services: the installation's own list if its file has one, else ours.

    Raises:
        InstallationError: The file cannot be used, has fewer than two, or none for people under 18.
    """
    file = path.name if path else "ways_on.yaml"
    own = installation.read(path).get(KEY) if path else None
    data = installation.shipped("ways_on.yaml")[KEY] if own is None else own
    try:
        services = _LIST.validate_python(data)
    except ValidationError as error:
        msg = "\n".join(f"{file}: {KEY}, {line}" for line in installation.plain(error))
        raise InstallationError(msg) from None
    if not any(service.audience == "young" for service in services):
        msg = f"{file}: {KEY}: has none with audience young"
        raise InstallationError(msg)
    return services
