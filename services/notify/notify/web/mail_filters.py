"""The choices that narrow the lists of mails down, as they stand in the address of the page and in its form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.mail_lists import MailFilter
from notify.queries import mails as queries
from notify.store.mail_lists import Place
from notify.web.deps import Deps, SignedIn, WebDeps
from notify.web.mail_rows import group_namer, kinds_by_name, name_of
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.messages import Label
from shared.kit.web.state import locale_of

LIST: Final = "/stab/post"
LABELS: Final[dict[str, Label]] = {
    "sok": N_("Søk i hva e-posten er og hvilken gruppe"),
    "senter": N_("Senter"),
    "hva": N_("Hva"),
    "fra": N_("Laget fra og med"),
    "til": N_("Laget til og med"),
}
LONGEST_SEARCH: Final = 100

_NO_DAY: Final = N_("Velg en dag, eller la feltet stå tomt.")
_ENDS_FIRST: Final = N_("Den siste dagen kan ikke være før den første.")


@dataclass(frozen=True)
class Chosen:
    """
    The choices of a member of staff.

    Attributes:
        words: As they stand in the address, without those that mean nothing.
        form: The form, with what is wrong in it.
        filter: The same for queries.
        group_name: The name of the chosen group; empty if none is chosen.
    """

    words: dict[str, str]
    form: forms.Form
    filter: MailFilter
    group_name: str

    def link(self, path: str = LIST, **changes: str | None) -> str:
        """Return the address of a page with what is chosen, and some parts changed."""
        query = urlencode({name: value for name, value in (self.words | changes).items() if value})
        return f"{path}?{query}" if query else path

    @property
    def narrowed(self) -> bool:
        """True if anything is chosen."""
        return bool(self.words)


@dataclass(frozen=True)
class _Words:
    """The parameters of the address."""

    sok: Annotated[str, Query(max_length=1000)] = ""
    senter: str = ""
    hva: str = ""
    gruppe: str = ""
    fra: str = ""
    til: str = ""


async def _chosen(request: Request, deps: WebDeps, member: SignedIn, words: Annotated[_Words, Depends()]) -> Chosen:
    gettext, locale = deps.pages.gettext(request), locale_of(request)
    form = forms.blank(request, LABELS)
    first, last = forms.day_in(words.fra), forms.day_in(words.til)
    for name, typed, day in (("fra", words.fra, first), ("til", words.til, last)):
        form = form.refusing(name, gettext(_NO_DAY)) if typed and day is None else form
    if first is not None and last is not None and last < first:
        form, first, last = form.refusing("til", gettext(_ENDS_FIRST)), None, None
    centre = words.senter if words.senter in member.tenants else ""
    centres = (centre,) if centre else tuple(sorted(member.tenants))
    kind = words.hva if any(words.hva == kind for kind, _ in kinds_by_name(deps.registry, gettext)) else ""
    search = " ".join(words.sok.split())[:LONGEST_SEARCH]
    kinds: Sequence[str] | None = None
    groups: Sequence[UUID] | None = None
    async with deps.database.transaction() as session:
        group = await queries.group(session, _uuid(words.gruppe), member.tenants)
        if search:
            kinds = _kinds_with(deps, gettext, search)
            groups = await _groups_with(session, deps, locale, centres, search)
    values = {"sok": search, "senter": centre, "hva": kind, "fra": words.fra, "til": words.til}
    return Chosen(
        {name: value for name, value in (values | {"gruppe": str(group.id) if group else ""}).items() if value},
        forms.Form(form.labels, values, form.errors),
        MailFilter(
            centres=centres,
            secret=deps.registry.secret,
            kind=kind or None,
            group_id=group.id if group else None,
            kinds=kinds,
            groups=groups,
            first=first,
            last=last,
        ),
        group_namer(deps.directory.current(), locale)(group) if group else "",
    )


ChosenMails = Annotated[Chosen, Depends(_chosen)]
"""The list, filter and place that the address of a page chooses; a FastAPI dependency."""


def word_of(place: Place | None) -> str | None:
    """Return a place in a list as a word in an address."""
    return None if place is None else f"{place.at.isoformat()}_{place.id}"


def place_in(word: str) -> Place | None:
    """Return the place in a list that a word in an address names; None for the beginning."""
    at, _, id_ = word.partition("_")
    try:
        place = Place(datetime.fromisoformat(at), UUID(id_))
    except ValueError:
        return None
    return place if place.at.tzinfo is not None else None


def moment_in(word: str) -> datetime | None:
    """Return the moment that a word in a form names; None if it names none."""
    place = place_in(f"{word}_{UUID(int=0)}")
    return place.at if place is not None else None


def _kinds_with(deps: Deps, gettext: Callable[[str], str], search: str) -> list[str]:
    return [spec.kind for spec in deps.registry if _has(gettext(name_of(spec)), search)]


async def _groups_with(
    session: AsyncSession, deps: Deps, locale: str, centres: Sequence[str], search: str
) -> list[UUID]:
    name = group_namer(deps.directory.current(), locale)
    return [group.id for group in await queries.groups_of_centres(session, centres) if _has(name(group), search)]


def _has(text: str, search: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in search.casefold().split())


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
