"""Template filters: slots, languages, distances and acts of staff in the reader's language."""

from datetime import datetime, time
from typing import Protocol

from jinja2 import pass_context
from jinja2.runtime import Context

from grouping.queries.groups import GroupView
from grouping.store import Group
from shared.kit.i18n import format_decimal
from shared.kit.web.pages import Pages
from shared.reference import languages, slots
from shared.reference.group_names import group_name
from shared.reference.holidays import Holiday, holiday_label


class NamedGroup(Protocol):
    """An object with the parts of the name of a group."""

    @property
    def group(self) -> Group: ...

    @property
    def place_name(self) -> str: ...

    @property
    def named_at(self) -> datetime | None: ...

    @property
    def number(self) -> int: ...


def install(pages: Pages) -> None:
    """Register the filters for the templates."""
    pages.environment.filters.update(slot=_slot, day=_day, spoken=_spoken, starts=_starts, km=_km)
    pages.environment.filters["group_name"] = _group_name
    pages.environment.filters["holiday"] = _holiday
    pages.environment.filters["weekday"] = _weekday
    pages.environment.filters["wall_clock"] = _wall_clock
    pages.environment.filters["task_page"] = _task_page


@pass_context
def _slot(context: Context, slot: str) -> str:
    return slots.label(slot, context["locale"])


@pass_context
def _group_name(context: Context, named: NamedGroup) -> str:
    return group_name(named.place_name, named.group.slot, named.named_at, context["locale"], named.number)


@pass_context
def _holiday(context: Context, holiday: Holiday) -> str:
    return holiday_label(holiday, context["locale"])


def _task_page(view: GroupView) -> str:
    """Return the page of a group, opened for the same task as now."""
    path = f"/stab/grupper/{view.group.id}"
    return f"{path}?oppgave={view.task.id}" if view.task else path


@pass_context
def _day(context: Context, slot: str) -> str:
    return slots.weekday_label(slots.weekday(slot), context["locale"])


@pass_context
def _weekday(context: Context, weekday: int) -> str:
    return slots.weekday_label(weekday, context["locale"])


@pass_context
def _wall_clock(context: Context, clock: time) -> str:
    return clock.strftime("%H:%M" if context["locale"] == "en" else "%H.%M")


@pass_context
def _starts(context: Context, slot: str) -> str:
    separator = ":" if context["locale"] == "en" else "."
    return slots.STARTS[slots.part(slot)].strftime(f"%H{separator}%M")


@pass_context
def _spoken(context: Context, code: str) -> str:
    return languages.label(code, context["locale"]) if code in languages.LANGUAGES else code


@pass_context
def _km(context: Context, km: float) -> str:
    return format_decimal(km, context["locale"])
