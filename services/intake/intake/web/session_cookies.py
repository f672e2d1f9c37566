"""Cookies of the short sessions that a mailed link opens."""

from dataclasses import dataclass

from starlette.responses import Response

from intake.domain.page_links import SESSION_VALID
from shared.kit.i18n import LOCALES
from shared.kit.web.locale import localised


@dataclass(frozen=True)
class SessionCookie:
    """
    The cookie of a session, for the pages below one path in each language; the browser sends it nowhere else.

    Attributes:
        path: The path of those pages in bokmål.
    """

    name: str
    path: str

    def give(self, response: Response, token: str, *, secure: bool) -> Response:
        """Give the browser a session; ``secure`` if it comes by HTTPS."""
        for path in self._paths():
            response.set_cookie(
                self.name,
                token,
                max_age=int(SESSION_VALID.total_seconds()),
                path=path,
                httponly=True,
                samesite="strict",
                secure=secure,
            )
        return response

    def take(self, response: Response) -> Response:
        """Take the session from the browser."""
        for path in self._paths():
            response.delete_cookie(self.name, path=path)
        return response

    def _paths(self) -> list[str]:
        return [localised(locale, self.path) for locale in LOCALES]
