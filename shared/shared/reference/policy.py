"""The policy of a centre: data with a version, since a group keeps the policy that it was proposed under."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

DECISIONS: Final = (
    "group_term",
    "runs_groups",
    "size_min",
    "size_max",
    "starters_min",
    "starter_meetings",
    "reading_gate",
    "forsamtale",
    "confidentiality",
    "reopen_rule",
    "visit_on_request",
    "followup_after_solo",
    "kontaktmote",
    "conflict_visit",
    "room",
    "post_handover_memory",
    "mix_of_problems",
    "meeting_minutes",
    "meeting_break",
    "leave_notice",
)
"""Keys that each centre decides; one that it leaves out has our default and is in ``undecided``."""


Wish = Literal["women", "men", "young"]
"""A wish about the other members, if the centre offers it; young is 18 to 30 years."""


COMING_QUESTION_DAYS: Final = (7, 2)
"""Days before a start meeting on which its members are asked if they still come."""


class Span(BaseModel):
    """A least and a most number of times, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: Annotated[int, Field(ge=0, le=50)]
    max: Annotated[int, Field(ge=0, le=50)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            msg = "min must not be above max"
            raise ValueError(msg)
        return self


class Policy(BaseModel):
    """
    The decisions of one centre. A default is the system's own, never another centre's.

    Attributes:
        version: Changes with every change of the policy.
        group_term: The word that the centre uses for its groups.
        runs_groups: True if the centre starts and follows groups; else people form groups through the system alone,
            with neither igangsetter nor room from the centre.
        size_min, size_max: The least members for a start, and the most.
        starters_min: Igangsettere that a group is to have; it forms without them too, and is shown as lacking them. 0
            lets it start by itself.
        starter_meetings: Number of first meetings that the igangsetter attends.
        reading_gate: Required if people must read the information before the waiting list.
        forsamtale: A talk with the centre before the waiting list: off, offered or required.
        confidentiality: The taushetsplikt at the start: signed, agreed, or the rules clarified.
        reopen_rule: New members after the start: never, or when the participants decide so. Stored policies may have
            ``closed``, an older word for never.
        visit_on_request: True if a group on its own can ask for a visit of the centre.
        followup_after_solo: Number of meetings alone before the centre comes back unasked; None is never.
        kontaktmote: The groups that are invited to kontaktmøter.
        conflict_visit: Visits of the centre to a group in conflict: never, if asked, or only when every member wants it
            and the centre accepts.
        room: The way to a room; rooms are free of charge for the group everywhere.
        post_handover_memory: Contact data kept after the igangsetter has withdrawn: none, one sealed address per group,
            or members who asked for it.
        mix_of_problems: Mixed if groups are for any mix of problems, either if some are for one problem in common.
        meeting_minutes, meeting_break: Length of the start meeting; True for a break half-way.
        leave_notice: A reminder to people who leave a started group to say so in their last meeting, or none.
        seat_confirmation: True if people answer an offered seat; else it is theirs at once.
        seat_deadline_hours: Hours until an unanswered offer lapses.
        start_notice_days: The least days from confirmation to start meeting.
        fill_days: Days from its proposal in which a group looks for new people instead of those who say no or do not
            answer; only then is it cancelled, or its members are asked about another group.
        coming_question: Whether members are asked :data:`COMING_QUESTION_DAYS` before their start meeting if they still
            come: never, by mail, or by mail with a call to those who do not answer.
        short_messages: True if people without an e-mail address get short messages (SMS) about meetings, where the
            installation has a gateway; a call stands behind each that asks for something.
        extension_days: Days by which the start meeting is put off, once, when too few members are left two days before
            it; 0 cancels the group at once.
        draft_minutes: Minutes that a new proposal stays a draft, which the centre can undo before it is published.
            Stored policies may have its old name, ``quiet_minutes``.
        digital_groups: True if the centre also offers groups that meet on screen, for people who accept that.
        wishes: The wishes about other members that the centre offers; never about what is hard in people's lives. Its
            consent text must mention them.
        consent_version: The consent that people give at sign-up (:mod:`shared.reference.texts`).
        information_version: The information that people get; always set if the reading gate is required.
        undecided: The keys of :data:`DECISIONS` that the centre has not decided; filled in here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(pattern=r"^\d{4}-\d{1,2}-\d{1,3}$")]
    group_term: Literal["selvhjelpsgruppe", "samtalegruppe"] = "selvhjelpsgruppe"
    runs_groups: bool = True
    size_min: Annotated[int, Field(ge=3, le=20)] = 5
    size_max: Annotated[int, Field(ge=3, le=20)] = 8
    starters_min: Annotated[int, Field(ge=0, le=4)] = 0
    starter_meetings: Span | Literal["agreed_with_group"] = "agreed_with_group"
    reading_gate: Literal["required", "off"] = "off"
    forsamtale: Literal["off", "offered", "required"] = "off"
    confidentiality: Literal["signed", "agreed", "clarified"] = "signed"
    reopen_rule: Annotated[
        Literal["never", "participants_decide"], BeforeValidator(lambda rule: "never" if rule == "closed" else rule)
    ] = "never"
    visit_on_request: bool = True
    followup_after_solo: Span | None = None
    kontaktmote: Literal["off", "all_active_groups"] = "off"
    conflict_visit: Literal["off", "on_request", "unanimous_and_centre_accepts"] = "off"
    room: Literal["by_agreement", "near_home_best_effort", "own_house"] = "by_agreement"
    post_handover_memory: Literal["none", "sealed_alias", "opt_in"] = "none"
    mix_of_problems: Literal["mixed", "either"] = "mixed"
    meeting_minutes: Annotated[int, Field(ge=30, le=480)] = 120
    meeting_break: bool = True
    leave_notice: Literal["tell_group_in_last_meeting", "none"] = "none"
    seat_confirmation: bool = True
    seat_deadline_hours: Annotated[int, Field(ge=1, le=720)] = 72
    start_notice_days: Annotated[int, Field(ge=0, le=90)] = 7
    fill_days: Annotated[int, Field(ge=0, le=60)] = 7
    coming_question: Literal["off", "asked", "asked_then_called"] = "asked"
    short_messages: bool = False
    extension_days: Annotated[int, Field(ge=0, le=60, multiple_of=7)] = 14
    draft_minutes: Annotated[
        int, Field(ge=0, le=10_080, validation_alias=AliasChoices("draft_minutes", "quiet_minutes"))
    ] = 0
    digital_groups: bool = False
    wishes: tuple[Wish, ...] = ()
    consent_version: str
    information_version: str | None = None
    undecided: frozenset[str] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _list_undecided(cls, data: Any) -> Any:
        if isinstance(data, dict) and "undecided" not in data:
            return {**data, "undecided": frozenset(key for key in DECISIONS if key not in data)}
        return data

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.size_min > self.size_max:
            msg = "size_min must not be above size_max"
            raise ValueError(msg)
        if self.reading_gate == "required" and self.information_version is None:
            msg = "reading_gate is required, so information_version must be set"
            raise ValueError(msg)
        if not self.undecided <= set(DECISIONS):
            msg = "undecided may only hold keys that a centre decides"
            raise ValueError(msg)
        return self

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return a policy that another version of the system may have written; keys unknown here are left out."""
        known = cls.model_fields.keys() | {"quiet_minutes"}
        values = {key: value for key, value in data.items() if key in known}
        if "undecided" in values:
            values["undecided"] = frozenset(values["undecided"]) & set(DECISIONS)
        return cls.model_validate(values)

    def as_data(self) -> dict[str, Any]:
        """Return the policy as JSON, the same for the same policy."""
        return {**self.model_dump(mode="json"), "undecided": sorted(self.undecided)}
