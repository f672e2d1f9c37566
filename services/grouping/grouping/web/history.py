"""What has happened with a group or a person, in sentences, for staff."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from grouping.queries.areas import AreaView
from grouping.queries.groups import GroupView, SeatRow
from grouping.store import Group, audit_log
from shared.kit.audit import AuditEntry
from shared.kit.i18n import N_
from shared.kit.web.timeline import Moment, acts, timeline
from shared.reference import slots

REASONS: Final[Mapping[str, str]] = {
    "asked": N_("ønsker det selv"),
    "talk_first": N_("vil snakke med dere først"),
    "acquainted": N_("kjenner noen i gruppa"),
    "fits_better": N_("passer bedre slik"),
    "practical": N_("praktiske grunner"),
}
"""Reasons of decisions about a person (msgids)."""

_PERSON: Final = N_("person %(number)s")
_SAID_YES: Final = N_("Person %(number)s sa ja")
_RELEASED: Final[Mapping[str, str]] = {
    "declined": N_("Person %(number)s sa nei"),
    "lapsed": N_("Person %(number)s svarte ikke i tide"),
    "withdrawn": N_("Person %(number)s meldte seg av"),
    "changed": N_("Person %(number)s endret ønskene sine"),
    "paused": N_("Person %(number)s tok en pause"),
}
_FORMED: Final = N_("Gruppa ble foreslått")
_OFFERED: Final = N_("Tilbud om plass ble sendt")
_STARTED: Final = N_("Gruppa startet")
_CANCELLED: Final = N_("Gruppa ble avlyst")
_NAMED_FORMED: Final = N_("En gruppe ble foreslått: %(group)s")
_NAMED_STARTED: Final = N_("En gruppe startet: %(group)s")
_NAMED_CANCELLED: Final = N_("En gruppe ble avlyst: %(group)s")


def act_history(
    gettext: Callable[[str], str],
    entries: Iterable[AuditEntry],
    number_of: Callable[[str], int | None] = lambda _signup_id: None,
) -> list[Moment]:
    """Return acts as lines, with the reason and the number of the person that they are about."""

    def more(entry: AuditEntry) -> str:
        number = number_of(entry.object_id) if entry.object_kind == "signup" else None
        reason = REASONS.get(entry.details.get("reason", ""))
        return (f" ({gettext(_PERSON) % {'number': number}})" if number else "") + (
            f" ({gettext(reason)})" if reason else ""
        )

    return acts(gettext, audit_log, entries, more)


def group_history(gettext: Callable[[str], str], view: GroupView) -> list[Moment]:
    """Return what has happened with a group, the newest first; people only while staff see who is in it."""
    facts = [Moment(at, text) for at, text in _facts(gettext, view)]
    return timeline(facts[::-1], act_history(gettext, view.audit_entries, view.number_of))


def area_history(gettext: Callable[[str], str], view: AreaView, locale: str) -> list[Moment]:
    """Return what has happened in an area, the newest first: its newest groups, and the acts on the area."""
    facts = [
        Moment(at, gettext(text) % {"group": f"{slots.label(group.slot, locale)}, {view.names.get(group.place, '')}"})
        for group in view.newest
        for at, text in _life_of(group)
    ]
    return timeline(sorted(facts, key=lambda moment: moment.at, reverse=True), act_history(gettext, view.audit_entries))


def _life_of(group: Group) -> Iterator[tuple[datetime, str]]:
    yield group.created_at, _NAMED_FORMED
    if group.started_at is not None:
        yield group.started_at, _NAMED_STARTED
    elif group.ended_at is not None:
        yield group.ended_at, _NAMED_CANCELLED


def _facts(gettext: Callable[[str], str], view: GroupView) -> Iterator[tuple[datetime, str]]:
    group = view.group
    yield group.created_at, gettext(_FORMED)
    if group.started_at is not None:
        yield group.started_at, gettext(_STARTED)
    elif group.ended_at is not None:
        yield group.ended_at, gettext(_CANCELLED)
    if view.shows_people and not view.is_draft:
        if offered := [row.seat.offered_at for row in view.seats]:
            yield min(offered), gettext(_OFFERED)
        for row in view.seats:
            yield from _seat(gettext, row)


def _seat(gettext: Callable[[str], str], row: SeatRow) -> Iterator[tuple[datetime, str]]:
    number = {"number": row.number}
    if row.seat.taken_at is not None:
        yield row.seat.taken_at, gettext(_SAID_YES) % number
    if row.seat.decided_at is not None and row.status in _RELEASED:
        yield row.seat.decided_at, gettext(_RELEASED[row.status]) % number
