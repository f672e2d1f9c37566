"""The form of a report on the start meeting, for staff and for igangsettere: its fields, its checks and its command."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from grouping.store import Meeting
from grouping.usecases import meetings
from grouping.web.deps import Deps
from grouping.web.messages import HELD_IN_THE_FUTURE
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.forms import Day
from shared.kit.web.messages import FieldText, Label
from shared.timezone import OSLO_TZ, oslo_moment

MOST_ATTENDANCE: Final = 50


class ReportForm(BaseModel):
    """
    A report on the start meeting.

    Attributes:
        result: Held as called, held at another time, or not held.
        attendance: How many came, if anybody has counted.
        held_day, held_clock: The other time, by Norwegian wall clocks.
    """

    result: Literal["holdt", "annen-dag", "ikke-holdt"]
    attendance: Annotated[int, Field(ge=1, le=MOST_ATTENDANCE)] | None = None
    held_day: Day | None = None
    held_clock: time | None = None

    @property
    def held_at(self) -> datetime | None:
        """The other time, as a moment in UTC; None if the meeting was held as called."""
        if self.result != "annen-dag" or self.held_day is None or self.held_clock is None:
            return None
        return oslo_moment(self.held_day, self.held_clock)

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that a meeting at another time needs and does not have."""
        if self.result != "annen-dag":
            return ()
        return tuple(name for name in ("held_day", "held_clock") if getattr(self, name) is None)


HELD_MISSING: Final = {
    "held_day": N_("Velg dagen møtet ble holdt."),
    "held_clock": N_("Skriv når møtet begynte, for eksempel 18:00."),
}

REPORT_LABELS: dict[str, Label] = {
    "result": FieldText(N_("Ble møtet holdt?"), missing=N_("Velg om møtet ble holdt.")),
    "attendance": N_("Hvor mange kom?"),
    "held_day": FieldText(N_("Dagen det ble holdt"), missing=HELD_MISSING["held_day"]),
    "held_clock": FieldText(N_("Klokka det begynte"), missing=HELD_MISSING["held_clock"]),
}


def report_form(request: Request, meeting: Meeting | None, *, with_attendance: bool = True) -> forms.Form:
    """
    Return the form for a report on the start meeting; the clock is that of the meeting as it was called.

    Args:
        request: The request.
        meeting: The start meeting.
        with_attendance: False to leave out the number that was reported.
    """
    values: dict[str, forms.Value] = {}
    if meeting is not None:
        values = {"held_clock": meeting.starts_at.astimezone(OSLO_TZ).strftime("%H:%M")}
        if meeting.attendance is not None and with_attendance:
            values["attendance"] = str(meeting.attendance)
    return forms.blank(request, REPORT_LABELS, values)


def checked_report(
    form: forms.Form, report: ReportForm | None, gettext: Callable[[str], str], now: datetime
) -> forms.Form:
    """Return the form with the fields refused that another time of the meeting lacks, or that have not come yet."""
    if report is None:
        return form
    for name in report.missing:
        form = form.refusing(name, gettext(HELD_MISSING[name]))
    if report.held_at is not None and report.held_at > now:
        form = form.refusing("held_day", gettext(HELD_IN_THE_FUTURE))
    return form


async def record_report(
    deps: Deps, group_id: UUID, report: ReportForm, attendance: int | None, *, actor: Actor
) -> None:
    """
    Record a report, with the number that counts.

    Raises as :func:`grouping.usecases.meetings.meeting_held` and :func:`~grouping.usecases.meetings.meeting_not_held`.
    """
    async with deps.database.transaction() as session:
        if report.result == "ikke-holdt":
            await meetings.meeting_not_held(session, deps.context, group_id, actor=actor)
        else:
            await meetings.meeting_held(
                session, deps.context, group_id, attendance=attendance, held_at=report.held_at, actor=actor
            )
