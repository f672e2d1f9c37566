"""The receipt of an erasure, behind a link that only whoever was erased has; and the key that verifies receipts."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, Response

from intake.store import ErasureReport, erasure_reports
from intake.store.erasure_report_tables import SERVICES
from intake.web.deps import Deps, WebDeps, link_target
from shared.kit.web.state import state_of
from shared.reference.link_purposes import RECEIPT

router = APIRouter(include_in_schema=False)

ReceiptLink = Annotated[UUID | None, Depends(link_target(RECEIPT))]


@router.get("/kvittering/nokkel")
async def show_key(deps: WebDeps) -> Response:
    """Return the public keys that verify receipts, the newest first."""
    return PlainTextResponse("".join(f"{key}\n" for key in deps.receipts.public_keys))


@router.get("/kvittering/{token}")
async def show_receipt(request: Request, deps: WebDeps, person_id: ReceiptLink, token: str) -> Response:
    """Show what has been deleted so far, in each part of the system."""
    reports = await _reports(deps, person_id)
    return deps.pages.html(
        request,
        "my_page/receipt.html",
        200 if reports else 410,
        reports={report.service: sum(report.deleted.values()) for report in reports},
        complete=len(reports) == len(SERVICES),
        file=f"/kvittering/{token}/fil",
    )


@router.get("/kvittering/{token}/fil")
async def load_receipt(request: Request, deps: WebDeps, person_id: ReceiptLink, token: str) -> Response:
    """Return the signed receipt as a file, once every part has reported."""
    reports = await _reports(deps, person_id)
    if len(reports) < len(SERVICES):
        return deps.pages.redirect(request, f"/kvittering/{token}")
    text = deps.receipts.sign(_statement(reports, state_of(request).public_url))
    headers = {"Content-Disposition": 'attachment; filename="kvittering.json"'}
    return Response(text, media_type="application/json", headers=headers)


async def _reports(deps: Deps, person_id: UUID | None) -> Sequence[ErasureReport]:
    if person_id is None:
        return ()
    async with deps.database.transaction() as session:
        return await erasure_reports.of_person(session, person_id)


def _statement(reports: Sequence[ErasureReport], issuer: str) -> dict[str, object]:
    """Say what was deleted where; the day is all that it says of when, and it says nothing of whom."""
    return {
        "issuer": issuer,
        "day": max(report.at for report in reports).date().isoformat(),
        "key_destroyed": True,
        "deleted": {report.service: dict(sorted(report.deleted.items())) for report in reports},
    }
