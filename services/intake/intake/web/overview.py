"""The list of today: what needs a human, from all services."""

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.queries import tasks
from intake.queries.tasks import TaskFilter, TaskPage
from intake.store import accounts, signups
from intake.store.tasks import TaskScope
from intake.usecases import contacts
from intake.usecases.accounts import read_cards as read_account_cards
from intake.usecases.network_limits import all_callers_alike
from intake.web.deps import Deps, SignedIn, WebDeps
from intake.web.labels import STATES, centre_names, translated
from intake.web.task_texts import kind_text, sentence
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember, wall_now
from shared.kit.web.pages import pages_of
from shared.kit.web.paging import page_number
from shared.reference.roles import Role
from shared.reference.task_kinds import TASK_KINDS

router = APIRouter(include_in_schema=False)

DONE_MAX: Final = 20
"""Tasks that one address can hide until their ``Closed`` has come."""


@router.get("/stab")
async def to_overview(request: Request, deps: WebDeps, _member: SignedIn) -> Response:
    """Redirect to the list of today."""
    return deps.pages.redirect(request, "/stab/")


@router.get("/stab/")
async def show_overview(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    slag: str = "",
    senter: str = "",
    haster: str = "",
    side: str = "1",
    ferdig: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """
    Show the tasks of the member's centres, the most urgent first; every name that is shown is recorded.

    A member with role leser alone is sent to the figures.
    """
    if not member.has(*set(Role) - {Role.LESER}):
        return deps.pages.redirect(request, "/stab/tall")
    may_open = member.has(Role.KOORDINATOR)
    scope = TaskScope(
        centres=member.tenants if may_open else frozenset(),
        installation=member.has(Role.ADMIN),
        now=deps.clock.now(),
        hidden=frozenset(_ids(ferdig or [])[:DONE_MAX]),
    )
    chosen = TaskFilter(
        kind=slag if slag in TASK_KINDS else None,
        centre=senter if senter in scope.centres else None,
        urgent=haster == "ja",
    )
    async with deps.database.transaction() as session:
        page = await tasks.task_page(session, scope, chosen, page_number(side))
        names = await _names(session, deps, member, page) if may_open else {}
        callers_alike = scope.installation and await all_callers_alike(session, wall_now())
        counts = await signups.count_by_state(session, sorted(scope.centres)) if may_open else {}
    return deps.pages.html(
        request,
        "stab/overview.html",
        page=page,
        chosen=chosen,
        done=bool(scope.hidden),
        now=scope.now,
        link=lambda **changes: _link(chosen, **changes),
        sentence=lambda task: sentence(request, task, names.get(task.person_id)),
        button_of=lambda task: pages_of(request).gettext(request)(kind_text(task.kind).button),
        kind_label=lambda kind: pages_of(request).gettext(request)(kind_text(kind).label),
        centre_name=centre_names(deps.centres),
        several_centres=len(scope.centres) > 1,
        counts=counts,
        callers_alike=callers_alike,
        states=translated(request, STATES),
    )


@router.get("/stab/stoppet")
async def show_stopped(request: Request, deps: WebDeps, _member: SignedIn) -> Response:
    """Tell an admin what to do about events that a service could not handle."""
    return deps.pages.html(request, "stab/stopped.html")


async def _names(session: AsyncSession, deps: Deps, member: StaffMember, page: TaskPage) -> dict[UUID | None, str]:
    """Return the first names that the sentences of a page state, and record the readings."""
    person_ids = {
        row.task.person_id for row in page.rows if row.task.person_id is not None and kind_text(row.task.kind).by_name
    }
    if not person_ids:
        return {}
    rows = await signups.of_people(session, person_ids, member.tenants)
    actor = Actor(member.username, deps.clock.now(), Cause.fresh())
    cards = await contacts.read_cards(session, deps.vault, rows, Purpose.LIST, actor=actor)
    helpers = [row for row in await accounts.by_ids(session, person_ids) if member.covers(row.centre)]
    helper_cards = await read_account_cards(session, deps.vault, helpers, Purpose.LIST, actor=actor)
    names: dict[UUID | None, str] = {person_id: card.first_name for person_id, card in cards.items()}
    return names | {card.row.account_id: card.name for card in helper_cards}


def _link(chosen: TaskFilter, **changes: str | int | None) -> str:
    """Return the address of the list with the filters that are chosen, and some parts changed."""
    parts: dict[str, str | int | None] = {
        "slag": chosen.kind,
        "senter": chosen.centre,
        "haster": "ja" if chosen.urgent else None,
    }
    query = urlencode({name: value for name, value in (parts | changes).items() if value})
    return f"/stab/?{query}" if query else "/stab/"


def _ids(texts: list[str]) -> list[UUID]:
    ids = []
    for text in texts:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids
