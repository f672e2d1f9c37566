"""The form of the sign-up in a frame on the sites that the centres name."""

import re
from collections.abc import Callable, Collection
from importlib import resources
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from shared.kit.web.static import A_DAY
from shared.reference.centres import CentreDirectory

router = APIRouter(include_in_schema=False)

_IN_FRAMES: Final = re.compile(r"/(?:pamelding|takk|akutt|under-18)(?:/.*)?")
"""The pages of the form, from its first step to the thanks, or to help; whoever opens it may live anywhere."""

_SCRIPT: Final = resources.files("intake").joinpath("static", "ramme.js").read_bytes()


@router.get("/ramme.js")
async def show_script() -> Response:
    """Return the script that other sites load: it makes the frame, and gives it the height of the page in it."""
    headers = {"Cache-Control": A_DAY, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(_SCRIPT, media_type="text/javascript", headers=headers)


def frames_of(directory: CentreDirectory) -> Callable[[str], Collection[str]]:
    """Return a function of a path without language: the origins whose pages may show it in a frame."""

    def origins(path: str) -> Collection[str]:
        if not _IN_FRAMES.fullmatch(path):
            return ()
        return sorted({origin for centre in directory.current().all for origin in centre.embedded_on})

    return origins
