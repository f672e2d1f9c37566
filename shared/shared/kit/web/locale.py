"""The language of a page, as a part of its path: links keep it and no cookie is needed."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.kit.i18n import LOCALES, SOURCE, best_locale


class LocaleMiddleware:
    """
    Turns ``/nn/x`` and ``/en/x`` into ``/x`` and sets ``request.state.locale``.

    Under ``/api/`` paths have no language, so Accept-Language decides.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            locale, path = split(scope["path"])
            if path.startswith("/api/"):
                locale = best_locale(Headers(scope=scope).get("accept-language", ""))
            scope = {**scope, "path": path, "raw_path": path.encode(), "state": {**scope.get("state", {})}}
            scope["state"]["locale"] = locale
        await self.app(scope, receive, send)


def split(path: str) -> tuple[str, str]:
    """Return the language and the rest of a path."""
    first, _, rest = path.removeprefix("/").partition("/")
    return (first, f"/{rest}") if first in LOCALES else (SOURCE, path)


def localised(locale: str, path: str) -> str:
    """Return the path of the same page in a language; bokmål has no prefix."""
    return path if locale == SOURCE else f"/{locale}{path}"
