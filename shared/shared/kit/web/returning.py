"""The page to return to after an act of staff, also when a page of another service asked for the act."""

import re
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Form

PAGE_FIELD: Final = "neste"
TASK_FIELD: Final = "oppgave"
DONE_PARAMETER: Final = "ferdig"

_STAFF_PAGE: Final = re.compile(r"/stab(?:/[A-Za-z0-9_-]+)*/?(?:\?[A-Za-z0-9_=&-]+)?")


@dataclass(frozen=True, slots=True)
class ReturnTo:
    """
    The page to return to.

    Attributes:
        page: A path of our staff pages; None if the form named none, or one that is not ours.
        task_id: The task that the act has done; the list of today hides its row until the task is closed.
    """

    page: str | None = None
    task_id: UUID | None = None

    def path(self, default: str) -> str:
        """Return the path to redirect to; ``default`` if the form named none."""
        path = self.page or default
        if self.page is None or self.task_id is None:
            return path
        return f"{path}{'&' if '?' in path else '?'}{DONE_PARAMETER}={self.task_id}"


def staff_page(text: str) -> str | None:
    """Return the text if it is a path of our staff pages, without host, language, dots or escapes; otherwise None."""
    return text if _STAFF_PAGE.fullmatch(text) else None


def task_id_of(text: str) -> UUID | None:
    """Return the id of a task as a form or an address names it; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


async def _return_to(neste: Annotated[str, Form()] = "", oppgave: Annotated[str, Form()] = "") -> ReturnTo:
    return ReturnTo(staff_page(neste), task_id_of(oppgave))


Returning = Annotated[ReturnTo, Depends(_return_to)]
"""The page that the form names to return to."""
