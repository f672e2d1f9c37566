"""The look of a centre: colours that can be read, a logo and a picture that can do nothing; all checked at start."""

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from typing import Annotated, Final, Self
from xml.etree.ElementTree import Element, ParseError, fromstring

from pydantic import AfterValidator, Field, model_validator

from shared.events.base import MailLanguage
from shared.reference.areas import Name, Strict

LEAST_CONTRAST: Final = 4.5
"""Of text to its ground, by WCAG 2.2, 1.4.3."""

LIGHT_GROUNDS: Final = ("#ffffff", "#faf7f1", "#e0ebe9")
DARK_GROUNDS: Final = ("#1b1712", "#211d17", "#1b322e")
"""The grounds of our pages on which a centre's colour is text, and which is the text on its buttons."""

LOGO_BYTES: Final = 20_000
PICTURE_BYTES: Final = 100_000
SVG_TYPE: Final = "image/svg+xml"

_SVG: Final = "{http://www.w3.org/2000/svg}"
_ELEMENTS: Final = (
    "svg g path rect circle ellipse line polyline polygon title desc defs linearGradient radialGradient stop clipPath "
    "use"
)
_ATTRIBUTES: Final = (
    "viewBox width height x y x1 y1 x2 y2 cx cy r rx ry d points fill stroke transform id class opacity offset role "
    "fill-rule fill-opacity clip-rule clip-path stroke-width stroke-linecap stroke-linejoin stroke-opacity stop-color "
    "stop-opacity gradientUnits gradientTransform clipPathUnits preserveAspectRatio version href "
    "stroke-dasharray stroke-miterlimit fx fy aria-label aria-hidden"
)
_XLINK: Final = "{http://www.w3.org/1999/xlink}href"
_OUTSIDE: Final = re.compile(r"url\(\s*['\"]?(?!#)|javascript:|https?:|data:|//|\\", re.IGNORECASE)
r"""What leads out of a drawing. A backslash does too: CSS reads ``\75rl(`` as ``url(``, and no shape needs one."""
_FUNCTION: Final = re.compile(r"([^\s,;:()]*)\s*\(")
_FUNCTIONS: Final = frozenset(
    {"url", "matrix", "translate", "scale", "rotate", "skewx", "skewy", "rgb", "rgba", "hsl", "hsla"}
)
"""The functions that a drawing may call: of colours and movements. Others can load something, as image-set()."""
_DATA: Final = re.compile(r"data:image/(png|jpeg);base64,([A-Za-z0-9+/=\s]+)")
SIGNATURES: Final = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}


