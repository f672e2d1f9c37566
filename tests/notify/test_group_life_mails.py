"""Mails to members of a started group: together, only while they hold, and nothing left when all is forgotten."""

import re
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from notify.domain.delivery import SmtpRejected
from notify.domain.mail_lists import LISTS
from notify.jobs import forget_members
from notify.mails.registry import mail_registry
from notify.queries import mails as mail_queries
from notify.store import Base
from shared.events import Event
from shared.kit.links import Links
from shared.reference import centres, retention
from shared.reference.link_purposes import GROUP_RETURN, LINK_PATHS
from tests.notify.support.contents import KEY, renderer
from tests.notify.support.desk import Desk
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.group_life import GroupLife, thursday

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def started(desk: Desk, count: int = 3) -> GroupLife:
    """A group whose members have been welcomed, with a rhythm and three meetings ahead."""
    group = Group([desk.intake.add(Person()) for _ in range(count)])
    life = GroupLife(group)
    await desk.deliver(*(person.ready() for person in group.members), group.called(), group.started(), life.rhythm())
    await desk.deliver(*(life.weekly(week) for week in range(3)))
    desk.clock.move(2 * HOUR)
    await desk.mailer()
    return life


async def sent(desk: Desk, person: Person) -> list[str]:
    """The kinds of the mails about the life of a group that have left for a person, in order of sending."""
    rows = [mail for mail in await desk.mails(person_id=person.id) if mail.status == "sent" and mail.group_id]
    return [mail.kind for mail in sorted(rows, key=lambda mail: (mail.settled_at or NOON, mail.id))]


async def reasons(desk: Desk, kind: str) -> set[str | None]:
    return {mail.reason for mail in await desk.mails(kind=kind)}


async def ids_in(desk: Desk) -> str:
    """All rows of all tables as text, but those of the inbox, which has ids of events alone."""
    async with desk.database.transaction() as session:
        rows = [
            str(tuple(row))
            for name, table in Base.metadata.tables.items()
            if name != "inbox"
            for row in await session.execute(sa.select(table))
        ]
    return "\n".join(rows)


async def test_welcome_tells_the_rhythm_that_was_set_meanwhile(desk: Desk) -> None:
    life = await started(desk)
    assert await sent(desk, life.group.members[0]) == ["group_started"]
    assert await reasons(desk, "rhythm_set") == {"told_in_welcome"}


async def test_changes_of_one_evening_are_one_mail(desk: Desk) -> None:
    life = await started(desk)
    now = desk.clock.now()
    await desk.deliver(life.cancelled(0, now=now), life.cancelled(1, now=now), life.absent(Person(), 2, now=now))
    await desk.deliver(life.weekly(2, sequence=1, starts_at=thursday(2, 19), now=now))
    desk.clock.move(HOUR)
    await desk.mailer()
    person = life.group.members[0]
    assert sorted(await sent(desk, person)) == ["absence_told", "group_started", "meetings_changed"]
    rows = await desk.mails(person_id=person.id, kind="meetings_changed")
    assert sorted(row.reason or "" for row in rows) == ["", "told_already", "told_already"]


async def test_two_absences_are_one_mail_and_not_to_the_absent(desk: Desk) -> None:
    life = await started(desk)
    now = desk.clock.now()
    first, second, third = life.group.members
    await desk.deliver(life.absent(first, 0, now), life.absent(second, 0, now))
    desk.clock.move(HOUR)
    await desk.mailer()
    assert [kinds.count("absence_told") for kinds in [await sent(desk, p) for p in (first, second, third)]] == [1, 1, 1]


@pytest.mark.parametrize("end", ["dissolved", "skipped", "left", "erased", "withdrawn"])
async def test_queued_mail_that_no_longer_holds_is_never_sent(desk: Desk, end: str) -> None:
    life = await started(desk)
    person = life.group.members[0]
    now = desk.clock.now()
    await desk.deliver(life.absent(life.group.members[1], 0, now))
    ends: dict[str, Event] = {
        "dissolved": life.dissolved(now=now),
        "skipped": life.cancelled(0, now=now),
        "left": life.left(person, now=now),
        "erased": person.erased(now),
        "withdrawn": person.withdrawn(now),
    }
    await desk.deliver(ends[end])
    desk.clock.move(HOUR)
    await desk.mailer()
    assert "absence_told" not in await sent(desk, person)


