"""The logo and the picture on the form of a centre's look: taken, checked and stored before they are seen."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import FormData, UploadFile

from intake.domain.form import FieldError
from intake.domain.picture_forms import FROM_FILE, PICTURES
from intake.store import pictures
from intake.web.deps import Deps
from shared.kit.i18n import N_
from shared.reference import brand_pictures
from shared.reference.brand_pictures import LIMITS, PictureError, StoredPicture
from shared.reference.centres import Centre

LABELS: Final = {
    "logo": N_("Logo"),
    "picture": N_("Bilde"),
    "alt_nb": N_("Hva bildet viser, på bokmål"),
    "alt_nn": N_("Hva bildet viser, på nynorsk"),
    "alt_en": N_("Hva bildet viser, på engelsk"),
}
ERRORS: Final = {
    "kind": N_("Fila må være et bilde i formatet SVG, PNG eller JPEG."),
    "drawing": N_(
        "Tegningen kan bare ha former. Ta bort tekst, stil, skript, bilder og det som viser til andre steder, eller "
        "bruk PNG."
    ),
    "large": N_("Fila er for stor. Den kan ha høyst %(kb)s kB."),
    "gone": N_("Bildet er ikke her lenger. Velg fila en gang til."),
    "alt": N_("Skriv hva bildet viser på alle tre språk. Den som ikke ser det, får lest det opp."),
    "alt_long": N_("Teksten kan ha høyst %(alt)s tegn, på én linje."),
}


LARGE_FORMS: Final = re.compile(r"/stab/regler/[^/]+/utseende")
"""Paths that take both pictures."""


async def take(deps: Deps, centre: Centre, sent: FormData, values: dict[str, str]) -> list[FieldError]:
    """Store the files of a form, write their names into its values, and return what is wrong with them."""
    errors = []
    for name in PICTURES:
        file = sent.get(f"{name}_file")
        if isinstance(file, UploadFile) and file.filename:
            try:
                upload = brand_pictures.checked(await file.read(), LIMITS[name])
            except PictureError as error:
                errors.append(FieldError(name, error.code))
            else:
                async with deps.database.transaction() as session:
                    await pictures.add(session, centre.id, upload, deps.clock.now())
                values[name] = upload.stored.digest
        elif sent.get(f"{name}_none") == "true":
            values[name] = ""
    await sent.close()
    return errors


async def named(deps: Deps, centre: Centre, values: Mapping[str, str]) -> dict[str, StoredPicture]:
    """Return the pictures that a form names; one of the installation's file is stored with them."""
    found = {}
    async with deps.database.transaction() as session:
        for name in PICTURES:
            value, file = values[name], centre.branding.files.get(name)
            if value == FROM_FILE and file is not None:
                upload = brand_pictures.stored(file)
                await pictures.add(session, centre.id, upload, deps.clock.now())
                found[name] = upload.stored
            elif value and (row := await pictures.get(session, centre.id, value)):
                found[name] = StoredPicture.model_validate({"digest": row.digest, "media_type": row.media_type})
    return found
