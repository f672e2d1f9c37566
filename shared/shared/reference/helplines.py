"""Help lines for people in need of help now; every public page shows several, since none always answers."""

import functools
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from shared.events.base import Identifier
from shared.reference import installation
from shared.reference.installation import InstallationError


class Words(BaseModel):
    """A text in bokmål, nynorsk and English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nb: str
    nn: str
    en: str


class Helpline(BaseModel):
    """
    A number to call.

    Attributes:
        id: For templates and tests.
        number: As people write it.
        audience: "young" is under 18.
        last_verified: The year, or the day, of our source for the number.
        name: The name of the help line; see :meth:`called`.
        open: Opening hours; empty if our sources do not give them.
        purpose: The situations to call it in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    number: Annotated[str, StringConstraints(pattern=r"^\+?\d[\d ]{1,18}$")]
    audience: Literal["everyone", "young"]
    last_verified: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}-\d{2})?$")]
    name: Words
    open: Words
    purpose: Words

    @property
    def tel(self) -> str:
        """The number for a ``tel:`` link: short ones as they are, eight digits with the country's code."""
        digits = self.number.replace(" ", "")
        return f"+47{digits}" if len(digits) == 8 else digits

    def called(self, language: str) -> str:
        """Return the name in nb, nn or en."""
        return str(getattr(self.name, language))

    def opens(self, language: str) -> str:
        """Return the opening hours in nb, nn or en; empty if our sources do not give them."""
        return str(getattr(self.open, language))

    def when(self, language: str) -> str:
        """Return the purpose in nb, nn or en."""
        return str(getattr(self.purpose, language))


_LIST = TypeAdapter(Annotated[tuple[Helpline, ...], Field(min_length=2)])


@functools.cache
def load(path: Path | None = None) -> tuple[Helpline, ...]:
    """
    Return all help lines, the most urgent first: the installation's own list if its file has one, else ours.

    Raises:
        InstallationError: The file cannot be used, or has fewer than two.
    """
    file = path.name if path else "helplines.yaml"
    own = installation.read(path).get("helplines") if path else None
    data = installation.shipped("helplines.yaml")["helplines"] if own is None else own
    try:
        return _LIST.validate_python(data)
    except ValidationError as error:
        msg = "\n".join(f"{file}: helplines, {line}" for line in installation.plain(error))
        raise InstallationError(msg) from None