async def test_news_at_night_wait_for_the_morning(desk: Desk) -> None:
    life = await started(desk)
    desk.clock.set(datetime.fromisoformat("2026-01-20T22:30:00+01:00"))
    await desk.deliver(life.cancelled(0, now=desk.clock.now()))
    desk.clock.move(HOUR)
    await desk.mailer()
    assert "meetings_changed" not in await sent(desk, life.group.members[0])
    desk.clock.set(datetime.fromisoformat("2026-01-21T08:00:00+01:00"))
    await desk.mailer()
    assert "meetings_changed" in await sent(desk, life.group.members[0])


async def test_handover_with_memory_none_leaves_no_row_about_members(desk: Desk) -> None:
    life = await started(desk)
    now = desk.clock.now()
    off = [life.cancelled(week, "handed_over", now=now) for week in range(3)]
    over = life.handed_over(now=now)
    await desk.deliver(*off, over, life.forgotten(now=now))
    assert str(over.return_id) in await ids_in(desk)
    await desk.mailer()
    await forget_members(desk.database, desk.clock)
    left = await ids_in(desk)
    assert str(over.return_id) not in left
    assert all(str(seat.seat_id) not in left for seat in life.group.seats.values())
    people = [str(id_) for person in life.group.members for id_ in (person.id, person.signup_id)]
    links = [str(life.group.id), str(life.group.meeting_id), *map(str, life.meetings.values())]
    for row in left.splitlines():
        in_row = [member for member in people if member in row]
        assert not (in_row and any(link in row for link in links))
        assert len(in_row) <= 2  # one person and their own sign-up


async def test_kept_member_of_forgotten_group_still_gets_mail(desk: Desk) -> None:
    life = await started(desk)
    now = desk.clock.now()
    kept, gone, _ = life.group.members
    await desk.deliver(life.handed_over("opt_in", now=now))
    await desk.mailer()
    await desk.deliver(life.forgotten(kept, now=now))
    await forget_members(desk.database, desk.clock)
    assert {mail.person_id for mail in await desk.mails(group_id=life.group.id)} == {kept.id}
    await desk.deliver(life.keep_alive(now=now).model_copy(update={"seats": life.seats(kept)}))
    await desk.mailer()
    assert "keep_alive" in await sent(desk, kept)
    assert await sent(desk, gone) == []


async def test_call_that_nobody_answers_does_not_keep_the_group_known(desk: Desk) -> None:
    life = await started(desk)
    phone = desk.intake.add(life.group.members[0], email=None)
    now = desk.clock.now()
    await desk.deliver(life.handed_over(now=now), life.forgotten(now=now))
    await desk.mailer()
    assert await desk.open_calls(phone) == ["handed_over"]
    assert all(task.group_id is None for task in await desk.tasks())
    await forget_members(desk.database, desk.clock)
    assert await desk.open_calls(phone) == ["handed_over"]
    desk.clock.move(retention.kept_for(retention.Data.GROUP_LINKS))
    await forget_members(desk.database, desk.clock)
    assert await desk.mails(group_id=life.group.id) == []
    assert await desk.tasks() == []


async def test_ballots_are_only_with_the_mail_and_gone_when_it_has_left(desk: Desk) -> None:
    life = await started(desk)
    vote = life.vote(uuid4(), now=desk.clock.now())
    await desk.deliver(vote)
    rows = await desk.mails(kind="vote_opened")
    assert {row.link_id for row in rows} == {ballot.ballot_id for ballot in vote.ballots}
    await desk.mailer()
    assert {row.link_id for row in await desk.mails(kind="vote_opened")} == {None}
    left = await ids_in(desk)
    assert not any(str(ballot.ballot_id) in left for ballot in vote.ballots)


