"""The help lines as the pages show them: three that must be seen without scrolling."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A name, the number as people read it, and the link that dials it."""

    name: str
    number: str
    href: str


def compact_lines(locale: str) -> tuple[HelpLine, ...]:
    """The three lines of the strip on top of every page."""
    names = {"en": ("Danger to life", "Doctor", "Mental Helse")}.get(locale, ("Fare for liv", "Legevakt", "Mental Helse"))
    numbers = ("113", "116 117", "116 123")
    return tuple(
        HelpLine(name, number, f"tel:{number.replace(' ', '')}") for name, number in zip(names, numbers, strict=True)
    )
