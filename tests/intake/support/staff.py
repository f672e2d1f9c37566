"""A member of staff at a browser behind the gateway, with a clock of their own."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import httpx
import pyotp

from shared.kit.assertions import HEADER
from shared.kit.staff import wall_now
from tests.intake.support.browser import Browser, forms_of

PASSWORD: Final = "et langt passord"
NEW_PASSWORD: Final = "fire grønne traktorer danser"
SIGN_IN: Final = "/stab/logg-inn"
SECOND_STEP: Final = "/stab/logg-inn/bekreft"
ACCOUNT: Final = "/stab/konto"


class Desk:
    """
    A browser whose requests for staff pages go by way of the session check, as the gateway's do.

    Attributes:
        now: The real time in the app, which tests move.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.now = wall_now()
        self.pass_time(timedelta(0))

    def pass_time(self, by: timedelta) -> None:
        """Let time pass."""
        moment = self.now = self.now + by
        state = self.browser.app.state
        state.web = replace(state.web, wall=lambda: moment)

    def require_second_factor(self, since: date) -> None:
        """Demand a second factor of everybody from a day on."""
        object.__setattr__(self.browser.app.state.deps, "second_factor_from", since)

    async def open(self, path: str) -> httpx.Response:
        """Open a page; return the gateway's redirect where there is one."""
        if await self._asks(path):
            asked = await self.browser.get("/-/session/intake", **{"X-Forwarded-Uri": path})
            if asked.status_code != 204:
                return asked
            self.browser.client.headers[HEADER] = asked.headers[HEADER]
        return await self.browser.get(path)

    async def send(self, path: str, ending: str | None = None, /, **fields: Any) -> httpx.Response:
        """Open a page, fill in the form that posts to a path with this ending, and press its button."""
        page = await self.open(path)
        if page.status_code != 200:
            return page
        return await self.browser.press(page, ending or path, **fields)

    async def sign_in(
        self, password: str = PASSWORD, username: str = "berit", code: str | None = None
    ) -> httpx.Response:
        """Sign in, with a code if it is asked for."""
        answer = await self.send(SIGN_IN, username=username, password=password)
        if code is not None:
            assert answer.headers["location"] == SECOND_STEP
            answer = await self.send(SECOND_STEP, code=code)
        return answer

    async def add_app(self) -> tuple[pyotp.TOTP, list[str]]:
        """Add an app with codes; return it, and the recovery codes if it was the first factor."""
        page = await self.open(f"{ACCOUNT}/kodeapp")
        found = re.search(r'href="(otpauth:[^"]+)"', page.text)
        assert found, page.headers
        app = pyotp.parse_uri(html.unescape(found.group(1)))
        assert isinstance(app, pyotp.TOTP)
        done = await self.browser.press(page, "/kodeapp", code=app.at(self.now))
        codes = [part.split("</code>")[0] for part in done.text.split("<li><code>")[1:]]
        return app, codes

    async def is_signed_in(self) -> bool:
        """Return True if pages open."""
        return (await self.open("/stab/")).status_code == 200

    def cookies(self) -> dict[str, str]:
        """Return the cookies of the browser."""
        return {cookie.name: cookie.value or "" for cookie in self.browser.client.cookies.jar}

    async def _asks(self, path: str) -> bool:
        self.browser.client.headers.pop(HEADER, None)
        return not path.startswith(SIGN_IN)


def another(desk: Desk, address: str = "198.51.100.7") -> Desk:
    """Return another browser at the same system, at the same time."""
    other = Desk(Browser(desk.browser.app, address))
    other.now = desk.now
    other.pass_time(timedelta(0))
    return other


def hidden(page: httpx.Response, name: str) -> list[str]:
    """Return the values of a hidden field, by form."""
    return [value for form in forms_of(page) for value in form.fields.get(name, [])]
