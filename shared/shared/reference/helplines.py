"""Help lines for people in need of help now; every public page shows several, since none always answers."""

import functools
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from shared.reference import outside_help
from shared.reference.outside_help import OutsideHelp, PhoneNumber


class Helpline(OutsideHelp):
    """
    A number to call.

    Attributes:
        number: As people write it.
    """

    number: PhoneNumber

    @property
    def tel(self) -> str:
        """The number for a ``tel:`` link."""
        return outside_help.tel(self.number)


_LIST = TypeAdapter(Annotated[tuple[Helpline, ...], Field(min_length=2)])


@functools.cache
def load(path: Path | None = None) -> tuple[Helpline, ...]:
    """
    Return all help lines, the most urgent first: the installation's own list if its file has one, else ours.

    Raises:
        InstallationError: The file cannot be used, or has fewer than two.
    """
    return outside_help.read("helplines", _LIST, path)
