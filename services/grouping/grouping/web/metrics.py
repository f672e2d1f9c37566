"""Prometheus metrics of grouping, on the service's own port only."""

from typing import Final

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.responses import Response

from grouping.domain.groups import GroupState
from grouping.queries.totals import read_totals
from grouping.web.deps import WebDeps

router = APIRouter(include_in_schema=False)

# Values are set for each request, so one registry serves every app of the process.
_REGISTRY: Final = CollectorRegistry()
_WAITING: Final = Gauge("selvhjelp_waiting", "Sign-ups that wait for a group", registry=_REGISTRY)
_DIFFERENCES: Final = Gauge(
    "selvhjelp_board_differences", "Differences found by the hourly check of matchers; always zero", registry=_REGISTRY
)
_GROUPS: Final = Gauge("selvhjelp_groups", "Groups by state", ["state"], registry=_REGISTRY)


@router.get("/metrics/grouping")
async def show_metrics(deps: WebDeps) -> Response:
    """Return the totals in Prometheus text format, beside the kit's ``/metrics``."""
    async with deps.database.transaction() as session:
        totals = await read_totals(session)
    _WAITING.set(totals.waiting)
    _DIFFERENCES.set(deps.context.matchers.differences)
    for state in GroupState:
        _GROUPS.labels(state.value).set(totals.groups_by_state.get(state.value, 0))
    return Response(generate_latest(_REGISTRY), media_type=CONTENT_TYPE_LATEST)
