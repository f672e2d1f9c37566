"""Lives of groups for tests of the domain: policies of all kinds, and a group that has just started."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st

from grouping.domain.life.model import GroupLife
from grouping.domain.life.steps import advance, begin, open_life
from grouping.domain.meetings import Meeting, MeetingKind, MeetingState
from shared.reference import centres
from shared.reference.policy import Policy, Span

START: Final = datetime(2026, 1, 6, 17, 0, tzinfo=UTC)
"""A Tuesday, at six in the evening in Norway."""

PRESETS: Final = {centre.id: centre.policy for centre in centres.load().all}


def policy(**changes: Any) -> Policy:
    """A policy with an igangsetter for two to five meetings, unless changed."""
    plain = {
        "version": "2026-11-1",
        "consent_version": "2026-11-1",
        "starters_min": 1,
        "starter_meetings": {"min": 2, "max": 5},
    }
    return Policy.model_validate(plain | changes)


def started(policy: Policy, *, size: int = 5, starters: int | None = None, start: datetime = START) -> GroupLife:
    """The life of a group at the end of its start meeting."""
    meeting = Meeting(
        UUID(int=99), MeetingKind.START, start, start + timedelta(hours=2), "Storstua", MeetingState.ASSUMED_HELD
    )
    seats = [UUID(int=number) for number in range(1, size + 1)]
    helpers = policy.starters_min if starters is None else starters
    life = begin(open_life(UUID(int=1000), policy, seats, meeting), helpers, meeting.ends_at)
    return advance(life, meeting.ends_at)


def _spans(least: int, most: int) -> st.SearchStrategy[Span]:
    pairs = st.tuples(st.integers(least, most), st.integers(least, most))
    return pairs.map(lambda pair: Span(min=min(pair), max=max(pair)))


random_policies: Final = st.builds(
    policy,
    starters_min=st.integers(0, 1),
    starter_meetings=_spans(0, 6) | st.just("agreed_with_group"),
    confidentiality=st.sampled_from(["signed", "agreed", "clarified"]),
    reopen_rule=st.sampled_from(["never", "closed", "participants_decide"]),
    visit_on_request=st.booleans(),
    followup_after_solo=st.none() | _spans(1, 6),
    conflict_visit=st.sampled_from(["off", "on_request", "unanimous_and_centre_accepts"]),
    post_handover_memory=st.sampled_from(["none", "sealed_alias", "opt_in"]),
)
any_policy: Final = (
    st.sampled_from(sorted(PRESETS.values(), key=lambda preset: preset.model_dump_json())) | random_policies
)
