"""The page that follows a press: the one that the form names, so that work on a list goes on from the list."""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import Depends, Form

from shared.kit.web.auth import STAFF_PREFIX

DONE: Final = "ferdig"
"""The query parameter that tells a list which of its tasks was just done."""

TASK: Final = "oppgave"
"""The query parameter that tells a page which task it was opened for."""

_PATH_MAX: Final = 500  # characters


@dataclass(frozen=True, slots=True)
class NextPage:
    """
    The page after a press, as the form of staff names it.

    Attributes:
        path: A path of ours below ``/stab``; empty for the page that the route would show.
        task_id: The task that the press does, if it was pressed on a list of tasks.
    """

    path: str = ""
    task_id: UUID | None = None

    def after(self, default: str) -> str:
        """Return the path to redirect to, with the task that is done."""
        path = self.path or default
        if self.task_id is None or not self.path:
            return path
        parts = urlsplit(path)
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != DONE]
        return parts._replace(query=urlencode([*query, (DONE, str(self.task_id))])).geturl()

    @property
    def task_on_page(self) -> UUID | None:
        """The task that the page with the form was opened for, also if the press does not do it."""
        return self.task_id or next_page("", dict(parse_qsl(urlsplit(self.path).query)).get(TASK, "")).task_id

    def unfinished(self, default: str) -> str:
        """Return the path to redirect to when the press has not done the task: the page on which it can be done."""
        return f"{default}?{urlencode({TASK: str(self.task_id)})}" if self.task_id else self.path or default


def staff_path(text: str) -> str:
    """Return a path below ``/stab`` of this system as it is, and an empty string for everything else."""
    # Two slashes in front lead elsewhere; of three, urlsplit makes one.
    if (
        not text.startswith(STAFF_PREFIX)
        or len(text) > _PATH_MAX
        or not text.isascii()
        or not text.isprintable()
        or "\\" in text
        or " " in text
    ):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    segments = parts.path.split("/")
    is_below = f"{parts.path}/".startswith(f"{STAFF_PREFIX}/")
    if parts.scheme or parts.netloc or not is_below or "//" in parts.path or {".", ".."} & set(segments):
        return ""
    return text if "%" not in parts.path else ""


def next_page(neste: str, oppgave: str) -> NextPage:
    """Return the page that a form, or an address, names; what cannot be accepted is left out."""
    try:
        task_id = UUID(oppgave) if oppgave else None
    except ValueError:
        task_id = None
    return NextPage(staff_path(neste), task_id)


async def _next_page(neste: Annotated[str, Form()] = "", oppgave: Annotated[str, Form()] = "") -> NextPage:
    return next_page(neste, oppgave)


async def _next_in_query(neste: str = "", oppgave: str = "") -> NextPage:
    return next_page(neste, oppgave)


NextInQuery = Annotated[NextPage, Depends(_next_in_query)]
"""The same in the address of a page, for the form that it shows."""


async def _task_on_page(oppgave: str = "") -> UUID | None:
    return next_page("", oppgave).task_id


TaskOnPage = Annotated[UUID | None, Depends(_task_on_page)]
"""The task that a page was opened for, from its address."""

Next = Annotated[NextPage, Depends(_next_page)]
"""The fields ``neste`` and ``oppgave`` of a form; what cannot be accepted is left out."""
