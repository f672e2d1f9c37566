"""The rules of a group's life, one by one; the machine in ``test_life_machine.py`` mixes them."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from grouping.domain.life import accompaniment, calendar, ending, membership, memory, solo, steps, visits
from grouping.domain.life.model import GroupLife, LifeState, Rhythm
from grouping.domain.life.rhythm import occurrences, weekly_from
from grouping.domain.meetings import MeetingState
from shared.errors import DomainError
from shared.reference.retention import Data, kept_for
from shared.timezone import OSLO_TZ
from tests.grouping.support.lives import PRESETS, START, policy, started

WEEK = timedelta(weeks=1)
ENDED = START + timedelta(hours=2)


def seat(number: int) -> UUID:
    return UUID(int=number)


def met(life: GroupLife, times: int, now: datetime = ENDED) -> tuple[GroupLife, datetime]:
    """The group has met so many times more with its igangsetter."""
    for _ in range(times):
        now = calendar.meetings_ahead(life, now)[0].ends_at
        life = steps.advance(life, now)
    return life, now


def local_times(life: GroupLife, now: datetime) -> list[str]:
    return [f"{one.starts_at.astimezone(OSLO_TZ):%d.%m. %H.%M}" for one in calendar.meetings_ahead(life, now)]


def test_started_group_has_four_meetings_ahead_at_the_time_of_its_start() -> None:
    life = started(policy())

    assert local_times(life, ENDED) == ["13.01. 18.00", "20.01. 18.00", "27.01. 18.00", "03.02. 18.00"]
    assert steps.advance(life, ENDED + WEEK) != life
    assert local_times(steps.advance(life, ENDED + WEEK), ENDED + WEEK)[-1] == "10.02. 18.00"


@pytest.mark.parametrize(
    ("first", "utc_hours"),
    [(date(2026, 3, 17), [17, 17, 16, 16]), (date(2026, 10, 13), [16, 16, 17, 17]), (date(2027, 3, 16), [17, 17, 16])],
)
def test_rhythm_keeps_wall_time_when_summer_time_begins_and_ends(first: date, utc_hours: list[int]) -> None:
    rhythm = Rhythm(1, 1, time(18), 120, "Storstua", first)
    times = occurrences(rhythm, datetime(2026, 1, 1, tzinfo=UTC))

    found = [next(times) for _ in utc_hours]

    assert [one.starts_at.hour for one in found] == utc_hours
    assert {one.starts_at.astimezone(OSLO_TZ).hour for one in found} == {18}


def test_holidays_are_left_out_and_can_be_met_on_anyway() -> None:
    start = datetime(2026, 3, 17, 17, 0, tzinfo=UTC)
    life = started(policy(), start=start)
    now = start + timedelta(hours=2)

    assert local_times(life, now) == ["24.03. 18.00", "07.04. 18.00", "14.04. 18.00", "21.04. 18.00"]
    assert [one.day for one in calendar.skipped_holidays(life, now)] == [date(2026, 3, 31)]
    anyway = calendar.meet_anyway(life, date(2026, 3, 31), now)
    assert local_times(anyway, now)[1] == "31.03. 18.00"
    assert calendar.skipped_holidays(anyway, now) == ()


def test_fortnightly_rhythm_meets_every_second_week() -> None:
    life = started(policy())
    rhythm = Rhythm(2, 3, time(19, 30), 90, "Lillestua", date(2026, 1, 15))

    life = calendar.set_rhythm(life, rhythm, ENDED)

    assert local_times(life, ENDED) == ["15.01. 19.30", "29.01. 19.30", "12.02. 19.30", "26.02. 19.30"]


@pytest.mark.parametrize(
    "rhythm",
    [
        Rhythm(3, 1, time(18), 120, "", date(2026, 1, 13)),
        Rhythm(0, 1, time(18), 120, "", date(2026, 1, 13)),
        Rhythm(1, 2, time(18), 120, "", date(2026, 1, 13)),
        Rhythm(1, 1, time(3), 120, "", date(2026, 1, 13)),
        Rhythm(1, 1, time(18), 5, "", date(2026, 1, 13)),
    ],
)
def test_rhythm_that_nobody_could_keep_is_refused(rhythm: Rhythm) -> None:
    with pytest.raises(DomainError, match="rhythm_impossible"):
        calendar.set_rhythm(started(policy()), rhythm, ENDED)


def test_skipped_meeting_is_cancelled_once_and_the_fourth_after_it_called() -> None:
    life = started(policy())
    second = calendar.meetings_ahead(life, ENDED)[1].id

    skipped = calendar.skip(life, second, ENDED)

    assert (skipped.meeting(second).state, skipped.meeting(second).sequence) == (MeetingState.CANCELLED, 1)
    assert local_times(skipped, ENDED) == ["13.01. 18.00", "27.01. 18.00", "03.02. 18.00", "10.02. 18.00"]
    assert calendar.skip(skipped, second, ENDED) is skipped
    regretted = calendar.meet_anyway(skipped, date(2026, 1, 20), ENDED)
    assert (regretted.meeting(second).state, regretted.meeting(second).sequence) == (MeetingState.MOVED, 2)


def test_moved_meeting_leaves_the_others_unless_all_following_move() -> None:
    life = started(policy())
    first = calendar.meetings_ahead(life, ENDED)[0]
    to = first.starts_at + timedelta(days=1, hours=1)

    one = calendar.move(life, first.id, to, "Storstua", ENDED)
    all_following = calendar.move_following(life, first.id, to, "Storstua", ENDED)

    assert local_times(one, ENDED) == ["14.01. 19.00", "20.01. 18.00", "27.01. 18.00", "03.02. 18.00"]
    assert local_times(all_following, ENDED) == ["14.01. 19.00", "21.01. 19.00", "28.01. 19.00", "04.02. 19.00"]


def test_meetings_with_igangsetter_are_counted_and_members_asked_at_most() -> None:
    life, now = met(started(policy()), 3)
    assert (accompaniment.attended(life), life.handover_asked_at) == (4, None)

    life, now = met(started(policy()), 4)

    assert accompaniment.attended(life) == 5
    assert life.handover_asked_at == now
    assert accompaniment.is_question(life)


@pytest.mark.parametrize(
    ("least", "most", "weeks", "accompanied", "alone"),
    [(1, 1, 0, 1, 0), (1, 1, 1, 1, 1), (1, 1, 3, 1, 3), (2, 5, 4, 5, 0), (2, 5, 6, 5, 2), (1, 2, 1, 2, 0)],
)
def test_meetings_beyond_the_policys_most_count_as_alone(
    least: int, most: int, weeks: int, accompanied: int, alone: int
) -> None:
    life, now = met(started(policy(starter_meetings={"min": least, "max": most})), weeks)
    assert (accompaniment.attended(life), accompaniment.held_alone(life)) == (accompanied, alone)

    independent_life = accompaniment.record_agreement(life, now)
    assert solo.meetings_alone(independent_life, now) == alone


def test_meetings_agreed_with_the_group_are_all_with_the_igangsetter() -> None:
    life, _ = met(started(policy(starter_meetings="agreed_with_group")), 7)
    assert (accompaniment.attended(life), accompaniment.held_alone(life)) == (8, 0)


def test_return_visit_counts_the_meetings_before_the_handover_was_answered() -> None:
    kept = {"post_handover_memory": "sealed_alias", "followup_after_solo": {"min": 3, "max": 4}}
    life, now = met(started(policy(starter_meetings={"min": 1, "max": 1}, **kept)), 2)
    life = accompaniment.record_agreement(life, now)
    assert solo.follow_up_at(life) == now + WEEK

    life, now = met(started(policy(starter_meetings={"min": 1, "max": 1}, **kept)), 4)
    offered = steps.advance(accompaniment.record_agreement(life, now), now)
    assert offered.visit is not None
    assert offered.visit.kind == "return_visit"


def test_one_more_meeting_leaves_those_alone_as_they_were() -> None:
    life, now = met(started(policy(starter_meetings={"min": 1, "max": 1})), 2)
    life = accompaniment.continue_with_igangsetter(life, "Gruppa vil ha en gang til.")
    assert (accompaniment.attended(life), accompaniment.held_alone(life)) == (1, 2)

    life, now = met(life, 1, now)
    assert (accompaniment.attended(life), accompaniment.held_alone(life)) == (2, 2)
    assert accompaniment.is_question(life)
    second = [meeting for meeting in life.meetings if meeting.state is MeetingState.ASSUMED_HELD][1]
    assert accompaniment.attended(calendar.report(life, second.id, now, held=False)) == 1


def test_meeting_that_was_not_held_is_not_counted() -> None:
    life, now = met(started(policy()), 4)
    last = [meeting for meeting in life.meetings if meeting.state is MeetingState.ASSUMED_HELD][-1]

    life = calendar.report(life, last.id, now, held=False)

    assert accompaniment.attended(life) == 4
    assert accompaniment.attended(calendar.report(life, last.id, now, held=True)) == 5


def test_more_meetings_than_most_need_a_reason_and_ask_again() -> None:
    life, now = met(started(policy()), 4)
    with pytest.raises(DomainError, match="reason_missing"):
        accompaniment.continue_with_igangsetter(life, " ")

    longer = accompaniment.continue_with_igangsetter(life, "Gruppa vil ha en gang til.")

    assert not accompaniment.is_question(longer)
    assert longer.handover_asked_at is None
    now = calendar.meetings_ahead(longer, now)[0].ends_at
    assert accompaniment.is_question(steps.advance(longer, now))


def test_handover_before_least_meetings_is_refused_to_everybody() -> None:
    life = started(policy())

    with pytest.raises(DomainError, match="too_early"):
        accompaniment.say_ready(life, seat(1), ENDED)
    with pytest.raises(DomainError, match="too_early"):
        accompaniment.record_agreement(life, ENDED)
    with pytest.raises(DomainError, match="too_early"):
        accompaniment.ask_handover(life, ENDED)


def test_group_is_handed_over_by_the_last_yes_and_its_meetings_are_its_own() -> None:
    life, now = met(started(policy()), 1)
    for number in range(1, 5):
        life = accompaniment.say_ready(life, seat(number), now)
        assert life.state is LifeState.ACCOMPANIED

    life = accompaniment.say_ready(life, seat(5), now)

    assert (life.state, life.handed_over_by) == (LifeState.INDEPENDENT, "members")
    assert calendar.meetings_ahead(life, now) == ()


def test_last_yes_is_not_waited_for_when_its_member_leaves() -> None:
    life, now = met(started(policy()), 1)
    for number in range(1, 5):
        life = accompaniment.say_ready(life, seat(number), now)

    life = membership.leave(life, seat(5), now)

    assert (life.state, life.size) == (LifeState.INDEPENDENT, 4)


def test_group_without_igangsetter_is_on_its_own_at_once() -> None:
    life = started(PRESETS["selvhjelp-norge"])

    assert (life.state, life.handed_over_by) == (LifeState.INDEPENDENT, "start")
    assert life.forget_at == START + timedelta(days=14)
    assert life.meetings == ()


def test_group_that_nobody_hands_over_counts_as_on_its_own_in_the_end() -> None:
    life = started(PRESETS["link-bergen"])
    now = START + timedelta(weeks=26)

    assert steps.advance(life, now - timedelta(hours=1)).state is LifeState.ACCOMPANIED
    assert steps.advance(life, now).handed_over_by == "time"


@pytest.mark.parametrize(("memory_kept", "known"), [("none", 0), ("sealed_alias", 0), ("opt_in", 2)])
def test_members_are_forgotten_at_handover_as_the_policy_says(memory_kept: str, known: int) -> None:
    life, now = met(started(policy(post_handover_memory=memory_kept)), 2)
    if memory_kept == "opt_in":
        life = memory.keep_me(memory.keep_me(life, seat(1), keep=True), seat(2), keep=True)

    life = steps.advance(accompaniment.record_agreement(life, now), now)

    assert (len(life.members), life.size) == (known, 5)
    assert life.forgotten is (known == 0)


def test_kept_member_who_takes_it_back_is_forgotten_at_once() -> None:
    life, now = met(started(policy(post_handover_memory="opt_in", followup_after_solo=None)), 2)
    life = memory.keep_me(memory.keep_me(life, seat(1), keep=True), seat(2), keep=True)
    life = steps.advance(accompaniment.record_agreement(life, now), now)
    assert life.members == {seat(1), seat(2)}

    life = steps.advance(memory.keep_me(life, seat(1), keep=False), now)
    assert (life.members, life.forgotten) == (frozenset({seat(2)}), False)
    life = steps.advance(memory.keep_me(life, seat(2), keep=False), now)
    assert (life.members, life.forgotten) == (frozenset(), True)


@pytest.mark.parametrize(("memory_kept", "sealed"), [("none", 0), ("opt_in", 0), ("sealed_alias", 4)])
def test_addresses_are_sealed_but_of_members_who_said_no(memory_kept: str, sealed: int) -> None:
    life, now = met(started(policy(post_handover_memory=memory_kept)), 2)
    if memory_kept == "sealed_alias":
        life = memory.keep_me(memory.keep_me(life, seat(1), keep=False), seat(2), keep=False)
        life = memory.keep_me(life, seat(2), keep=True)
    life = accompaniment.record_agreement(life, now)

    assert len(memory.to_seal(life)) == sealed
    assert memory.to_seal(steps.advance(life, now)) == frozenset()


@pytest.mark.parametrize("memory_kept", ["sealed_alias", "opt_in"])
def test_members_awaiting_a_return_visit_end_when_it_cannot_come(memory_kept: str) -> None:
    life, now = independent(post_handover_memory=memory_kept)
    life = solo.pause_meetings(life, (now + timedelta(days=360)).date(), now)
    assert life.handed_over_at is not None
    end = life.handed_over_at + kept_for(Data.RETURN_VISIT, life.policy)

    assert len(steps.advance(life, end - timedelta(seconds=1)).members) == 5
    assert steps.advance(life, end).forgotten


def visit_id(life: GroupLife) -> UUID:
    assert life.visit is not None
    return life.visit.id


def declined(life: GroupLife) -> GroupLife:
    return visits.decline_visit(life, visit_id(life), by_group=True)


def independent(weeks: int = 1, **changes: object) -> tuple[GroupLife, datetime]:
    """A group that was handed over after its second meeting, a Tuesday evening."""
    kept = {"post_handover_memory": "sealed_alias", "followup_after_solo": {"min": 3, "max": 4}}
    life, now = met(started(policy(**kept | changes)), 1)
    if weeks == 2:
        rhythm = Rhythm(2, 1, time(18), 120, "Storstua", date(2026, 1, 27))
        life = calendar.set_rhythm(life, rhythm, now)
    return accompaniment.record_agreement(life, now), now


@pytest.mark.parametrize("days_late", [0, 1, 2])
def test_meeting_that_a_member_tells_of_counts_once(days_late: int) -> None:
    life, now = independent()
    told = now + WEEK + timedelta(days=days_late)

    life = solo.tell_met(solo.tell_met(life, told), told + timedelta(hours=1))

    assert solo.meetings_alone(life, told) == 1
    assert solo.follow_up_at(life) == now + 3 * WEEK


@pytest.mark.parametrize("preset", ["link-oslo", "link-bergen", "selvhjelp-norge"])
def test_closed_group_lets_nobody_in_whoever_asks(preset: str) -> None:
    life = started(PRESETS[preset])

    with pytest.raises(DomainError, match="group_closed"):
        membership.open_admission(life, ENDED)
    with pytest.raises(DomainError, match="group_closed"):
        membership.admit(life, seat(9), ENDED)


def test_group_that_decides_itself_lets_one_in_and_is_closed_again() -> None:
    life = started(PRESETS["link"])
    with pytest.raises(DomainError, match="group_closed"):
        membership.admit(life, seat(9), ENDED)

    life = membership.admit(membership.open_admission(life, ENDED), seat(9), ENDED)

    assert (life.size, seat(9) in life.members) == (6, True)
    with pytest.raises(DomainError, match="group_closed"):
        membership.admit(life, seat(10), ENDED)


@pytest.mark.parametrize(("memory_kept", "days"), [("sealed_alias", 182), ("opt_in", 30)])
def test_group_is_asked_once_a_year_and_expires_without_an_answer(memory_kept: str, days: int) -> None:
    life, now = independent(post_handover_memory=memory_kept)
    if memory_kept == "opt_in":
        life = memory.keep_me(life, seat(1), keep=True)
    asked_at = now + timedelta(days=365)

    asked = steps.advance(declined(steps.advance(life, now + 4 * WEEK)), asked_at)

    assert asked.alive_asked_at == asked_at
    assert ending.say_alive(asked, asked_at).alive_asked_at is None
    assert steps.advance(asked, asked_at + timedelta(days=days, seconds=-1)).state is LifeState.INDEPENDENT
    expired = steps.advance(asked, asked_at + timedelta(days=days))
    assert (expired.state, expired.ended_by) == (LifeState.EXPIRED, "silence")
    assert ending.say_alive(expired, asked_at + timedelta(days=days + 10)).state is LifeState.INDEPENDENT


def test_group_is_dissolved_by_all_members_and_each_chooses_once() -> None:
    life = started(policy())
    for number in range(1, 6):
        assert life.state is LifeState.ACCOMPANIED
        life = ending.say_dissolve(life, seat(number), ENDED)

    assert (life.state, life.ended_by, life.forget_at) == (
        LifeState.DISSOLVED,
        "group",
        ENDED + timedelta(days=30),
    )
    assert calendar.meetings_ahead(life, ENDED) == ()
    life = ending.choose_way_on(life, seat(1))
    with pytest.raises(DomainError, match="not_a_member"):
        ending.choose_way_on(life, seat(1))


def test_weekly_rhythm_of_a_start_at_night_is_one_that_can_be_kept() -> None:
    assert weekly_from(datetime(2026, 1, 6, 3, 0, tzinfo=UTC), 120, "Storstua").at == time(7)
