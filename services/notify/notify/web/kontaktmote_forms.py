"""Forms of staff about a meeting: its plan, a series of it, and how many came."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from notify.domain.kontaktmoter.meetings import Audience, Plan, Topic
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.forms import LINES, Day
from shared.kit.web.messages import FieldText, Label
from shared.reference.holidays import holiday_at
from shared.timezone import OSLO_TZ, oslo_moment

LONGEST_TEXT: Final = 1000
MOST_PLACES: Final = 500
MOST_IN_SERIES: Final = 12

_NO_LINK: Final = N_("Lenken må begynne med https://")
_ONE_PLACE: Final = N_("Skriv enten et sted eller en lenke, ikke begge.")
_ALL_LANGUAGES: Final = N_("Skriv teksten på alle tre språk, eller la alle tre stå tomme.")
_ENDS_LATER: Final = N_("Møtet må slutte etter at det begynner.")
_CHOOSE_GROUPS: Final = N_("Velg minst én gruppe.")


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or " " in url:
        raise ValueError(_NO_LINK)
    return url


_Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), LINES]


class PlanForm(BaseModel):
    """The plan of a meeting, by Norwegian wall clocks."""

    for_whom: Audience
    groups: list[UUID] = []
    day: Day
    begins: time
    ends: time
    place: Annotated[str, StringConstraints(max_length=200)] = ""
    url: Annotated[str, StringConstraints(max_length=300), AfterValidator(_https)] | None = None
    capacity: Annotated[int, Field(ge=1, le=MOST_PLACES)] | None = None
    topics: list[Topic] = []
    text_nb: _Text = ""
    text_nn: _Text = ""
    text_en: _Text = ""
    is_public: Literal["true"] | None = None

    @property
    def texts(self) -> Mapping[str, str]:
        """The centre's own words by language; empty if there are none."""
        texts = {"nb": self.text_nb, "nn": self.text_nn, "en": self.text_en}
        return texts if any(texts.values()) else {}

    @property
    def plan(self) -> Plan:
        """The plan as the rules see it."""
        return Plan(
            audience=self.for_whom,
            starts_at=oslo_moment(self.day, self.begins),
            ends_at=oslo_moment(self.day, self.ends),
            place_text=self.place if self.url is None else "",
            online_url=self.url or "",
            capacity=self.capacity,
            topics=tuple(dict.fromkeys(self.topics)),
            texts=self.texts,
            chosen_groups=frozenset(self.groups) if self.for_whom is Audience.CHOSEN_GROUPS else frozenset(),
            is_public=self.is_public is not None,
        )

    def problems(self) -> list[tuple[str, str]]:
        """Return what does not fit together, as fields with sentences (msgids)."""
        found = []
        if self.for_whom is Audience.CHOSEN_GROUPS and not self.groups:
            found.append(("groups", _CHOOSE_GROUPS))
        if self.ends <= self.begins:
            found.append(("ends", _ENDS_LATER))
        if bool(self.place) == (self.url is not None):
            found.append(("place", _ONE_PLACE))
        if self.texts and not all(self.texts.values()):
            missing = next(language for language, text in self.texts.items() if not text)
            found.append((f"text_{missing}", _ALL_LANGUAGES))
        return found


class NewForm(PlanForm):
    """The plan of one meeting, or of several at the same weekday and time."""

    centre: str
    every_weeks: Literal["0", "1", "2", "4"] = "0"
    times: Annotated[int, Field(ge=1, le=MOST_IN_SERIES)] | None = None

    @property
    def plans(self) -> list[Plan]:
        """A plan for each meeting; days on which people are away are left out."""
        weeks, first = int(self.every_weeks), self.plan
        if not weeks:
            return [first]
        plans: list[Plan] = []
        number = 0
        while len(plans) < (self.times or 1) and number < 3 * MOST_IN_SERIES:
            day = self.day + timedelta(weeks=weeks * number)
            starts_at, ends_at = oslo_moment(day, self.begins), oslo_moment(day, self.ends)
            if number == 0 or holiday_at(starts_at) is None:
                plans.append(replace(first, starts_at=starts_at, ends_at=ends_at))
            number += 1
        return plans


class HeldForm(BaseModel):
    """The number of people at a meeting."""

    attendance: Annotated[int, Field(ge=0, le=MOST_PLACES)]


_CAME: Final = N_("Skriv hvor mange som kom, som et helt tall.")
PLAN_LABELS: Final[dict[str, Label]] = {
    "centre": FieldText(N_("Senter"), missing=N_("Velg senter.")),
    "for_whom": FieldText(N_("Hvem er møtet for?"), missing=N_("Velg hvem møtet er for.")),
    "groups": N_("Hvilke grupper?"),
    "day": FieldText(N_("Dag"), missing=N_("Velg en dag.")),
    "begins": FieldText(N_("Begynner"), missing=N_("Skriv når møtet begynner, for eksempel 18:00.")),
    "ends": FieldText(N_("Slutter"), missing=N_("Skriv når møtet slutter, for eksempel 20:00.")),
    "every_weeks": N_("Gjentas"),
    "times": N_("Hvor mange møter i alt"),
    "place": N_("Sted"),
    "url": N_("Lenke, hvis møtet er på nett"),
    "capacity": N_("Høyst hvor mange"),
    "topics": N_("Temaer"),
    "text_nb": N_("Deres egne ord på bokmål"),
    "text_nn": N_("Deres egne ord på nynorsk"),
    "text_en": N_("Deres egne ord på engelsk"),
    "is_public": N_("Vis tid og sted på senterets møteside"),
}
HELD_LABELS: Final[dict[str, Label]] = {
    "attendance": FieldText(N_("Hvor mange kom?"), missing=_CAME, invalid=_CAME),
}


def values_of(plan: Plan) -> dict[str, forms.Value]:
    """Return the values of the form for a plan."""
    starts, ends = plan.starts_at.astimezone(OSLO_TZ), plan.ends_at.astimezone(OSLO_TZ)
    values: dict[str, forms.Value] = {
        "for_whom": plan.audience.value,
        "groups": [str(id_) for id_ in sorted(plan.chosen_groups)],
        "day": starts.date().isoformat(),
        "begins": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "place": plan.place_text,
        "url": plan.online_url,
        "capacity": str(plan.capacity or ""),
        "topics": [topic.value for topic in plan.topics],
        "is_public": "true" if plan.is_public else "",
    }
    return values | {f"text_{language}": text for language, text in plan.texts.items()}


def blank_values(centres: Sequence[str]) -> dict[str, forms.Value]:
    """Return the values of an empty form."""
    only = centres[0] if len(centres) == 1 else ""
    return {"centre": only, "for_whom": Audience.ACTIVE_GROUPS.value, "every_weeks": "0"}
