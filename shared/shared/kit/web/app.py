"""The FastAPI app of a service, with the parts that all services share."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware
from starlette.routing import Mount

from shared.kit import health
from shared.kit.assertions import AssertionVerifier, LiveVerifier
from shared.kit.observation import Observer
from shared.kit.service import Service
from shared.kit.settings import ServiceSettings
from shared.kit.staff import wall_now
from shared.kit.web import acts as staff_acts
from shared.kit.web import errors, leaving, status_page
from shared.kit.web.access import Access, AccessLine
from shared.kit.web.auth import check_access
from shared.kit.web.correlating import CorrelationMiddleware
from shared.kit.web.cors import ApiCorsMiddleware
from shared.kit.web.form_keys import FormKeys
from shared.kit.web.guards import (
    BodyLimitMiddleware,
    FailureMiddleware,
    Frames,
    HeadersMiddleware,
    HeadMiddleware,
)
from shared.kit.web.locale import LocaleMiddleware
from shared.kit.web.measuring import MeasuringMiddleware, RouteNotingMiddleware
from shared.kit.web.messages import Label
from shared.kit.web.pages import Pages
from shared.kit.web.state import WebState

OPENAPI_PATH = "/api/openapi.json"

NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI's own, which begins where OTEL_EXPORTER_OTLP_ENDPOINT is set, tells the path of each page, with its token."""


def create_app(
    title: str,
    *,
    service: Service,
    pages: Pages,
    access: Iterable[AccessLine],
    routers: Iterable[APIRouter] = (),
    staff_pages: Sequence[APIRouter] = (),
    openapi: bool = False,
    cors_origins: Sequence[str] = (),
    labels: Mapping[str, Label] | None = None,
    sentences: Mapping[str, str] | None = None,
    wall: Callable[[], datetime] = wall_now,
    shared_forms: Sequence[tuple[str, str]] = (),
    frames: Frames = lambda _path: (),
    large_forms: Sequence[re.Pattern[str]] = (),
    acts: staff_acts.Acts | None = None,
) -> FastAPI:
    """
    Return an app with strict headers, languages, error pages, limits, health routes and our own static files.

    The table of access must have a line for each route, and no other.

    Args:
        title: The name in the API description.
        service: Its settings, lifespan and health routes.
        pages: Its templates and texts.
        access: Who may open which route, of all services.
        routers: Its routes.
        staff_pages: Pages that each service has of its own: security events and audit log.
        openapi: Whether the API description is served under ``/api/openapi.json``.
        cors_origins: Origins whose pages may call ``/api/`` from a browser.
        labels: Field name to label (msgid), for the messages of the API.
        sentences: Slug of a ``DomainError`` to the sentence (msgid) that advises the reader.
        wall: Returns the real time, for form tokens and sessions.
        shared_forms: Patterns of paths to which pages of other services have forms too, with the setting of their ring.
        frames: Returns the origins that may show a path, without language, in a frame.
        large_forms: Patterns of paths, without language, whose forms may be larger than what people write.
        acts: What keeps each act of staff from being a slip, by the path of its route.

    Raises:
        RuntimeError: The table of access, or that of acts, is not that of the routes.
    """
    settings = service.settings
    middleware = [
        Middleware(CorrelationMiddleware),
        Middleware(MeasuringMiddleware),
        Middleware(HeadersMiddleware, https=settings.public_url.startswith("https://"), frames=frames),
        Middleware(HeadMiddleware),
        Middleware(LocaleMiddleware),
        Middleware(FailureMiddleware, render=errors.render_error),
        Middleware(ApiCorsMiddleware, origins=tuple(cors_origins)),
        Middleware(BodyLimitMiddleware, render=errors.render_error, large_forms=large_forms),
        Middleware(RouteNotingMiddleware),
    ]
    app = FastAPI(
        title=title,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI_PATH if openapi else None,
        lifespan=service.lifespan,
        middleware=middleware,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.web = WebState(
        texts=pages.texts,
        form_keys=_form_keys(settings, f"{service.name}_key", shared_forms),
        assertions=LiveVerifier(settings.live("staff_keys", partial(AssertionVerifier, service=service.name))),
        access=Access(access, service.name),
        public_url=settings.public_url,
        environment_label=settings.environment_label,
        wall=wall,
        labels=dict(labels or {}),
        sentences=dict(sentences or {}),
        acts=dict(acts or {}),
    )
    app.state.service = service
    app.state.pages = pages
    errors.install(app)
    app.router.routes.append(Mount("/static", pages.static))
    observer = Observer(service)
    own = (health.routes(service, observer), status_page.routes(observer, service.name), leaving.router)
    for router in (*own, *staff_pages, *routers):
        # The routes themselves: `include_router` would build each a second time, at the first request of each app.
        app.router.routes.extend(router.routes)
    check_access(app)
    if acts is not None and (faults := staff_acts.faults(acts, _posts(app))):
        raise RuntimeError("\n".join(faults))
    return app


def _posts(app: FastAPI) -> Iterator[str]:
    for route in app.routes:
        if "POST" in (getattr(route, "methods", None) or ()):
            yield str(getattr(route, "path", ""))


def _form_keys(settings: ServiceSettings, own: str, shared: Iterable[tuple[str, str]]) -> FormKeys:
    held = type(settings).model_fields
    return FormKeys(
        settings.ring(own if own in held else "common_key").keys("form"),
        [(re.compile(pattern), settings.ring(ring).keys("form")) for pattern, ring in shared if ring in held],
    )
