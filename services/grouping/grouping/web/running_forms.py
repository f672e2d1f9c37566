"""Forms of staff about a started group: a day, a visit, a reason, a meeting at another time, and another rhythm."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, BaseModel, StringConstraints

from grouping.domain.life.model import Rhythm
from grouping.queries.running_groups import RunningGroup
from grouping.web.forms import about_nobody
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.forms import LINES, Day
from shared.kit.web.messages import FieldText, Label
from shared.timezone import OSLO_TZ, oslo_moment

_Place = Annotated[str, StringConstraints(min_length=3, max_length=200)]


class PledgeForm(BaseModel):
    """The day on which a group spoke about confidentiality."""

    pledge_on: Day


class MoreForm(BaseModel):
    """The reason for one more meeting with the igangsetter."""

    more_reason: Annotated[str, StringConstraints(min_length=3, max_length=300), AfterValidator(about_nobody), LINES]


class VisitForm(BaseModel):
    """Time and place of a visit, by Norwegian wall clocks; a visit lasts as long as the group meets."""

    visit_id: UUID
    visit_day: Day
    visit_clock: time
    visit_place: _Place

    @property
    def starts_at(self) -> datetime:
        """The moment in UTC."""
        return oslo_moment(self.visit_day, self.visit_clock)


class MoveForm(BaseModel):
    """One meeting at another time or place, alone or with all that follow."""

    meeting: UUID
    following: Literal["ja", "nei"]
    day: Day
    clock: time
    place_text: _Place

    @property
    def starts_at(self) -> datetime:
        """The moment in UTC."""
        return oslo_moment(self.day, self.clock)


class RhythmForm(BaseModel):
    """The first meeting of another rhythm."""

    every_weeks: Literal["1", "2"]
    day: Day
    clock: time
    place_text: _Place

    def rhythm(self, minutes: int) -> Rhythm:
        """Return the rhythm, with meetings of this length."""
        return Rhythm(int(self.every_weeks), self.day.weekday(), self.clock, minutes, self.place_text, self.day)


_CLOCK: Final = FieldText(N_("Klokkeslett"), missing=N_("Skriv når møtet begynner, for eksempel 18:00."))
_PLACE: Final = FieldText(N_("Sted"), missing=N_("Skriv hvor de skal møtes."))

PLEDGE_LABELS: Final[dict[str, Label]] = {
    "pledge_on": FieldText(N_("Når snakket gruppa om det?"), missing=N_("Velg en dag.")),
}
MORE_LABELS: Final[dict[str, Label]] = {
    "more_reason": FieldText(N_("Hvorfor"), missing=N_("Skriv hvorfor igangsetteren blir med én gang til.")),
}
VISIT_LABELS: Final[dict[str, Label]] = {
    "visit_day": FieldText(N_("Dagen dere kommer"), missing=N_("Velg en dag.")),
    "visit_clock": _CLOCK,
    "visit_place": _PLACE,
}
MOVE_LABELS: Final[dict[str, Label]] = {
    "following": FieldText(N_("Hvilke møter flyttes?"), missing=N_("Velg om bare dette møtet flyttes.")),
    "day": FieldText(N_("Ny dato"), missing=N_("Velg en dag.")),
    "clock": _CLOCK,
    "place_text": _PLACE,
}
RHYTHM_LABELS: Final[dict[str, Label]] = {
    "every_weeks": FieldText(N_("Hvor ofte møtes de?"), missing=N_("Velg hvor ofte de møtes.")),
    "day": FieldText(N_("Første dag med de nye tidene"), missing=N_("Velg en dag.")),
    "clock": _CLOCK,
    "place_text": _PLACE,
}


def pledge_form(request: Request, group: RunningGroup) -> forms.Form:
    """Return the form with the day of the start, on which most groups speak about it."""
    day = group.life.pledge_on or group.life.started_at.astimezone(OSLO_TZ).date()
    return forms.blank(request, PLEDGE_LABELS, {"pledge_on": day.isoformat()})


def more_form(request: Request) -> forms.Form:
    """Return the empty form."""
    return forms.blank(request, MORE_LABELS, {})


def visit_form(request: Request, group: RunningGroup, *, address_known: bool) -> forms.Form:
    """Return the form with what is agreed, or when and, if that is an address, where the group meets by its rhythm."""
    values: dict[str, forms.Value] = {}
    if group.visit_meeting is not None:
        values = _time_of(group.visit_meeting.starts_at) | {"place": group.visit_meeting.place_text}
    elif group.life.rhythm is not None:
        place = group.life.rhythm.place_text if address_known else ""
        values = {"clock": group.life.rhythm.at.strftime("%H:%M"), "place": place}
        if group.next_by_rhythm is not None:
            values |= _time_of(group.next_by_rhythm)
    return forms.blank(request, VISIT_LABELS, {f"visit_{name}": value for name, value in values.items()})


def move_form(request: Request, group: RunningGroup, meeting_id: UUID | None) -> forms.Form | None:
    """Return the form with a meeting ahead as it is; None if there is no such meeting."""
    meeting = next((meeting for meeting in group.ahead if meeting.id == meeting_id), None)
    if meeting is None:
        return None
    values = _time_of(meeting.starts_at)
    values |= {"meeting": str(meeting.id), "place_text": meeting.place_text, "following": "nei"}
    return forms.blank(request, MOVE_LABELS, values)


def rhythm_form(request: Request, group: RunningGroup) -> forms.Form | None:
    """Return the form with the rhythm as it is; None if the group is on its own."""
    if not group.is_accompanied:
        return None
    values: dict[str, forms.Value] = {"every_weeks": "1"}
    rhythm = group.life.rhythm
    if rhythm is not None:
        values = {
            "every_weeks": str(rhythm.every_weeks),
            "clock": rhythm.at.strftime("%H:%M"),
            "place_text": rhythm.place_text,
        }
    if group.ahead:
        values["day"] = group.ahead[0].starts_at.astimezone(OSLO_TZ).date().isoformat()
    return forms.blank(request, RHYTHM_LABELS, values)


def new_rhythm(content: RhythmForm, group: RunningGroup) -> Rhythm:
    """Return the rhythm that the form states, with meetings as long as before."""
    old = group.life.rhythm
    new = content.rhythm(group.policy.meeting_minutes)
    return replace(new, minutes=old.minutes) if old is not None else new


def visit_ends_at(content: VisitForm, group: RunningGroup) -> datetime:
    """Return the end of a visit, which is as long as a meeting of the group."""
    rhythm = group.life.rhythm
    minutes = rhythm.minutes if rhythm is not None else group.policy.meeting_minutes
    return content.starts_at + timedelta(minutes=minutes)


def _time_of(at: datetime) -> dict[str, forms.Value]:
    local = at.astimezone(OSLO_TZ)
    return {"day": local.date().isoformat(), "clock": local.strftime("%H:%M")}
