"""Every route of every service checks a role, and access to the object that its path names."""

import base64
from collections.abc import Callable
from typing import Final

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

import grouping.app
import grouping.settings
import intake.app
import intake.settings
import notify.app
import notify.settings
from shared.kit.web.auth import unguarded_routes
from tests.shared.support.staff import SIGNING_KEY, STAFF_KEYS

# Nothing is opened before the lifespan runs.
_DATABASE: Final = SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
_KEY: Final = SecretStr("k" * 32)
_SHARED: Final = {
    "database_url": _DATABASE,
    "nats_url": "nats://127.0.0.1:1",
    "public_url": "http://testserver",
    "link_key": _KEY,
    "form_key": _KEY,
    "staff_keys": STAFF_KEYS,
}

OPEN_PATHS: Final[dict[str, frozenset[str]]] = {
    "intake": frozenset(
        {
            "/stab/logg-inn",
            "/-/session/{service}",
            "/informasjon/{centre_id}",
            "/orienteringsmote/{kontaktmote_id}",
            "/orienteringsmote/{kontaktmote_id}/sendt",
            "/tilbake/{ticket}",
            "/igangsetter/logg-inn",
            "/igangsetter/logg-inn/sendt",
            "/igangsetter/apne/{token}",
            "/igangsetter/invitasjon/{token}",
        }
    ),
    "grouping": frozenset(),
    "notify": frozenset(),
}
"""The sign-in pages, what the gateway asks, what links in mails open, and texts that anybody may read."""


def _grouping() -> FastAPI:
    return grouping.app.build(grouping.settings.Settings.model_validate(_SHARED))


def _intake() -> FastAPI:
    intake_only = {
        "keys_database_url": _DATABASE,
        "key_encryption_key": base64.b64encode(bytes(32)).decode(),
        "blind_index_key": _KEY,
        "staff_signing_key": SIGNING_KEY,
    }
    return intake.app.build(intake.settings.Settings.model_validate(_SHARED | intake_only))


def _notify() -> FastAPI:
    notify_only = {"smtp_host": "127.0.0.1", "mail_from": "hei@post.example", "mail_domain": "post.example"}
    return notify.app.build(notify.settings.Settings.model_validate(_SHARED | notify_only))


APPS: Final[dict[str, Callable[[], FastAPI]]] = {"grouping": _grouping, "intake": _intake, "notify": _notify}


def _paths(app: FastAPI) -> set[str | None]:
    return {route.path for route in iter_route_contexts(app.routes)}


@pytest.mark.parametrize("service", APPS)
def test_routes_of_service_check_role_and_object(service: str) -> None:
    app = APPS[service]()

    assert any((path or "").startswith("/stab/") for path in _paths(app))
    assert unguarded_routes(app, open_paths=OPEN_PATHS[service]) == []


@pytest.mark.parametrize("service", APPS)
def test_open_paths_of_service_are_served(service: str) -> None:
    """A path that is no longer served must not stay open for the next one of that name."""
    assert _paths(APPS[service]()) >= OPEN_PATHS[service]


def test_unguarded_routes_of_real_app_reports_forgotten_check() -> None:
    """The search sees the routes of a real app, so a forgotten check fails the first test."""
    app = _grouping()
    forgetful = APIRouter()
    forgetful.add_api_route("/stab/grupper/{group_id}/ny", lambda: None, methods=["POST"])
    app.include_router(forgetful)

    assert unguarded_routes(app) == [
        "POST /stab/grupper/{group_id}/ny: no role",
        "POST /stab/grupper/{group_id}/ny: no object access",
    ]
    assert "/stab/grupper/{group_id}/avlys" in _paths(app)
