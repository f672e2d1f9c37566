"""A year of a weekly group on the moved clock: few reminders, each once, by day, in Norwegian wall time."""

from collections import Counter
from datetime import timedelta

from notify.domain.hours import is_night
from shared.timezone import OSLO_TZ
from tests.notify.support.desk import Desk
from tests.notify.support.events import Group, Person
from tests.notify.support.group_life import GroupLife, thursday

WEEKS = 52
SKIPPED = frozenset({4, 9, 10, 11, 24, 25, 26, 40})
AHEAD = 4


async def test_year_of_reminders_is_few_once_by_day_and_never_in_a_skipped_week(desk: Desk) -> None:
    """The year has both changes of the clock: Thursday 2 April and 29 October 2026 are the first ones after them."""
    group = Group([desk.intake.add(Person()) for _ in range(2)])
    life = GroupLife(group)
    await desk.deliver(*(person.ready() for person in group.members), group.called(), group.started(), life.rhythm())
    await desk.mailer()
    called = 0
    for week in range(WEEKS):
        for ahead in range(called, min(week + AHEAD, WEEKS)):
            await desk.deliver(life.weekly(ahead, now=desk.clock.now()))
        called = max(called, week + AHEAD)
        if week in SKIPPED:
            await desk.deliver(life.cancelled(week, now=desk.clock.now()))
        begins = thursday(week)
        for at in (begins - timedelta(days=2), begins - timedelta(days=1, hours=0.5), begins - timedelta(days=1)):
            desk.clock.set(at)
            await desk.mailer()
        desk.clock.set(begins + timedelta(hours=3))
        await desk.mailer()
    rows = await desk.mails(person_id=group.members[0].id)
    left = [mail for mail in rows if mail.status == "sent" and mail.settled_at]
    reminders = [mail for mail in left if mail.kind == "weekly_reminder"]
    weeks = {meeting_id: week for week, meeting_id in life.meetings.items()}
    reminded = [weeks[mail.meeting_id] for mail in reminders if mail.meeting_id]
    held = [week for week in range(WEEKS) if week not in SKIPPED]
    assert reminded == [week for number, week in enumerate(held, 1) if number <= 3 or number % 3 == 0]
    assert max(Counter(reminded).values()) == 1
    for mail, week in zip(reminders, reminded, strict=True):
        assert mail.settled_at is not None
        local = mail.settled_at.astimezone(OSLO_TZ)
        assert (local.hour, local.date()) == (18, thursday(week).date() - timedelta(days=1))
    later = [mail for mail in left if mail.group_id and mail.kind != "group_confirmed"]
    assert not any(is_night(mail.settled_at) for mail in later if mail.settled_at)
    assert {
        kind: count for kind, count in Counter(mail.kind for mail in later).items() if kind != "weekly_reminder"
    } == {
        "group_started": 1,
        "meetings_changed": len(SKIPPED),
    }
