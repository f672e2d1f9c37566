"""The pictures that a centre has uploaded itself: checked as those of the installation's file, and named by hash."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from shared.events.base import MailLanguage
from shared.reference.areas import Name, Strict
from shared.reference.branding import (
    LOGO_BYTES,
    PICTURE_BYTES,
    SIGNATURES,
    SVG_TYPE,
    BrandFile,
    Branding,
    check_drawing,
)
from shared.reference.picture_notes import jpeg_without_notes, png_without_notes

LIMITS: Final[Mapping[str, int]] = {"logo": LOGO_BYTES, "picture": PICTURE_BYTES}
"""Bytes of each picture that a centre may upload."""

_WITHOUT_NOTES: Final = {"jpeg": jpeg_without_notes, "png": png_without_notes}


class PictureError(ValueError):
    """
    An upload that is no picture of a centre.

    Attributes:
        code: ``kind``, ``drawing`` or ``large``.
    """

    def __init__(self, code: Literal["kind", "drawing", "large"]) -> None:
        super().__init__(code)
        self.code = code


class StoredPicture(Strict):
    """An uploaded picture, whose content intake has; ``digest`` is the SHA-256 of it."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    media_type: Literal["image/svg+xml", "image/png", "image/jpeg"]

    @property
    def version(self) -> str:
        """As that of a :class:`BrandFile`."""
        return self.digest[:12]


class CentrePictures(Strict):
    """
    Takes the place of the pictures in the installation's file, dark logo included.

    Attributes:
        logo, picture: As in :class:`Branding`; None for none.
        picture_alt: What the picture shows, by language; always set if the picture is.
    """

    logo: StoredPicture | None = None
    picture: StoredPicture | None = None
    picture_alt: Annotated[dict[MailLanguage, Name], Field(min_length=3)] | None = None

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.picture is None) != (self.picture_alt is None):
            raise ValueError("picture and picture_alt belong together: who cannot see it must know what it shows")
        return self

    @property
    def by_name(self) -> dict[str, StoredPicture]:
        """The pictures that there are."""
        return {name: picture for name in LIMITS if (picture := getattr(self, name)) is not None}

    def branding(self, own: Branding) -> Branding:
        """Return the look of a centre with these pictures."""
        kept = {name: getattr(own, name) for name in Branding.model_fields}
        return UploadedBranding.model_validate({**kept, "uploaded": self})


class UploadedBranding(Branding):
    """A look whose pictures were uploaded; those of the file are under them, for nothing but a copy."""

    uploaded: CentrePictures

    @cached_property
    def files(self) -> Mapping[str, BrandFile]:
        """The style sheet, if there is one: intake has the pictures."""
        return {"colors": self.style} if self.style else {}

    @property
    def versions(self) -> Mapping[str, str]:
        """As of other looks, with the pictures."""
        return {**super().versions, **{name: picture.version for name, picture in self.uploaded.by_name.items()}}

    @property
    def alt(self) -> Mapping[MailLanguage, str] | None:
        """The words for the picture, by language."""
        return self.uploaded.picture_alt


@dataclass(frozen=True)
class Upload:
    """A picture that was checked, without notes about how it was taken but for the way it is turned."""

    stored: StoredPicture
    content: bytes


def checked(content: bytes, limit: int) -> Upload:
    """
    Return an uploaded picture.

    Raises:
        PictureError: It is too large, is no SVG, PNG or JPEG, or is a drawing with anything but shapes.
    """
    kind = next((kind for kind, signature in SIGNATURES.items() if content.startswith(signature)), "svg+xml")
    if without_notes := _WITHOUT_NOTES.get(kind):
        try:
            content = without_notes(content)
        except ValueError:
            raise PictureError("kind") from None
    elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        content = content.strip(b"\xef\xbb\xbf \t\r\n")
        if len(content) <= limit:
            _check_shapes(content)
    else:
        raise PictureError("kind")
    if len(content) > limit:
        raise PictureError("large")
    return stored(BrandFile(content, SVG_TYPE if kind == "svg+xml" else f"image/{kind}"))


def stored(file: BrandFile) -> Upload:
    """Return a picture that is known to be good, as one that was uploaded."""
    picture = {"digest": sha256(file.content).hexdigest(), "media_type": file.media_type}
    return Upload(StoredPicture.model_validate(picture), file.content)


def _check_shapes(content: bytes) -> None:
    try:
        check_drawing(content)
    except ValueError:
        raise PictureError("drawing") from None
