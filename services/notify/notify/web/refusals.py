"""Acts of staff that a rule refuses: the page is shown again, with the reason."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from notify.web.deps import Deps
from notify.web.messages import SENTENCES
from shared.errors import DomainError, NotFoundError
from shared.kit.web import forms

Act: TypeAlias = Callable[[AsyncSession], Awaitable[None]]


async def refusal_of(deps: Deps, act: Act) -> DomainError | None:
    """Do an act in a transaction of its own, and return the rule against it; an unknown object stays a 404."""
    try:
        async with deps.database.transaction() as session:
            await act(session)
    except NotFoundError:
        raise
    except DomainError as error:
        return error
    return None


def refused(request: Request, deps: Deps, form: forms.Form, field: str, error: DomainError) -> forms.Form:
    """Return a form with the reason beside a field, or above all for ""; raise what has no sentence for people."""
    if error.slug not in SENTENCES:
        raise error
    return form.refusing(field, deps.pages.gettext(request)(SENTENCES[error.slug]))
