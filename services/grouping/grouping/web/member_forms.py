"""Forms of a member of a started group: a day, a meeting at another time, and another rhythm."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.life.model import Rhythm
from grouping.queries.members import MemberView
from grouping.usecases import members
from grouping.web.deps import Deps
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.web import forms
from shared.kit.web.forms import Day
from shared.kit.web.messages import FieldText, Label
from shared.timezone import OSLO_TZ, oslo_moment

FormName = Literal["taushet", "pause", "flytt", "tider"]

_Place = Annotated[str, StringConstraints(min_length=3, max_length=200)]


class PledgeForm(BaseModel):
    """The day on which the group spoke about confidentiality."""

    day: Day


class PauseForm(BaseModel):
    """The last day of a pause."""

    day: Day


class MoveForm(BaseModel):
    """One meeting at another time or place, by Norwegian wall clocks."""

    meeting: UUID
    day: Day
    clock: time
    place_text: _Place


class RhythmForm(BaseModel):
    """The first meeting of another rhythm, by Norwegian wall clocks."""

    every_weeks: Literal["1", "2"]
    day: Day
    clock: time
    place_text: _Place


Content = PledgeForm | PauseForm | MoveForm | RhythmForm

_CLOCK: Final = FieldText(N_("Klokkeslett"), missing=N_("Skriv når møtet begynner, for eksempel 18:00."))
_PLACE: Final = FieldText(N_("Sted"), missing=N_("Skriv hvor dere møtes."))


@dataclass(frozen=True)
class FormKind:
    """
    One of the forms.

    Attributes:
        field: The field whose content is explained if the group's rules refuse it.
    """

    model: type[Content]
    labels: dict[str, Label]
    field: str = "day"


FORMS: Final[dict[FormName, FormKind]] = {
    "taushet": FormKind(PledgeForm, {"day": FieldText(N_("Når snakket dere om det?"), missing=N_("Velg en dag."))}),
    "pause": FormKind(PauseForm, {"day": FieldText(N_("Siste dag i pausen"), missing=N_("Velg en dag."))}),
    "flytt": FormKind(
        MoveForm,
        {"day": FieldText(N_("Ny dato"), missing=N_("Velg en dag.")), "clock": _CLOCK, "place_text": _PLACE},
    ),
    "tider": FormKind(
        RhythmForm,
        {
            "every_weeks": FieldText(N_("Hvor ofte møtes dere?"), missing=N_("Velg hvor ofte dere møtes.")),
            "day": FieldText(N_("Første dag med de nye tidene"), missing=N_("Velg en dag.")),
            "clock": _CLOCK,
            "place_text": _PLACE,
        },
    ),
}


def blank_form(request: Request, view: MemberView, name: FormName, meeting_id: UUID | None) -> forms.Form | None:
    """Return a form with what holds now; None if the group has nothing to fill it in for."""
    possible = {
        "taushet": view.life.is_ongoing,
        "pause": view.is_independent,
        "flytt": view.is_accompanied,
        "tider": view.is_accompanied,
    }
    if not possible[name]:
        return None
    values: dict[str, forms.Value] = {}
    if name == "taushet":
        values = {"day": view.now.astimezone(OSLO_TZ).date().isoformat()}
    elif name == "flytt":
        meeting = next((meeting for meeting in view.ahead if meeting.id == meeting_id), None)
        if meeting is None:
            return None
        values = _time_of(meeting.starts_at) | {"meeting": str(meeting.id), "place_text": meeting.place_text}
    elif name == "tider" and view.life.rhythm is not None:
        rhythm = view.life.rhythm
        values = {
            "every_weeks": str(rhythm.every_weeks),
            "clock": rhythm.at.strftime("%H:%M"),
            "place_text": rhythm.place_text,
        }
        if view.ahead:
            values |= {"day": view.ahead[0].starts_at.astimezone(OSLO_TZ).date().isoformat()}
    return forms.blank(request, FORMS[name].labels, values)


async def read_form(request: Request, name: FormName) -> tuple[forms.Form, Content | None]:
    """Return a form as it was sent, and its content if that is valid."""
    kind = FORMS[name]
    submission = await forms.submitted(request, kind.model, kind.labels)
    return submission.form, submission.model


async def write_form(session: AsyncSession, deps: Deps, seat_id: UUID, view: MemberView, content: Content) -> None:
    """
    Do what the form says.

    Raises:
        DomainError: Whatever the rule of the act raises.
    """
    now, cause, context = deps.clock.now(), Cause.fresh(), deps.context
    match content:
        case PledgeForm():
            await members.record_pledge(session, context, seat_id, content.day, now=now, cause=cause)
        case PauseForm():
            await members.pause_meetings(session, context, seat_id, content.day, now=now, cause=cause)
        case MoveForm():
            starts_at = oslo_moment(content.day, content.clock)
            await members.move_meeting(
                session,
                context,
                seat_id,
                content.meeting,
                starts_at=starts_at,
                place_text=content.place_text,
                now=now,
                cause=cause,
            )
        case RhythmForm():
            await members.set_rhythm(session, context, seat_id, _rhythm(content, view), now=now, cause=cause)


def _rhythm(content: RhythmForm, view: MemberView) -> Rhythm:
    every, minutes = int(content.every_weeks), view.policy.meeting_minutes
    new = Rhythm(every, content.day.weekday(), content.clock, minutes, content.place_text, content.day)
    return replace(new, minutes=view.life.rhythm.minutes) if view.life.rhythm is not None else new


def _time_of(moment: datetime) -> dict[str, forms.Value]:
    local = moment.astimezone(OSLO_TZ)
    return {"day": local.date().isoformat(), "clock": local.strftime("%H:%M")}
