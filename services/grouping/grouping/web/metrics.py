"""How many wait and how many groups there are, for whoever watches the system; on the service's own port only."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.responses import Response

from grouping.domain.groups import GroupState
from grouping.queries import groups as reading
from grouping.usecases.matcher_cache import MatcherCache
from shared.kit.database.engine import Database


def router(database: Database, boards: MatcherCache) -> APIRouter:
    """``/metrics/grouping``, beside the kit's ``/metrics``."""
    routes = APIRouter(include_in_schema=False)
    registry = CollectorRegistry()
    waiting = Gauge("selvhjelp_waiting", "Sign-ups that wait for a group", registry=registry)
    differed = Gauge("selvhjelp_board_differences", "Where recounts found boards wrong; always zero", registry=registry)
    groups = Gauge("selvhjelp_groups", "Groups by state", ["state"], registry=registry)

    @routes.get("/metrics/grouping")
    async def meters() -> Response:
        async with database.transaction() as session:
            count, by_state = await reading.totals(session)
        waiting.set(count)
        differed.set(boards.differed)
        for state in GroupState:
            groups.labels(state.value).set(by_state.get(state.value, 0))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes
