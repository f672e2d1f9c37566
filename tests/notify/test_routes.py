"""Access to the routes of notify."""

from devtools.testing.fixtures import Databases
from notify.app import build
from shared.kit.web.auth import unguarded_routes
from tests.notify.support.world import settings_of


async def test_every_route_checks_role_and_object(database_url: Databases) -> None:
    app = build(settings_of(await database_url("notify"), "nats://127.0.0.1:1", 1))
    assert unguarded_routes(app) == []
