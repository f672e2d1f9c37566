"""Services outside the installation to which pages point: the fields of each, and the reader of their lists."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from shared.events.base import Identifier
from shared.reference import installation
from shared.reference.installation import InstallationError

PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+?\d[\d ]{1,18}$")]
"""A telephone number as people write it."""

_LOCAL_DIGITS: Final = 8

H = TypeVar("H", bound="OutsideHelp")


def _real_day(text: str) -> str:
    if "-" in text:
        try:
            date.fromisoformat(text)
        except ValueError:
            msg = f"{text} is no day"
            raise ValueError(msg) from None
    return text


class Words(BaseModel):
    """A text in bokmål, nynorsk and English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nb: str
    nn: str
    en: str


class OutsideHelp(BaseModel):
    """
    A service that people can turn to.

    Attributes:
        id: For templates and tests.
        audience: "young" is under 18.
        last_verified: The day on which somebody checked it, or only the year of a source that nobody has checked.
        name: The name of the service; see :meth:`called`.
        open: Opening hours; empty if our sources do not give them.
        purpose: The situations in which it is of use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    audience: Literal["everyone", "young"]
    last_verified: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}-\d{2})?$"), AfterValidator(_real_day)]
    name: Words
    open: Words
    purpose: Words

    @property
    def checked_on(self) -> date | None:
        """
        The day on which somebody checked it, for the pages; None if nobody has.

        The year of a source is no check: people in need would only doubt a number that is right. ``selvhjelp check``
        tells the installation instead.
        """
        return date.fromisoformat(self.last_verified) if "-" in self.last_verified else None

    def called(self, language: str) -> str:
        """Return the name in nb, nn or en."""
        return str(getattr(self.name, language))

    def opens(self, language: str) -> str:
        """Return the opening hours in nb, nn or en; empty if our sources do not give them."""
        return str(getattr(self.open, language))

    def when(self, language: str) -> str:
        """Return the purpose in nb, nn or en."""
        return str(getattr(self.purpose, language))


def tel(number: str) -> str:
    """Return a number for a ``tel:`` link: short ones as they are, eight digits with the country's code."""
    digits = number.replace(" ", "")
    return f"+47{digits}" if len(digits) == _LOCAL_DIGITS else digits


def read(key: str, entries: TypeAdapter[tuple[H, ...]], path: Path | None) -> tuple[H, ...]:
    """
    Return the list under a key: the installation's own list if its file has one, else that of ``<key>.yaml``.

    Raises:
        InstallationError: The file cannot be used.
    """
    own: object = installation.read(path).get(key) if path else None
    data = installation.shipped(f"{key}.yaml")[key] if own is None else own
    try:
        return entries.validate_python(data)
    except ValidationError as error:
        msg = "\n".join(f"{file_name(key, path)}: {key}, {line}" for line in installation.plain(error))
        raise InstallationError(msg) from None


def file_name(key: str, path: Path | None) -> str:
    """Return the name of the file that has the list, for messages."""
    return path.name if path else f"{key}.yaml"