async def test_closed_vote_takes_unsent_ballots_and_its_question_back(desk: Desk) -> None:
    life = await started(desk)
    vote_id = uuid4()
    now = desk.clock.now()
    await desk.deliver(life.vote(vote_id, now), life.vote_closed(vote_id, now=now))
    rows = await desk.mails(kind="vote_opened")
    assert {(row.status, row.link_id) for row in rows} == {("cancelled", None)}
    await desk.mailer()
    assert (await sent(desk, life.group.members[0]))[-1] == "vote_closed"


async def test_preview_of_mail_hides_its_secret_link(desk: Desk) -> None:
    life = await started(desk)
    await desk.deliver(life.handed_over(now=desk.clock.now()))
    mail = (await desk.mails(kind="handed_over"))[0]
    answer = await desk.press_preview(mail)
    assert f"{LINK_PATHS[GROUP_RETURN]}/…" in answer
    assert mail.link_id is not None
    assert token_of(GROUP_RETURN, mail.link_id) not in answer


async def lists_of_staff(desk: Desk) -> str:
    async with desk.client() as client:
        pages = [(await client.get("/stab/post", params={"vis": name})).text for name in LISTS]
    return " ".join(re.sub('name="_csrf" value="[^"]*"', "", page) for page in pages)


@pytest.mark.parametrize("moment", ["queued", "sent", "cancelled", "closed"])
async def test_staff_see_no_mail_about_a_vote(desk: Desk, moment: str) -> None:
    """A list of mails would tell that a group votes, and let staff cancel a ballot."""
    life = await started(desk)
    vote_id, now = uuid4(), desk.clock.now()
    before = await lists_of_staff(desk)
    await desk.deliver(life.vote(vote_id, now))
    if moment not in {"queued", "cancelled"}:
        desk.clock.move(HOUR)
        await desk.mailer()
    if moment in {"cancelled", "closed"}:
        await desk.deliver(life.vote_closed(vote_id, now=desk.clock.now()))
    secret = [mail for kind in ("vote_opened", "vote_closed") for mail in await desk.mails(kind=kind)]
    assert secret
    async with desk.client() as client:
        token = _token((await client.get(f"/stab/post/{(await desk.mails(kind='group_started'))[0].id}")).text)
        for mail in secret:
            assert (await client.get(f"/stab/post/{mail.id}")).status_code == 404
            for act in ("se", "stopp", "igjen", "la-ligge"):
                answer = await client.post(f"/stab/post/{mail.id}/{act}", data={"_csrf": token, "_sure": "ja"})
                assert answer.status_code == 404
    after = await lists_of_staff(desk)
    assert not [mail for mail in secret if str(mail.id) in after]
    assert after == before, "no number has changed either"


async def test_failed_mail_about_a_vote_is_shown_without_what_it_says(desk: Desk) -> None:
    life = await started(desk)
    await desk.deliver(life.vote(uuid4(), desk.clock.now()))
    desk.clock.move(HOUR)
    await desk.mailer(SmtpRejected(550))
    mail = (await desk.mails(kind="vote_opened"))[0]
    async with desk.client() as client:
        page = await client.get(f"/stab/post/{mail.id}")
        assert page.status_code == 200
        assert "Melding til gruppa" in page.text
        for said in ("emmelig", "Se innholdet", "avstemning"):
            assert said not in page.text
        answer = await client.post(f"/stab/post/{mail.id}/se", data={"_csrf": _token(page.text)})
        assert answer.status_code == 404


def _token(html: str) -> str:
    match = re.search('name="_csrf" value="([^"]+)"', html)
    assert match is not None
    return match[1]


def token_of(purpose: str, id_: UUID) -> str:
    return Links.under_one_key(SecretStr(KEY), LINK_PATHS).token(purpose, id_)


