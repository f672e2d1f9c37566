"""The logo and the picture of a centre, as the fields of a form, and back."""

from collections.abc import Mapping
from typing import Final

from intake.domain.form import FieldError
from shared.reference.brand_pictures import CentrePictures, StoredPicture, UploadedBranding
from shared.reference.centres import LANGUAGES, Centre

PICTURES: Final = ("logo", "picture")
ALTS: Final = tuple(f"alt_{language}" for language in LANGUAGES)
FIELDS: Final = (*PICTURES, *ALTS)

FROM_FILE: Final = "file"
"""The value of a picture that the installation's file has; others are named by their hash, and none by nothing."""

ALT_MAX: Final = 100
"""Characters of what a picture shows, in one language."""


def form_values(centre: Centre) -> dict[str, str]:
    """Return what holds now as the fields of the form."""
    look, alt = centre.branding, centre.branding.alt or {}
    pictures = {name: FROM_FILE if name in look.files else "" for name in PICTURES}
    if isinstance(look, UploadedBranding):
        pictures |= {name: picture.digest for name, picture in look.uploaded.by_name.items()}
    return pictures | {f"alt_{language}": alt.get(language, "") for language in LANGUAGES}


def parse(
    values: Mapping[str, str], stored: Mapping[str, StoredPicture]
) -> tuple[CentrePictures | None, tuple[FieldError, ...]]:
    """Return what the form states, or None and what is wrong; ``stored`` are the pictures that it names."""
    errors = [FieldError(name, "gone") for name in PICTURES if values.get(name) and name not in stored]
    alt = {language: " ".join(values.get(f"alt_{language}", "").split()) for language in LANGUAGES}
    if "picture" in stored:
        for language, text in alt.items():
            if not text:
                errors.append(FieldError(f"alt_{language}", "alt"))
            elif len(text) > ALT_MAX or not text.isprintable():
                errors.append(FieldError(f"alt_{language}", "alt_long"))
    if errors:
        return None, tuple(errors)
    told = {"picture_alt": alt} if "picture" in stored else {}
    return CentrePictures.model_validate({**stored, **told}), ()
