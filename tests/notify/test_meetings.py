"""Several meetings of one group: each with its own mails, calendar entry and reminder."""

from datetime import timedelta
from uuid import UUID, uuid4

from notify.mails.registry import mail_registry
from notify.usecases import sending
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.world import Feed, World, inbox_of
from tests.shared.support.eventually import eventually

STARTS_AT = NOON + timedelta(days=8, hours=6)
WEEK = timedelta(weeks=1)


async def kinds_by_meeting(feed: Feed, person: Person) -> dict[UUID | None, list[str]]:
    kinds: dict[UUID | None, list[str]] = {}
    for mail in await feed.mails(person_id=person.id):
        if mail.delivery.open:
            kinds.setdefault(mail.meeting_id, []).append(mail.kind)
    return {meeting_id: sorted(names) for meeting_id, names in kinds.items()}


async def test_second_meeting_queues_its_own_mails_and_reminder(feed: Feed) -> None:
    person, second_id = Person(), uuid4()
    group = Group([person])
    await feed.deliver(group.called(), group.called(meeting_id=second_id, starts_at=STARTS_AT + WEEK))
    assert await kinds_by_meeting(feed, person) == {
        group.meeting_id: ["group_confirmed", "meeting_tomorrow"],
        second_id: ["group_confirmed", "meeting_tomorrow"],
    }
    reminders = await feed.mails(kind="meeting_tomorrow")
    assert {mail.meeting_id: mail.next_at for mail in reminders} == {
        group.meeting_id: STARTS_AT - timedelta(days=1),
        second_id: STARTS_AT + WEEK - timedelta(days=1),
    }


async def test_change_of_second_meeting_leaves_the_first_alone(feed: Feed) -> None:
    person, second_id = Person(), uuid4()
    group = Group([person])
    await feed.deliver(group.called(), group.called(meeting_id=second_id, starts_at=STARTS_AT + WEEK))
    await feed.deliver(group.called(meeting_id=second_id, starts_at=STARTS_AT + 2 * WEEK, sequence=1))
    assert await kinds_by_meeting(feed, person) == {
        group.meeting_id: ["group_confirmed", "meeting_tomorrow"],
        second_id: ["group_confirmed", "meeting_tomorrow", "plan_changed"],
    }


async def test_newcomer_is_mailed_only_about_meetings_that_name_them(feed: Feed) -> None:
    """The first meeting was changed before the newcomer came, the second was not."""
    second_id = uuid4()
    group = Group([Person()])
    await feed.deliver(group.called(), group.called(sequence=1))
    newcomer = Person()
    group.add_member(newcomer)
    await feed.deliver(group.called(meeting_id=second_id, starts_at=STARTS_AT + WEEK))
    assert await kinds_by_meeting(feed, newcomer) == {second_id: ["group_confirmed", "meeting_tomorrow"]}
    await feed.deliver(group.called(sequence=1))
    assert await kinds_by_meeting(feed, newcomer) == {
        group.meeting_id: ["group_confirmed", "meeting_tomorrow"],
        second_id: ["group_confirmed", "meeting_tomorrow"],
    }


async def test_plan_change_waits_only_for_mail_about_its_own_meeting(feed: Feed) -> None:
    person, second_id = Person(), uuid4()
    group = Group([person])
    await feed.deliver(group.called(), group.called(meeting_id=second_id, starts_at=STARTS_AT + WEEK))
    async with feed.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "UPDATE mails SET status = 'sent', next_at = NULL WHERE kind = 'group_confirmed' AND meeting_id = $1",
            (second_id,),
        )
    await feed.deliver(group.called(sequence=1))
    await feed.deliver(group.called(meeting_id=second_id, starts_at=STARTS_AT + 2 * WEEK, sequence=1))
    async with feed.database.transaction() as session:
        due = await sending.due(session, mail_registry(), now=NOON, limit=100)
    rows = {mail.id: (mail.kind, mail.meeting_id) for mail in await feed.mails()}
    assert sorted((rows[mail_id] for mail_id, _ in due), key=str) == [
        ("group_confirmed", group.meeting_id),
        ("plan_changed", second_id),
    ]


async def test_each_meeting_has_its_own_calendar_uid(world: World) -> None:
    person, second_id = world.intake.add(Person()), uuid4()
    group = Group([person])
    await world.deliver(group.called(), group.called(meeting_id=second_id, starts_at=STARTS_AT + WEEK))

    async def both_sent() -> bool:
        return len(await world.mails(kind="group_confirmed", status="sent")) == 2

    await eventually(both_sent)
    files = [str(part.get_content()) for mail in inbox_of(world, person) for part in mail.iter_attachments()]
    uids = {line for file in files for line in file.splitlines() if line.startswith("UID:")}
    assert uids == {f"UID:{meeting_id}@post.example" for meeting_id in (group.meeting_id, second_id)}