def _luminance(color: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(color[start : start + 2]) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, #rrggbb, by WCAG: from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(color: str, other: str, share: float) -> str:
    """Return a colour with a share of another one in it."""
    parts = [(int(color[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(own + (further - own) * share):02x}" for own, further in parts)


def readable(color: str, *, dark: bool = False) -> str:
    """Return the colour nearest to this one that can be read on light pages, or on dark ones."""
    grounds, towards = (DARK_GROUNDS, "#ffffff") if dark else (LIGHT_GROUNDS, "#000000")
    shares = (mixed(color, towards, percent / 100) for percent in range(101))
    return next(shade for shade in shares if all(contrast(shade, ground) >= LEAST_CONTRAST for ground in grounds))


@dataclass(frozen=True)
class BrandFile:
    """A picture as browsers get it; ``version`` changes with its content."""

    content: bytes
    media_type: str

    @cached_property
    def version(self) -> str:
        """A short hash of the content."""
        return sha256(self.content).hexdigest()[:12]


def _read(text: str) -> BrandFile:
    """Return a drawing as it is, or a picture of a data URI."""
    return BrandFile(text.strip().encode(), SVG_TYPE) if text.lstrip().startswith("<") else _raster(text)


def _check(text: str, limit: int) -> str:
    """
    Return the text of a picture.

    Raises:
        ValueError: It is too large, or has anything but shapes.
    """
    found = _read(text)
    if found.media_type == SVG_TYPE:
        check_drawing(found.content)
    if len(found.content) > limit:
        msg = f"has {len(found.content)} bytes; at most {limit} fit a page that loads fast"
        raise ValueError(msg)
    return text


def _raster(text: str) -> BrandFile:
    match = _DATA.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            "must be an SVG drawing, or a PNG or JPEG as data:image/png;base64,… or data:image/jpeg;base64,…"
        )
    kind, encoded = match.groups()
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except binascii.Error:
        raise ValueError("is not valid base64") from None
    if not content.startswith(SIGNATURES[kind]):
        msg = f"says it is {kind.upper()} and is not"
        raise ValueError(msg)
    return BrandFile(content, f"image/{kind}")


def check_drawing(content: bytes) -> None:
    """
    Refuse a drawing with anything but shapes.

    Raises:
        ValueError: It has scripts, styles, text, or names of anything outside it.
    """
    try:
        root: Element = fromstring(_without_entities(content))  # noqa: S314 - there is no DOCTYPE, so no entity
    except ParseError:
        raise ValueError("is not an SVG drawing that can be read (no DOCTYPE, no entities)") from None
    if root.tag != f"{_SVG}svg" or "viewBox" not in root.attrib:
        raise ValueError("must be an svg element with xmlns and viewBox")
    for element in root.iter():
        name = str(element.tag).removeprefix(_SVG)
        if name not in _ELEMENTS.split():
            msg = f"has the element {name}; a logo has shapes only, without scripts, styles, text or pictures"
            raise ValueError(msg)
        for key, value in element.attrib.items():
            own = "href" if key == _XLINK else key
            if own not in _ATTRIBUTES.split():
                msg = f"has the attribute {own}, which a logo cannot have"
                raise ValueError(msg)
            if (own == "href" and not value.startswith("#")) or _leads_outside(value):
                msg = f"names something outside itself, in {own}"
                raise ValueError(msg)


def _leads_outside(value: str) -> bool:
    calls = {name.lower() for name in _FUNCTION.findall(value)}
    return _OUTSIDE.search(value) is not None or not calls <= _FUNCTIONS


def _without_entities(content: bytes) -> bytes:
    if re.search(rb"\0|<!(?!--)|<\?(?!xml\s)", content):
        raise ParseError
    return content


_Logo = Annotated[str, AfterValidator(partial(_check, limit=LOGO_BYTES))]
_Picture = Annotated[str, AfterValidator(partial(_check, limit=PICTURE_BYTES))]
Color = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class Branding(Strict):
    """
    The look of a centre; a key that is left out has that of the system.

    Attributes:
        color: For links and buttons on light pages and in mails.
        color_dark: The same on dark pages; always set if ``color`` is.
        logo: A drawing or a picture that stands in the place of the sign at the top, as SVG or a data URI.
        logo_dark: The same on dark pages; ``logo`` if it is left out.
        picture: A photograph or a drawing on the page of the centre, as a data URI or SVG.
        picture_alt: What the picture shows, by language; always set if the picture is.
    """

    color: Color | None = None
    color_dark: Color | None = None
    logo: _Logo | None = None
    logo_dark: _Logo | None = None
    picture: _Picture | None = None
    picture_alt: dict[MailLanguage, Name] | None = None

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if (self.color is None) != (self.color_dark is None):
            raise ValueError("color and color_dark belong together: one for light pages, one for dark ones")
        for name, color, grounds, other in (
            ("color", self.color, LIGHT_GROUNDS, "darker"),
            ("color_dark", self.color_dark, DARK_GROUNDS, "lighter"),
        ):
            worst = min(grounds, key=lambda ground: contrast(color, ground)) if color else None
            if color and worst and (found := contrast(color, worst)) < LEAST_CONTRAST:
                msg = (
                    f"{name} {color} has a contrast of {int(found * 100) / 100} to the page ({worst}); text needs "
                    f"{LEAST_CONTRAST}, so choose a {other} one"
                )
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.picture is None) != (self.picture_alt is None):
            raise ValueError("picture and picture_alt belong together: who cannot see it must know what it shows")
        if self.picture_alt is not None and set(self.picture_alt) != {"nb", "nn", "en"}:
            raise ValueError("picture_alt must have nb, nn and en")
        if self.logo_dark is not None and self.logo is None:
            raise ValueError("logo_dark needs a logo")
        return self

    @cached_property
    def files(self) -> Mapping[str, BrandFile]:
        """The logo, the dark logo, the picture and the style sheet, those that there are, by key."""
        drawn = {"logo": self.logo, "logo_dark": self.logo_dark, "picture": self.picture}
        files = {name: _read(text) for name, text in drawn.items() if text}
        return {**files, "colors": self.style} if self.style else files

    @property
    def versions(self) -> Mapping[str, str]:
        """The version of each file that there is, by its name."""
        return {name: file.version for name, file in self.files.items()}

    @cached_property
    def style(self) -> BrandFile | None:
        """The style sheet, where the centre has colours of its own."""
        if self.color is None or self.color_dark is None:
            return None
        return BrandFile(_style(self.color, self.color_dark).encode(), "text/css")

    @property
    def alt(self) -> Mapping[MailLanguage, str] | None:
        """The words for the picture, by language."""
        return self.picture_alt


NO_BRANDING: Final = Branding()


def image_size(file: BrandFile) -> tuple[int, int] | None:
    """Return width and height of a PNG, or of a drawing by its viewBox; None for others."""
    if file.media_type == "image/png" and len(file.content) > 24:
        width, height = struct.unpack(">II", file.content[16:24])
        return width, height
    if file.media_type == SVG_TYPE:
        root = fromstring(file.content)  # noqa: S314 - checked when the installation's file was read
        parts = re.split(r"[\s,]+", root.attrib["viewBox"].strip())
        return (round(float(parts[2])), round(float(parts[3]))) if len(parts) == 4 else None
    return None


def _style(color: str, color_dark: str) -> str:
    """Return the style sheet: the accents of the theme, with text on them that can be read in both schemes."""

    def scheme(own: str, towards: str, on_it: str) -> str:
        strong, strongest = mixed(own, towards, 0.15), mixed(own, towards, 0.3)
        return (
            f"--ds-color-accent-base-default:{own};--ds-color-accent-base-hover:{strong};"
            f"--ds-color-accent-base-active:{strongest};--ds-color-accent-base-contrast-default:{on_it};"
            f"--ds-color-accent-text-subtle:{own};--ds-color-accent-border-strong:{own};"
        )

    selector = ':root,[data-color-scheme="auto"]'
    light, dark = scheme(color, "#000000", "#ffffff"), scheme(color_dark, "#ffffff", "#000000")
    return f"{selector}{{{light}}}\n@media (prefers-color-scheme:dark){{{selector}{{{dark}}}}}\n"
