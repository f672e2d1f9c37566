"""The FastAPI app of a service, with everything that all of them have in common."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter, FastAPI
from pydantic import SecretStr
from starlette.middleware import Middleware
from starlette.routing import Mount

from shared.kit import health
from shared.kit.service import Service
from shared.kit.staff import wall_now
from shared.kit.web import errors
from shared.kit.web.cors import ApiCorsMiddleware
from shared.kit.web.guards import BodyLimitMiddleware, FailureMiddleware, HeadersMiddleware
from shared.kit.web.locale import LocaleMiddleware
from shared.kit.web.messages import Label
from shared.kit.web.pages import Pages
from shared.kit.web.state import WebState
from shared.reference import helplines

OPENAPI_PATH = "/api/openapi.json"


class WebSettings(Protocol):
    """What pages need of a service's settings."""

    @property
    def public_url(self) -> str: ...
    @property
    def form_key(self) -> SecretStr: ...
    @property
    def staff_key(self) -> SecretStr: ...
    @property
    def environment_label(self) -> str: ...
    @property
    def centres_file(self) -> Path | None: ...


class Served(Protocol):
    """What pages need of a service; ``shared.kit.service.Service`` is one."""

    @property
    def settings(self) -> WebSettings: ...
    def lifespan(self, app: FastAPI, /) -> AbstractAsyncContextManager[None]: ...


def create_app(
    title: str,
    *,
    service: Served,
    pages: Pages,
    routers: Iterable[APIRouter] = (),
    openapi: bool = False,
    cors_origins: Sequence[str] = (),
    labels: Mapping[str, Label] | None = None,
    sentences: Mapping[str, str] | None = None,
    wall: Callable[[], datetime] = wall_now,
) -> FastAPI:
    """
    An app with strict headers, languages, error pages, limits, health routes and our own static files.

    Args:
        title: The name in the API description.
        service: Its settings, lifespan and health routes.
        pages: Its templates and texts.
        routers: Its routes.
        openapi: Whether the API description is served under ``/api/openapi.json``.
        cors_origins: Whose pages may call ``/api/`` from a browser.
        labels: Field name to label (msgid), for the messages of the API.
        sentences: Slug of a ``DomainError`` to the sentence (msgid) that tells what to do.
        wall: Real time, for form tokens and sessions.
    """
    settings = service.settings
    middleware = [
        Middleware(HeadersMiddleware, https=settings.public_url.startswith("https://")),
        Middleware(LocaleMiddleware),
        Middleware(FailureMiddleware, render=errors.render_error),
        Middleware(ApiCorsMiddleware, origins=tuple(cors_origins)),
        Middleware(BodyLimitMiddleware, render=errors.render_error),
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
    )
    app.state.web = WebState(
        pages=pages,
        form_key=settings.form_key,
        staff_key=settings.staff_key,
        public_url=settings.public_url,
        environment_label=settings.environment_label,
        help_lines=helplines.load(settings.centres_file),
        wall=wall,
        labels=dict(labels or {}),
        sentences=dict(sentences or {}),
    )
    errors.install(app)
    app.router.routes.append(Mount("/static", pages.static))
    for router in (*([health.routes(service)] if isinstance(service, Service) else []), *routers):
        app.include_router(router)
    return app
