"""A year of weekly groups on the moved clock: few reminders, each once, by day, in Norwegian wall time."""

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Final

from notify.domain.hours import is_night
from shared.timezone import OSLO_TZ
from tests.notify.support.desk import Desk
from tests.notify.support.events import Group, Person
from tests.notify.support.group_life import FIRST_ON, GroupLife

WEEKS: Final = 52
SKIPPED: Final = frozenset({4, 9, 10, 11, 24, 25, 26, 40})
AHEAD: Final = 4
REMINDED_AT: Final = {8: 8, 22: 20}
"""The hour of a group's meetings, and that of the reminder on the day before."""

MOMENTS: Final = ((-1, 3), (-1, 7), (-1, 8), (-1, 20), (-1, 21), (0, 3), (0, 23))
"""Days from a meeting and hours at which mails are sent, some of them at night."""


def moment(week: int, days: int, hour: int) -> datetime:
    """Return a moment by Norwegian clocks, at some days from the meetings of a week."""
    return datetime.combine(FIRST_ON + timedelta(weeks=week, days=days), time(hour), OSLO_TZ)


async def live(desk: Desk, lives: list[GroupLife]) -> None:
    """Let a year pass: meetings are called some weeks ahead, and some are skipped; each event comes twice."""
    called = 0
    for week in range(WEEKS):
        now = desk.clock.now()
        for life in lives:
            for ahead in range(called, min(week + AHEAD, WEEKS)):
                await desk.deliver(life.weekly(ahead, now=now))
            if week in SKIPPED:
                await desk.deliver(life.cancelled(week, now=now))
        called = max(called, week + AHEAD)
        for days, hour in MOMENTS:
            desk.clock.set(moment(week, days, hour))
            await desk.mailer()


async def test_year_of_reminders_is_few_once_by_day_and_never_in_a_skipped_week(desk: Desk) -> None:
    """The year has both changes of the clock: Thursday 2 April and 29 October 2026 are the first ones after them."""
    lives = [GroupLife(Group([desk.intake.add(Person())]), hour) for hour in REMINDED_AT]
    for life in lives:
        (member,) = life.group.members
        await desk.deliver(member.ready(), life.group.called(), life.group.started(), life.rhythm())
    desk.clock.move(timedelta(hours=3))
    await desk.mailer()  # the welcome; a reminder within an hour of it would say the same
    await live(desk, lives)

    held = [week for week in range(WEEKS) if week not in SKIPPED]
    for life in lives:
        rows = await desk.mails(person_id=life.group.members[0].id, status="sent")
        weeks = {meeting_id: week for week, meeting_id in life.meetings.items()}
        reminders = [
            (weeks[mail.meeting_id], mail) for mail in rows if mail.kind == "weekly_reminder" and mail.meeting_id
        ]
        assert [week for week, _ in reminders] == [
            week for number, week in enumerate(held, 1) if number <= 3 or number % 3 == 0
        ]
        for week, mail in reminders:
            assert mail.settled_at == moment(week, -1, REMINDED_AT[life.hour])
        later = [mail for mail in rows if mail.group_id and mail.kind != "group_confirmed"]
        assert not any(is_night(mail.settled_at) for mail in later if mail.settled_at)
        kinds = Counter(mail.kind for mail in later if mail.kind != "weekly_reminder")
        assert kinds == {"group_started": 1, "meetings_changed": len(SKIPPED)}
