"""Watch what a member of staff sends: an act leaves one row in the audit log, and what is refused leaves none."""

import re
from collections import Counter
from typing import Final

import httpx

from tests.scenarios.support.town import Town

SIGNING_IN: Final = re.compile(r"/stab/(logg|konto(?!er))")
"""The pages of one's own access, whose acts are security events."""

_ROWS: Final = "SELECT action FROM audit_log WHERE actor = $1"
_LOOKED_AT: Final = "viewed"
"""How actions end that say what was looked at: a refused form shows its page again."""


def is_act(request: httpx.Request) -> bool:
    """Return whether a request is a form of the staff pages."""
    return request.method == "POST" and "/stab/" in request.url.path and not SIGNING_IN.search(request.url.path)


class ActWatch:
    """
    Watches the browser of a member of staff, whatever story it is part of.

    Every form that is accepted for the first time leaves exactly one row, of any service; sent once more, it leaves one
    or none. A refused one leaves none.
    """

    def __init__(self, town: Town, username: str) -> None:
        self._town = town
        self._username = username
        self._before: Counter[str] = Counter()

    async def _actions(self) -> Counter[str]:
        """Return what this member of staff has done, by the audit logs of all services."""
        rows = [row for name in self._town.apps for row in await self._town._rows(name, _ROWS, self._username)]
        return Counter(str(row["action"]) for row in rows)

    async def before(self, request: httpx.Request) -> None:
        if is_act(request):
            self._before = await self._actions()

    async def after(self, answer: httpx.Response) -> None:
        if not is_act(answer.request):
            return
        new = list((await self._actions() - self._before).elements())
        told = f"{answer.request.url.path} was answered with {answer.status_code} and left {new}"
        if answer.is_client_error:
            assert all(action.endswith(_LOOKED_AT) for action in new), told
        else:
            assert len(new) <= 1, told
