"""The sheet that helps a group start without an igangsetter: what it says, as the group's policy decides."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from shared.reference.policy import Policy

Part = Literal["find", "enter", "first", "principles", "rounds", "pledge", "help"]

LINES_TO_SIGN: Final = 8
LINES_TO_WRITE: Final = 3


@dataclass(frozen=True)
class Section:
    """
    One part of the sheet.

    Attributes:
        part: Which one it is.
        points: The names of its sentences, in their order.
        ordered: True if they are steps.
        lines: Number of lines to write on.
        page: 1 or 2.
    """

    part: Part
    points: tuple[str, ...]
    ordered: bool = False
    lines: int = 0
    page: int = field(default=1)


def sections(policy: Policy, *, on_screen: bool, has_way_in: bool) -> tuple[Section, ...]:
    """
    Return the parts of the sheet.

    Args:
        policy: That of the group.
        on_screen: True if the group meets on the net.
        has_way_in: True if staff have written how one gets into the room.
    """
    return (
        Section("find", ("on_screen_early",) if on_screen else ("come_early", "ask_about_the_time", "first_names")),
        Section("enter", tuple(_enter(policy, on_screen=on_screen, has_way_in=has_way_in))),
        Section("first", tuple(_first(policy)), ordered=True),
        Section("principles", tuple(_principles(policy)), page=2),
        Section("rounds", ("round_is", "round_begins", "round_ends", "round_own_way"), page=2),
        _pledge(policy),
        Section("help", tuple(_help(policy)), page=2),
    )


def _enter(policy: Policy, *, on_screen: bool, has_way_in: bool) -> Iterator[str]:
    if on_screen:
        yield "screen_link"
        yield "screen_alone"
        return
    if has_way_in:
        yield "way_in"
    elif policy.runs_groups:
        yield "ask_the_centre"
    else:
        yield "agree_who_opens"
    yield "door_is_closed"
    yield "who_next_time"


def _first(policy: Policy) -> Iterator[str]:
    yield "keep_time"
    yield "read_aloud"
    yield "introduce"
    yield f"pledge_{policy.confidentiality}_step"
    if policy.meeting_break:
        yield "have_a_break"
    yield "talk"
    yield "end_with_a_round"
    yield "next_meeting"


def _principles(policy: Policy) -> Iterator[str]:
    yield "equals"
    yield "own_experience"
    yield "own_choice"
    yield "let_others_finish"
    yield "alike_or_not" if policy.mix_of_problems == "either" else "not_alike"
    yield "newcomers_by_decision" if policy.reopen_rule == "participants_decide" else "no_newcomers"
    yield "say_so"
    yield "leave_in_last_meeting" if policy.leave_notice == "tell_group_in_last_meeting" else "leave_freely"


def _pledge(policy: Policy) -> Section:
    match policy.confidentiality:
        case "signed":
            return Section("pledge", ("pledge_words", "pledge_sign", "pledge_danger"), lines=LINES_TO_SIGN, page=2)
        case "agreed":
            return Section("pledge", ("pledge_agree", "pledge_words", "pledge_danger"), lines=LINES_TO_WRITE, page=2)
        case _:
            points = ("pledge_questions", "pledge_words", "pledge_danger")
            return Section("pledge", points, lines=LINES_TO_WRITE, page=2)


def _help(policy: Policy) -> Iterator[str]:
    if policy.runs_groups:
        yield "call_the_centre"
        if policy.visit_on_request:
            yield "ask_for_a_visit"
    yield "help_lines"
