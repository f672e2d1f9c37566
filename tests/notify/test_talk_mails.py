"""Mails about the talk with the centre: a time, its reminder, its end, and new times after a call in vain."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar

from notify.domain.content import MailContent
from notify.mails.registry import mail_registry
from notify.store import retention, talks
from shared.events import Event
from shared.events.talks import TalkOutcome
from shared.reference import centres
from shared.timezone import OSLO_TZ
from tests.notify.support.contents import content as make_content
from tests.notify.support.contents import renderer
from tests.notify.support.events import NOON, Person, TalkReason
from tests.notify.support.office import Office
from tests.notify.support.world import Feed

DAY = timedelta(days=1)
STARTS_AT = NOON + 3 * DAY
"""Thursday at noon, Norwegian time."""


def entry(content: MailContent) -> tuple[str, str, int, datetime, str] | None:
    """Return METHOD, UID, SEQUENCE, start and status of the one entry in the calendar file of a mail."""
    attachment = renderer().render(content).calendar
    if attachment is None:
        return None
    calendar = Calendar.from_ical(attachment.file.decode())
    (event,) = calendar.walk("VEVENT")
    assert "ATTENDEE" not in event
    assert str(event["SUMMARY"]) == "Møte"
    return (
        str(calendar["METHOD"]),
        str(event["UID"]),
        int(event.decoded("SEQUENCE")),
        event.decoded("DTSTART").astimezone(UTC),
        str(event["STATUS"]),
    )


async def waiting(feed: Feed) -> tuple[Person, Office]:
    person, office = Person(), Office(feed)
    await feed.deliver(person.ready())
    await office.send()
    office.sent.clear()
    office.contents.clear()
    return person, office


async def test_booking_change_and_end_are_one_calendar_entry(feed: Feed) -> None:
    person, office = await waiting(feed)
    talk_id = uuid4()
    for event in (
        person.talk_booked(talk_id, STARTS_AT),
        person.talk_booked(talk_id, STARTS_AT + DAY, sequence=1),
        person.talk_cancelled(talk_id, "given_up", sequence=2),
    ):
        await feed.deliver(event)
        await office.send()
    assert office.kinds == ["talk_booked", "talk_booked", "talk_cancelled"]
    first, second, third = (entry(content) for content in office.contents)
    assert first is not None
    assert second is not None
    assert third is not None
    assert {first[1], second[1], third[1]} == {first[1]}
    assert [one[0] for one in (first, second, third)] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert first[2] < second[2] < third[2]
    assert (first[3], second[3]) == (STARTS_AT, STARTS_AT + DAY)
    assert third[4] == "CANCELLED"
    subjects = [renderer().render(content).subject for content in office.contents]
    assert subjects == [
        "Vi snakkes torsdag 8. januar 2026 kl. 12.00",
        "Ny tid: vi snakkes fredag 9. januar 2026 kl. 12.00",
        "Avlyst: tiden fredag 9. januar 2026 kl. 12.00",
    ]


async def test_reminder_comes_the_day_before_and_once(feed: Feed) -> None:
    person, office = await waiting(feed)
    await feed.deliver(person.talk_booked(uuid4(), STARTS_AT))
    await office.later(4 * DAY)
    assert office.kinds == ["talk_booked", "talk_tomorrow"]
    at = office.sent[1][0].astimezone(OSLO_TZ)
    assert (at.day, at.hour) == (7, 12)


@pytest.mark.parametrize("hours", [2.5, 6, 12])
async def test_no_reminder_of_a_time_that_is_too_near(feed: Feed, hours: float) -> None:
    person, office = await waiting(feed)
    await feed.deliver(person.talk_booked(uuid4(), NOON + timedelta(hours=hours)))
    await office.later(DAY)
    assert office.kinds == ["talk_booked"]


async def test_moved_talk_is_reminded_of_at_its_new_time(feed: Feed) -> None:
    person, office = await waiting(feed)
    talk_id = uuid4()
    await feed.deliver(person.talk_booked(talk_id, STARTS_AT))
    await office.send()
    await feed.deliver(person.talk_booked(talk_id, STARTS_AT + 4 * DAY, sequence=1))
    await office.later(9 * DAY)
    assert office.kinds == ["talk_booked", "talk_booked", "talk_tomorrow"]
    assert office.contents[-1].starts_at == STARTS_AT + 4 * DAY


async def test_talk_that_the_centre_closed_offers_other_times(feed: Feed) -> None:
    person, office = await waiting(feed)
    talk_id = uuid4()
    await feed.deliver(person.talk_booked(talk_id, STARTS_AT))
    await office.send()
    await feed.deliver(person.talk_cancelled(talk_id, "closed"))
    await office.later(4 * DAY)
    assert office.kinds == ["talk_booked", "talk_cancelled"]
    mail = renderer().render(office.contents[-1])
    assert "Beklager" in mail.text
    assert "/prat/" in mail.text
    assert mail.calendar is not None
    assert mail.calendar.method == "CANCEL"


async def test_time_given_up_before_its_mail_leaves_no_calendar_file(feed: Feed) -> None:
    person, office = await waiting(feed)
    talk_id = uuid4()
    await feed.deliver(person.talk_booked(talk_id, STARTS_AT), person.talk_cancelled(talk_id, "given_up"))
    await office.send()
    assert office.kinds == ["talk_cancelled"]
    assert entry(office.contents[0]) is None


@pytest.mark.parametrize(("end", "kind", "reason"), [("paused", "paused", "paused"), ("withdrawn", "goodbye", "over")])
async def test_pause_and_goodbye_take_the_talk_out_of_the_calendar(
    feed: Feed, end: str, kind: str, reason: TalkReason
) -> None:
    person, office = await waiting(feed)
    talk_id = uuid4()
    await feed.deliver(person.talk_booked(talk_id, STARTS_AT))
    await office.send()
    last: Event = person.paused() if end == "paused" else person.withdrawn()
    await feed.deliver(person.talk_cancelled(talk_id, reason), last)
    await office.later(5 * DAY)
    assert office.kinds == ["talk_booked", kind]  # one receipt for one press, and no reminder
    booked, ended = (entry(content) for content in office.contents)
    assert booked is not None
    assert ended is not None
    assert ended[0] == "CANCEL"
    assert (ended[1], ended[3]) == (booked[1], booked[3])
    assert ended[2] > booked[2]


async def test_pause_without_a_talk_has_no_calendar_file(feed: Feed) -> None:
    person, office = await waiting(feed)
    await feed.deliver(person.paused())
    await office.send()
    assert office.kinds == ["paused"]
    assert renderer().render(office.contents[0]).calendar is None


async def test_offer_after_a_call_in_vain_is_one_mail_by_day(feed: Feed) -> None:
    person, office = await waiting(feed)
    office.now = NOON + timedelta(hours=11)  # 23 in Norway
    await feed.deliver(person.talk_offered(uuid4(), now=office.now))
    await office.later(DAY)
    assert office.kinds == ["talk_offered"]
    assert office.sent[0][0].astimezone(OSLO_TZ).hour == 8
    text = renderer().render(office.contents[0]).text
    assert "/prat/" in text
    assert "sender vi ikke mer om dette" not in text


async def test_last_offer_says_that_it_is_the_last(feed: Feed) -> None:
    person, office = await waiting(feed)
    await feed.deliver(person.talk_offered(uuid4(), 2))
    await office.send()
    assert "sender vi ikke mer om dette" in renderer().render(office.contents[0]).text


async def test_offer_is_not_sent_once_a_time_is_picked(feed: Feed) -> None:
    person, office = await waiting(feed)
    talk_id = uuid4()
    await feed.deliver(person.talk_offered(talk_id), person.talk_booked(talk_id, STARTS_AT))
    await office.send()
    assert office.kinds == ["talk_booked"]


async def test_phone_only_person_has_no_task_beside_intakes(feed: Feed) -> None:
    person = Person()
    talk_id = uuid4()
    await feed.deliver(person.confirmed(awaits=("talk",)), person.talk_booked(talk_id, STARTS_AT))
    await feed.deliver(
        person.talk_cancelled(talk_id, "closed", by_mail=False), person.talk_offered(uuid4(), by_mail=False)
    )
    assert not {"talk_cancelled", "talk_offered"} & {mail.kind for mail in await feed.mails() if mail.delivery.open}


@pytest.mark.parametrize("result", ["clear", "not_now", "referred"])
async def test_held_talk_is_not_reminded_of(feed: Feed, result: TalkOutcome) -> None:
    person, office = await waiting(feed)
    talk_id = uuid4()
    await feed.deliver(person.talk_booked(talk_id, STARTS_AT), person.talk_held(talk_id, result))
    await office.later(4 * DAY)
    assert "talk_tomorrow" not in office.kinds


async def test_goodbye_after_a_referral_thanks_for_the_talk(feed: Feed) -> None:
    person, office = await waiting(feed)
    await feed.deliver(person.talk_held(uuid4(), "referred"), person.withdrawn())
    await office.send()
    text = renderer().render(office.contents[0]).text
    assert "Takk for praten" in text
    assert "Takk for at du sa fra" not in text


async def test_erased_person_has_no_talk_left(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.ready(), person.talk_booked(uuid4(), STARTS_AT), person.erased())
    await feed.deliver(person.talk_booked(uuid4(), STARTS_AT))
    async with feed.database.transaction() as session:
        connection = await session.connection()
        rows = (await connection.exec_driver_sql("SELECT count(*) FROM talks")).scalar_one()
    assert rows == 0


async def test_talk_is_deleted_with_its_signup(feed: Feed) -> None:
    person = Person()
    await feed.deliver(person.ready(), person.talk_booked(uuid4(), STARTS_AT), person.withdrawn())
    async with feed.database.transaction() as session:
        await retention.delete_ended_signups(session, centres.load(), NOON + 2000 * DAY)
        connection = await session.connection()
        assert (await connection.exec_driver_sql("SELECT count(*) FROM talks")).scalar_one() == 0


@pytest.mark.parametrize("kind", ["talk_booked", "talk_cancelled", "talk_offered", "talk_tomorrow"])
def test_mail_about_a_talk_names_no_helper_and_no_meeting_of_a_group(kind: str) -> None:
    spec = mail_registry()[kind]
    assert not spec.offers_seat
    assert not spec.takes_back
    assert spec.calendar_of == "talk" or spec.calendar is None


@pytest.mark.parametrize("centre", [centre.id for centre in centres.load().all])
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_mail_on_the_list_offers_the_talk_where_the_centre_does(centre: str, language: str) -> None:
    mail = renderer().render(make_content("on_the_list", language, centre=centre))
    preset = centres.load().get(centre)
    assert preset is not None
    assert ("/prat/" in mail.text) is (preset.policy.forsamtale == "offered")


def test_mail_before_the_list_leads_to_the_times() -> None:
    for language in ("nb", "nn", "en"):
        mail = renderer().render(make_content("talk_to_come", language, awaits=("talk", "read")))
        assert "/prat/" in mail.text
        assert "/les" in mail.text
    assert "/prat/" not in renderer().render(make_content("talk_to_come", "nb", awaits=("read",))).text


@pytest.mark.parametrize(
    ("address", "where"), [("Storgata 1, 5003 Bergen", "Storgata 1, 5003 Bergen"), (None, "LINK Bergen")]
)
async def test_office_is_the_address_of_the_installation(feed: Feed, address: str | None, where: str) -> None:
    person, office = await waiting(feed)
    await feed.deliver(person.talk_booked(uuid4(), STARTS_AT, way="office"))
    async with feed.database.transaction() as session:
        (mail,) = await feed.mails(kind="talk_booked")
        talk = await talks.get(session, mail.meeting_id or mail.id)
        preset = centres.load().get("link-bergen")
        assert talk is not None
        assert preset is not None
        centre = preset.model_copy(update={"visiting_address": address})
        said = await talks.talk_of_mail(session, mail, talk, centre)
    assert said["place_text"] == where
    assert office.kinds == []
