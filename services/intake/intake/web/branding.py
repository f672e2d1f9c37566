"""The logo, the picture and the colours of a centre."""

from typing import Final

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from intake.store import pictures
from intake.web.deps import Deps, WebDeps
from shared.kit.web.static import A_DAY, FOREVER
from shared.reference.brand_pictures import UploadedBranding
from shared.reference.branding import BrandFile
from shared.reference.centres import Centre

router = APIRouter(include_in_schema=False)

_POLICY: Final = "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'"
"""Of a drawing that somebody opens as a page: it runs and loads nothing."""


@router.get("/merke/{centre_id}/{name}")
async def show_brand_file(deps: WebDeps, centre_id: str, name: str, v: str = "") -> Response:
    """
    Return a file of a centre's look; ``v`` is its version, with which browsers may keep it for ever.

    A picture that was uploaded is also there by its hash, as a preview shows it before it is saved.
    """
    centre = deps.centres.get(centre_id)
    file = await _file(deps, centre, name) if centre else None
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": FOREVER if v == file.version else A_DAY, "Content-Security-Policy": _POLICY}
    return Response(file.content, media_type=file.media_type, headers=headers)


async def _file(deps: Deps, centre: Centre, name: str) -> BrandFile | None:
    look = centre.branding
    if name in look.files:
        return look.files[name]
    uploaded = look.uploaded.by_name if isinstance(look, UploadedBranding) else {}
    async with deps.database.transaction() as session:
        row = await pictures.get(session, centre.id, uploaded[name].digest if name in uploaded else name)
    return BrandFile(row.content, row.media_type) if row else None