async def test_dissolved_group_is_told_once_and_waits_for_choices(desk: Desk) -> None:
    life = await started(desk)
    now = desk.clock.now()
    first, second, _ = life.group.members
    off = [life.cancelled(week, "dissolved", now=now) for week in range(3)]
    await desk.deliver(*off, life.dissolved(now=now))
    desk.clock.move(HOUR)
    await desk.mailer()
    now = desk.clock.now()
    await desk.deliver(life.way_on(first, "goodbye", now), life.way_on(second, "new_group", now))
    desk.clock.move(HOUR)
    await desk.mailer()
    assert await sent(desk, first) == ["group_started", "dissolved", "way_on"]
    assert await sent(desk, second) == ["group_started", "dissolved", "way_on"]


async def chosen_new_group(desk: Desk, *, with_same_people: bool = False) -> Person:
    """A member of a dissolved group has just chosen a new one."""
    life = await started(desk)
    person = life.group.members[0]
    await desk.deliver(life.dissolved(now=desk.clock.now()))
    desk.clock.move(HOUR)
    await desk.mailer()
    now = desk.clock.now()
    way = life.way_on(person, "new_group", now)
    await desk.deliver(way.model_copy(update={"with_same_people": with_same_people}))
    return person


@pytest.mark.parametrize("with_same_people", [True, False])
async def test_new_group_is_confirmed_with_the_kept_place_in_the_queue(desk: Desk, with_same_people: bool) -> None:
    person = await chosen_new_group(desk, with_same_people=with_same_people)
    (mail,) = await desk.mails(person_id=person.id, kind="way_on")
    contact, now = desk.intake.by_person[person.id], desk.clock.now()
    async with desk.database.transaction() as session:
        content = await mail_queries.content(session, mail_registry(), mail, contact, centres.load(), now)
    assert content is not None
    said = " ".join(renderer().render(content).text.split())
    assert "Du står på ventelisten igjen, med den plassen i køen som du hadde." in said
    assert ("Du vil gjerne møte de samme igjen." in said) == with_same_people
    assert ("Du møter nye folk" in said) != with_same_people
    assert (
        Links.under_one_key(SecretStr(KEY), LINK_PATHS).token("waiting", person.signup_id)
        in renderer().render(content).text
    )


@pytest.mark.parametrize("meanwhile", ["offered", "paused", "withdrawn"])
async def test_new_group_is_not_confirmed_once_it_is_overtaken(desk: Desk, meanwhile: str) -> None:
    person = await chosen_new_group(desk)
    now = desk.clock.now()
    if meanwhile == "offered":
        await desk.deliver(Group([person]).offered(person, now))
    elif meanwhile == "paused":
        await desk.deliver(person.paused(now))
    else:
        await desk.deliver(person.withdrawn(now))
    desk.clock.move(HOUR)
    await desk.mailer()
    (mail,) = await desk.mails(person_id=person.id, kind="way_on")
    assert mail.status in {"dropped", "cancelled"}
    assert mail.reason in {"overtaken", "withdrawn"}


async def test_member_who_left_is_told_and_the_others_are_not(desk: Desk) -> None:
    life = await started(desk)
    first, second, _ = life.group.members
    await desk.deliver(life.left(first, now=desk.clock.now()))
    desk.clock.move(HOUR)
    await desk.mailer()
    assert await sent(desk, first) == ["group_started", "member_left"]
    assert await sent(desk, second) == ["group_started"]


async def test_goodbye_to_a_member_takes_all_meetings_ahead_out_of_the_calendar(desk: Desk) -> None:
    life = await started(desk)
    person = life.group.members[0]
    await desk.deliver(person.withdrawn(desk.clock.now()))
    (mail,) = await desk.mails(person_id=person.id, kind="goodbye")
    async with desk.database.transaction() as session:
        content = await mail_queries.content(
            session, mail_registry(), mail, desk.intake.by_person[person.id], centres.load(), desk.clock.now()
        )
    assert content is not None
    assert {(entry.meeting_id, entry.cancelled) for entry in content.calendar} == {
        (meeting_id, True) for meeting_id in life.meetings.values()
    }
    file = renderer().render(content).calendar
    assert file is not None
    assert (file.method, file.file.count(b"STATUS:CANCELLED")) == ("CANCEL", 3)
