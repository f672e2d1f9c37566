"""The logo, the picture and the colours of a centre."""

from typing import Final

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from intake.web.deps import WebDeps
from shared.kit.web.static import A_DAY, FOREVER

router = APIRouter(include_in_schema=False)

_POLICY: Final = "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'"
"""Of a drawing that somebody opens as a page: it runs and loads nothing."""


@router.get("/merke/{centre_id}/{name}")
async def show_brand_file(deps: WebDeps, centre_id: str, name: str, v: str = "") -> Response:
    """Return a file of a centre's look; ``v`` is its version, with which browsers may keep it for ever."""
    centre = deps.centres.get(centre_id)
    file = centre.branding.files.get(name) if centre else None
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": FOREVER if v == file.version else A_DAY, "Content-Security-Policy": _POLICY}
    return Response(file.content, media_type=file.media_type, headers=headers)
