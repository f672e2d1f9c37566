"""A coordinator who does each task on its own page, as a person at the browser would; `rehearse --auto`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import httpx

from selvhjelp.console import CommandError
from selvhjelp.rehearsal.forms import Form, forms_of
from selvhjelp.rehearsal.town import words
from selvhjelp.rehearsal.town.cast import helper_email
from selvhjelp.rehearsal.town.ledger import OpenTask
from selvhjelp.rehearsal.town.pages import press, with_words
from selvhjelp.rehearsal.town.story import HELPERS
from selvhjelp.rehearsal.town.system import STAFF, System
from selvhjelp.rehearsal.visitor import Visitor
from shared.timezone import OSLO_TZ

DAYS_TO_A_MEETING: Final = 14

Filled = Mapping[str, str | list[str]]


class Coordinator:
    """One member of staff at a browser of their own."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.visitor = Visitor(system.url)

    async def close(self) -> None:
        """Close all connections."""
        await self.visitor.close()

    async def prepare(self) -> None:
        """Invite the igangsettere, before the story begins."""
        for helper in HELPERS:
            answer = await self.fill("/stab/kontoer/ny", words.INVITE, name=helper.name, email=helper_email(helper))
            if answer is None:
                raise CommandError("an igangsetter could not be invited; --log FILE keeps what the services say")

    async def do(self, task: OpenTask) -> bool:
        """Do one task; return False if there is nothing on its page to press."""
        act = _ACTS.get(task.kind)
        return act is not None and await act(self, task)

    async def open(self, path: str) -> tuple[httpx.Response, list[Form]]:
        """Open a page; sign in first if there is no session."""
        page, forms = await self.visitor.open(path)
        if "/logg-inn" in str(page.url):
            form = next(form for form in forms if "sprak" not in form.action)
            filled = {**form.fields, "username": STAFF, "password": self._system.password}
            await self.visitor.press(replace(form, fields=filled), page)
            page, forms = await self.visitor.open(path)
        return page, forms

    async def fill(self, path: str, text: str, **filled: str) -> httpx.Response | None:
        """Fill in the form of a button and press it."""
        page, forms = await self.open(path)
        return await press(self.visitor, page, with_words(forms, text), filled)

    async def press_on(self, task: OpenTask, *texts: str, **filled: str) -> bool:
        """Press the first button with one of these texts on the page of a task."""
        page, forms = await self.open(_path(task))
        return await press(self.visitor, page, with_words(forms, *texts), filled) is not None

    def day(self, days: int) -> str:
        """Return a day as a date field has it, some days from now."""
        return f"{(self._system.clock.now().astimezone(OSLO_TZ) + timedelta(days=days)).date():%Y-%m-%d}"


def _path(task: OpenTask) -> str:
    return f"{task.path}?oppgave={task.task_id}"


def _press(*texts: str, **filled: str) -> "Act":
    async def act(desk: Coordinator, task: OpenTask) -> bool:
        return await desk.press_on(task, *texts, **filled)

    return act


async def _choose_starter(desk: Coordinator, task: OpenTask) -> bool:
    """Choose the first igangsetter who is free; where nobody is, let the group start without."""
    page, forms = await desk.open(_path(task))
    found = with_words(forms, words.SAVE_STARTERS)
    free = found[0].choices.get("starters", []) if found else []
    if found and free:
        return await press(desk.visitor, page, found, {"starters": [free[0]]}) is not None
    return await press(desk.visitor, page, with_words(forms, words.WITHOUT_STARTER)) is not None


async def _visit(desk: Coordinator, task: OpenTask) -> bool:
    filled = {"visit_day": desk.day(DAYS_TO_A_MEETING), "visit_clock": "18:00", "visit_place": words.ADDRESS}
    return await desk.press_on(task, words.AGREE_VISIT, **filled)


async def _set_date(desk: Coordinator, task: OpenTask) -> bool:
    filled = {"day": desk.day(DAYS_TO_A_MEETING), "clock": "18:00", "place_text": words.ADDRESS}
    return await desk.press_on(task, words.SAVE_MEETING, **filled)


async def _set_times(desk: Coordinator, task: OpenTask) -> bool:
    path = f"{task.path}/tider?oppgave={task.task_id}"
    filled = {"every_weeks": "1", "day": desk.day(7), "clock": "18:00", "place_text": words.ADDRESS}
    return await desk.fill(path, words.SAVE_MEETING, **filled) is not None


async def _record_pledge(desk: Coordinator, task: OpenTask) -> bool:
    started = datetime.fromisoformat(str(task.facts["since"])).astimezone(OSLO_TZ)
    return await desk.press_on(task, words.RECORD_PLEDGE, pledge_on=f"{started:%Y-%m-%d}")


async def _answer_on_phone(desk: Coordinator, task: OpenTask) -> bool:
    """Press the answer of the person whom the task is about; others of the group may have open offers too."""
    page, _ = await desk.open(_path(task))
    _, mark, rest = page.text.partition('id="of-task"')
    return bool(mark) and await press(desk.visitor, page, with_words(forms_of(rest), *words.SAID_YES)) is not None


Act = Callable[[Coordinator, OpenTask], Awaitable[bool]]

_ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "call": _press(*words.SAID_YES),
        "talk": _press(words.TALK_DONE),
        "talk_asked": _press(words.TALK_DONE),
        "talk_phone": _press(words.TALK_DONE),
        "talk_office": _press(words.TALK_DONE),
        "talk_outcome": _press(words.TALK_DONE),
        "information": _press(words.HAS_READ),
        "offer_expiring": _answer_on_phone,
        "group_below_minimum": _press(words.KEEP_DATE),
        "group_to_decide": _press(words.START_SMALL, reason=words.REASON),
        "meeting_lacks_address": _press(words.SAVE_MEETING, place_text=words.ADDRESS),
        "meeting_lacks_igangsetter": _choose_starter,
        "meeting_without_date": _set_date,
        "pledge_missing": _record_pledge,
        "group_without_meeting": _set_times,
        "handover_question": _press(words.HAND_OVER),
        "follow_up_due": _visit,
        "visit_asked": _visit,
        "conflict_visit_agreed": _visit,
        "group_rest": _press(words.GO_ON),
        "newcomer_wanted": _press(words.ADMIT),
        "mail_failed": _press(words.LEAVE_MAIL),
        "mail_complaint": _press(words.LEAVE_MAIL),
        "area_on_hold": _press(words.RESUME_AREA),
        "long_wait": _press(words.SEEN_WAIT),
    }
)
"""The act for each kind of task; a kind without one is left."""
