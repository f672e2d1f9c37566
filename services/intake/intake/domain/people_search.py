"""Whether a search text means a person: by first name, last digits of the number, or e-mail address."""

import unicodedata
from dataclasses import dataclass
from typing import Final

DIGITS_MIN: Final = 3
NAME_MIN: Final = 2
TEXT_MAX: Final = 100


@dataclass(frozen=True)
class PeopleSearch:
    """
    A search text, ready to compare; exactly one part is set.

    Attributes:
        name: The beginning of a word of the first name.
        digits: The last digits of the number.
        address: The beginning of the e-mail address.
    """

    name: str = ""
    digits: str = ""
    address: str = ""

    @classmethod
    def parse(cls, text: str) -> "PeopleSearch | None":
        """Return the search for a text; None if the text is too short to mean anybody."""
        folded = _folded(text)[:TEXT_MAX]
        if "@" in folded:
            return cls(address=folded) if len(folded) > 1 else None
        digits = "".join(sign for sign in folded if sign.isdecimal() and sign.isascii())
        if digits and not any(sign.isalpha() for sign in folded):
            return cls(digits=digits) if len(digits) >= DIGITS_MIN else None
        return cls(name=folded) if len(folded) >= NAME_MIN else None

    def matches(self, first_name: str, mobile: str | None, email: str | None) -> bool:
        """Return True if the search means this person."""
        if self.address:
            return email is not None and _address_begins(_folded(email), self.address)
        if self.digits:
            number = "".join(sign for sign in mobile or "" if sign.isdecimal())
            return number.endswith(self.digits.removeprefix("00"))
        words = _folded(first_name).replace("-", " ").split()
        rests = (" ".join(words[start:]) for start in range(len(words)))
        return any(rest.startswith(self.name.replace("-", " ")) for rest in rests)


def _address_begins(email: str, searched: str) -> bool:
    return email.startswith(searched) or (searched.startswith("@") and email.endswith(searched))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
