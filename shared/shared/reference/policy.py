"""What a centre has decided: data with a version, since a group keeps the policy that it was proposed under."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

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
"""The keys that are for each centre to decide; one that a centre leaves out has our default and is in ``undecided``."""


Wish = Literal["women", "men", "young"]
"""What somebody may wish of who else is in the group, where the centre offers it; young is 18 to 30 years."""


class Span(BaseModel):
    """From a least to a most number of times, both included."""

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
    How one centre does it. A default is the system's own, never another centre's.

    Attributes:
        version: Changes whenever anything here changes.
        group_term: The word that the centre uses for its groups.
        runs_groups: Whether the centre itself starts and follows groups; otherwise people get together through the
            system alone, with neither igangsetter nor room from the centre.
        size_min, size_max: How few can start and how many there is room for.
        starters_min: How many igangsettere a group needs before it can start; none means that it can start by itself.
        starter_meetings: How many of the first meetings the igangsetter attends.
        reading_gate: Whether the information must be read before the waiting list.
        forsamtale: Whether there is a talk with the centre before the waiting list.
        confidentiality: What becomes of the taushetsplikt at the start: signed, agreed, or the rules made clear.
        reopen_rule: Whether anybody can join after the start: never, not as long as the group is the same
            ("closed"), or when the participants decide so themselves.
        visit_on_request: Whether a group that is on its own can ask the centre back.
        followup_after_solo: After how many meetings alone the centre comes back unasked; None is never.
        kontaktmote: Who is invited to kontaktmøter.
        conflict_visit: Whether the centre comes to a group in conflict: never as such, if asked, or only when every
            member wants it and the centre accepts.
        room: Who finds a room; rooms are free of charge for the group everywhere.
        post_handover_memory: What is left when the igangsetter has withdrawn: nothing, one sealed address per group, or
            only those members who asked for it.
        mix_of_problems: Whether groups are for people with any mix of problems, or may be for one in common.
        meeting_minutes, meeting_break: How long the start meeting lasts, and whether it has a break half-way.
        leave_notice: Whether somebody who leaves a started group is reminded to tell the group in their last meeting.
        seat_confirmation: Whether people answer an offered seat; otherwise it is theirs at once.
        seat_deadline_hours: How long an offer stands.
        start_notice_days: The least number of days from confirmed to start meeting.
        extension_days: By how many days the start meeting is put off, once, when too few are left two days before it;
            none gives the group up at once.
        draft_minutes: How long a new proposal stays a draft that the centre can undo before it is published. Stored
            policies may have it under its old name, ``quiet_minutes``.
        wishes: What people may wish of who else is in the group; never about what is hard in their lives. A centre that
            offers any names a consent that tells of it.
        consent_version: The consent that people give at sign-up (:mod:`shared.reference.texts`).
        information_version: The information that people are given; always set where the reading gate is required.
        undecided: Those of :data:`DECISIONS` that the centre has not taken; filled in here.
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
    reopen_rule: Literal["never", "closed", "participants_decide"] = "never"
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
    extension_days: Annotated[int, Field(ge=0, le=60, multiple_of=7)] = 14
    draft_minutes: Annotated[
        int, Field(ge=0, le=10_080, validation_alias=AliasChoices("draft_minutes", "quiet_minutes"))
    ] = 0
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
