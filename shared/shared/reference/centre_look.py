"""The telephone, the hours and the colours that a centre decides on the pages of staff."""

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from shared.events.base import MailLanguage
from shared.reference.areas import Name, Strict
from shared.reference.branding import Branding, Color

PHONE: Final = r"^[+\d][\d ]{2,18}$"

Phone = Annotated[str, StringConstraints(pattern=PHONE)]


class CentreLook(Strict):
    """
    Takes the place of what the installation's file says about the same; its pictures stay.

    Attributes:
        phone: None if nobody answers a telephone.
        hours: When somebody answers it, in each language; None if that is not told.
        color, color_dark: As in :class:`Branding`; None for those of the system.
    """

    phone: Phone | None = None
    hours: Annotated[dict[MailLanguage, Name], Field(min_length=3)] | None = None
    color: Color | None = None
    color_dark: Color | None = None

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        Branding(color=self.color, color_dark=self.color_dark)
        return self

    def branding(self, own: Branding) -> Branding:
        """Return a look with these colours and its own pictures."""
        # Made anew: a copy would keep the files of the old colours.
        kept = {name: getattr(own, name) for name in Branding.model_fields}
        return Branding.model_validate({**kept, "color": self.color, "color_dark": self.color_dark})
