"""A message from the centre: written, previewed, sent once, taken back; to those who belong to its audience then."""

import asyncio
import re
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from notify.domain.centre_messages import MOST_IN_A_DAY, READ_INSTEAD, Audience, CentreMessage, Words
from notify.domain.delivery import SmtpRejected
from notify.domain.refusals import About
from notify.jobs import delete_expired
from notify.mails.registry import mail_registry
from notify.store import audit_log, outbox
from notify.usecases import centre_messages as usecases
from notify.usecases.centre_messages import Draft
from shared.events import Event
from shared.events.people import IgangsetterChanged
from shared.kit.audit import Actor
from shared.kit.clock import ManualClock
from shared.kit.i18n import LOCALES
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.reference.areas import DIGITAL_TEXTS
from tests.notify.support.browser import OLA
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import NOON, Group, Person, stamp
from tests.notify.support.group_life import GroupLife
from tests.notify.support.world import World, has_status, inbox_of
from tests.shared.support.eventually import eventually

LIST = "/stab/meldinger"
WORDS = {"subject_nb": "Huset er stengt", "body_nb": "Huset er stengt på torsdag.\n\nVi flytter til biblioteket."}
KIND = "centre_message"


class Counter:
    """The counter of a centre: staff who write, send and take back messages."""

    def __init__(self, desk: Desk, member: StaffMember | None = None) -> None:
        self.desk = desk
        self.client = desk.client() if member is None else desk.client(member)

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    async def post(self, page: str, action: str, /, **fields: object) -> httpx.Response:
        html = (await self.client.get(page)).text
        form = re.search(rf'action="{action}"(.*?)</form>', html, re.DOTALL)
        assert form, (page, action)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.group(1)))
        return await self.client.post(action, data=hidden | {"_sure": "ja"} | fields)

    async def written(self, to: str, **texts: str) -> str:
        """Write a message, and return the path of its page."""
        answer = await self.post(f"{LIST}/ny", f"{LIST}/ny", to=to, **(texts or WORDS))
        assert answer.status_code == 303, words(answer.text)
        return answer.headers["location"]

    async def sent(self, to: str, **texts: str) -> str:
        path = await self.written(to, **texts)
        assert (await self.post(path, f"{path}/send")).status_code == 303
        return path


def to_group(group: Group) -> str:
    return f"gruppe:{group.id}"


async def waiting(desk: Desk, *people: Person, by_mail: bool = True) -> None:
    for person in people:
        desk.intake.add(person, email="" if by_mail else None)
        await desk.deliver(person.received(by_mail=by_mail), person.confirmed(), person.ready())


async def group_of(desk: Desk, *people: Person) -> Group:
    """A group in which these people have said yes; their earlier mails have left."""
    await waiting(desk, *people)
    group = Group(people)
    for person in people:
        await desk.deliver(group.offered(person), group.taken(person))
    await desk.deliver(group.called())
    await desk.mailer()
    desk.left.clear()
    return group


def got(desk: Desk) -> list[str]:
    return sorted(email for kind, email, _ in desk.left if kind == KIND)


async def after_undo(desk: Desk, clock: ManualClock, minutes: int = 11) -> None:
    clock.set(clock.now() + timedelta(minutes=minutes))
    await desk.mailer()


@pytest.fixture
def noon(manual_clock: ManualClock) -> datetime:
    manual_clock.set(NOON)
    return NOON


async def test_message_to_group_waits_and_goes_to_each_alone(
    desk: Desk, noon: datetime, manual_clock: ManualClock
) -> None:
    people = [Person(), Person(), Person()]
    group = await group_of(desk, *people)
    staff = Counter(desk)
    path = await staff.written(to_group(group))
    page = words(await staff.get(path))
    assert "Får e-post 3 Har bare telefon, dere ringer 0" in page
    assert "Vi flytter til biblioteket." in page
    await desk.mailer()
    assert await desk.mails(kind=KIND) == []
    assert (await staff.post(path, f"{path}/send")).status_code == 303
    assert len(await desk.mails(kind=KIND)) == 3
    await desk.mailer()
    assert got(desk) == []
    assert "Ingen har fått den ennå" in words(await staff.get(path))
    await after_undo(desk, manual_clock)
    assert got(desk) == sorted(desk.intake.address(person) for person in people)
    assert "Sendt 3" in words(await staff.get(path))


async def test_double_send_is_one_message(desk: Desk, noon: datetime) -> None:
    group = await group_of(desk, Person(), Person())
    staff = Counter(desk)
    path = await staff.written(to_group(group))
    html = await staff.get(path)
    form = re.search(rf'action="{path}/send"(.*?)</form>', html, re.DOTALL)
    assert form
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.group(1)))
    answers = await asyncio.gather(*(staff.client.post(f"{path}/send", data=fields) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len(await desk.mails(kind=KIND)) == 2
    async with desk.database.transaction() as session:
        acts = [entry.action for entry in await audit_log.entries_of(session, "message", path.rpartition("/")[2])]
    assert acts == ["message.sent", "message.written"]


async def test_taken_back_message_reaches_nobody(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    group = await group_of(desk, Person(), Person())
    staff = Counter(desk)
    path = await staff.sent(to_group(group))
    assert (await staff.post(path, f"{path}/trekk-tilbake")).status_code == 303
    await after_undo(desk, manual_clock)
    assert got(desk) == []
    page = words(await staff.get(path))
    assert "trukket tilbake" in page
    assert "Fikk den ikke likevel 2" in page
    assert f"{path}/send" not in await staff.get(path)


async def test_sent_message_cannot_be_taken_back(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    group = await group_of(desk, Person())
    staff = Counter(desk)
    path = await staff.sent(to_group(group))
    html = await staff.get(path)
    token = re.search(rf'action="{path}/trekk-tilbake".*?name="_csrf" value="([^"]+)"', html, re.DOTALL)
    assert token
    await after_undo(desk, manual_clock)
    answer = await staff.client.post(f"{path}/trekk-tilbake", data={"_csrf": token.group(1), "_sure": "ja"})
    assert "Alle har fått meldingen" in words(answer.text)
    assert len(got(desk)) == 1


async def test_who_left_the_group_meanwhile_gets_nothing(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    stays, leaves, erased = Person(), Person(), Person()
    group = await group_of(desk, stays, leaves, erased)
    path = await Counter(desk).sent(to_group(group))
    await desk.deliver(group.released(leaves, "declined"), erased.erased())
    await after_undo(desk, manual_clock)
    assert got(desk) == [desk.intake.address(stays)]
    assert "Fikk den ikke likevel 1" in words(await Counter(desk).get(path))


async def test_area_message_reaches_those_who_wait_there(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    waits, phone, paused, placed, elsewhere = Person(), Person(), Person(), Person(), Person()
    await waiting(desk, waits, paused, placed)
    await waiting(desk, phone, by_mail=False)
    desk.intake.add(elsewhere)
    moved = elsewhere.ready().model_copy(update={"area": "oslo", "kommune": "0301"})
    await desk.deliver(elsewhere.received(), elsewhere.confirmed(), moved, paused.paused())
    await desk.mailer()
    desk.left.clear()
    staff = Counter(desk)
    path = await staff.written("omrade:bergen")
    page = words(await staff.get(path))
    assert "Får e-post 2" in page
    assert "Har bare telefon, dere ringer 1" in page
    assert "Har tatt en pause, får ingenting 1" in page
    assert (await staff.post(path, f"{path}/send")).status_code == 303
    group = Group([placed])
    await desk.deliver(group.offered(placed), group.taken(placed))
    await after_undo(desk, manual_clock)
    assert got(desk) == [desk.intake.address(waits)]
    assert await desk.open_calls(phone) == sorted({KIND, *await desk.open_calls(phone)})
    call = await desk.call(phone, KIND)
    assert "Vi flytter til biblioteket." in words(await desk.page(call.id))
    (leave,) = [content for kind, _, content in desk.left if kind == KIND]
    assert desk.deps.renderer.render(leave).leave_url is not None


async def test_refused_address_becomes_a_call(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    person = Person()
    await waiting(desk, person)
    await desk.mailer(SmtpRejected(550, About.MAILBOX))
    await desk.deliver(person.changed())
    await desk.deliver(person.texts_asked("consent", now=manual_clock.now()))
    await desk.mailer(SmtpRejected(550, About.MAILBOX))
    path = await Counter(desk).written("omrade:bergen")
    assert "Tar ikke imot e-post fra oss, dere ringer 1" in words(await Counter(desk).get(path))


async def test_igangsettere_of_own_centre_get_it(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    ours, phone, stopped, theirs = Person(), Person(), Person(), Person()
    for number, (person, centre, active, by_mail) in enumerate(
        [
            (ours, "link-bergen", True, True),
            (phone, "link-bergen", True, False),
            (stopped, "link-bergen", False, True),
            (theirs, "link-oslo", True, True),
        ],
        1,
    ):
        desk.intake.add(person, email="" if by_mail else None)
        fields = {"account_id": person.id, "version": number, "centre": centre, "active": active}
        event = IgangsetterChanged(
            **stamp(IgangsetterChanged, person.id, NOON), **fields, by_mail=by_mail, language="nb"
        )
        await desk.deliver(event)
    path = await Counter(desk).written("igangsettere:link-bergen")
    assert "Får e-post 1 Har bare telefon, dere ringer 1" in words(await Counter(desk).get(path))
    await Counter(desk).post(path, f"{path}/send")
    await after_undo(desk, manual_clock)
    assert got(desk) == [desk.intake.address(ours)]
    assert await desk.open_calls(phone) == [KIND]


async def test_group_on_its_own_gets_no_message(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    people = [Person(), Person(), Person()]
    group = await group_of(desk, *people)
    staff, life = Counter(desk), GroupLife(group)
    draft = await staff.written(to_group(group))
    sent = await staff.sent(to_group(group))
    await desk.deliver(group.started(), life.handed_over("opt_in"))
    await after_undo(desk, manual_clock)
    assert got(desk) == []
    assert "Fikk den ikke likevel 3" in words(await staff.get(sent))
    assert "Gruppa går for seg selv" in words(await staff.get(draft))
    assert to_group(group) not in await staff.get(f"{LIST}/ny")
    assert "Gruppa går for seg selv" in words(await staff.get(f"{LIST}/ny?gruppe={group.id}"))
    answer = await staff.post(f"{LIST}/ny", f"{LIST}/ny", to=to_group(group), **WORDS)
    assert answer.status_code == 422
    assert "Gruppa går for seg selv" in words(answer.text)
    assert WORDS["subject_nb"] in answer.text


async def test_group_is_called_by_its_place_alone(desk: Desk, noon: datetime) -> None:
    bergen = desk.deps.directory.current().get("link-bergen")
    assert bergen
    names = {
        "Biblioteket, rom 2": "Biblioteket, rom 2",
        f"Bergen sentrum. {bergen.meeting_place['nb']}": "Bergen sentrum",
        bergen.meeting_place["nn"]: "Bergen og omegn",
        "Strandgaten 6.": "Strandgaten 6",
        DIGITAL_TEXTS["nn"]: "På nett",
    }
    for place in names:
        person = Person()
        await waiting(desk, person)
        group = Group([person])
        await desk.deliver(group.offered(person), group.taken(person), group.called(place=place))
    page = await Counter(desk).get(f"{LIST}/ny")
    for name in names.values():
        assert f"Gruppa {name}, tirsdag kveld, 13. jan." in page


async def test_night_keeps_a_message_until_morning(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    group = await group_of(desk, Person())
    manual_clock.set(NOON.replace(hour=20, minute=55))  # 21:55 in Oslo
    path = await Counter(desk).sent(to_group(group))
    await after_undo(desk, manual_clock)
    assert got(desk) == []
    assert "Stopp det som ikke er sendt" in words(await Counter(desk).get(path))
    manual_clock.set(NOON + timedelta(days=1))
    await desk.mailer()
    assert len(got(desk)) == 1


async def test_eleventh_message_of_a_day_waits(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    group = await group_of(desk, Person())
    staff = Counter(desk)
    for _ in range(MOST_IN_A_DAY):
        await staff.sent(to_group(group))
    last = await staff.written(to_group(group))
    assert "sendt 10 meldinger det siste døgnet" in words(await staff.get(last))
    assert f"{last}/send" not in await staff.get(last)
    manual_clock.set(NOON + timedelta(days=1, minutes=1))
    assert (await staff.post(last, f"{last}/send")).status_code == 303


async def test_changed_draft_must_be_read_again(desk: Desk, noon: datetime) -> None:
    group = await group_of(desk, Person())
    staff = Counter(desk)
    path = await staff.written(to_group(group))
    html = await staff.get(path)
    form = re.search(rf'action="{path}/send"(.*?)</form>', html, re.DOTALL)
    assert form
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.group(1)))
    changed = await staff.post(f"{path}/endre", f"{path}/endre", to=to_group(group), **WORDS | {"body_nb": "Ny tekst."})
    assert changed.status_code == 303
    answer = await staff.client.post(f"{path}/send", data=fields)
    assert "Noen har endret meldingen" in words(answer.text)
    assert await desk.mails(kind=KIND) == []
    assert (await staff.post(path, f"{path}/slett")).headers["location"] == LIST
    await staff.get(path, 404)


REFUSED = (
    ("body_nb", "Skriv <b>tydelig</b>.", "er en kode"),
    ("body_nb", "Les mer på https://annet.example/gruppe nå.", "bare lenker og adresser til senteret selv"),
    ("body_nb", "Svar til kari@gmail.com i dag.", "bare lenker og adresser til senteret selv"),
    ("body_nb", "Hvorfor vil du være med?", "Vi spør aldri hvorfor"),
    ("body_nb", "Fortell om det som er vanskelig.", "Vi spør aldri hvorfor"),
    ("subject_nb", "Nytt om selvhjelpsgruppa", "låst skjerm"),
    ("body_nb", "Gruppa di møtes et annet sted.", "låst skjerm"),
    ("subject_nb", "", "Skriv emnet også på dette språket"),
    ("subject_nb", "x" * 71, "70"),
    ("to", "gruppe:ingen", "Velg hvem meldingen er til"),
    ("to", "omrade:oslo", "Velg hvem meldingen er til"),
    ("to", "igangsettere:link-oslo", "Velg hvem meldingen er til"),
)


async def test_form_says_what_to_put_right(desk: Desk, noon: datetime) -> None:
    staff = Counter(desk)
    for field, text, sentence in REFUSED:
        fields = {"to": "igangsettere:link-bergen"} | WORDS | {field: text}
        answer = await staff.post(f"{LIST}/ny", f"{LIST}/ny", **fields)
        assert answer.status_code == 422, text
        assert sentence in words(answer.text)
        assert f'id="{field}-error"' in answer.text
        kept = fields["subject_nb"] if field != "subject_nb" else fields["body_nb"]
        assert kept.splitlines()[0] in answer.text


async def test_own_address_and_own_page_may_stand_in_it(desk: Desk, noon: datetime) -> None:
    text = "Se https://www.link-bergen.example/tider, eller skriv til post@link-bergen.example."
    path = await Counter(desk).written("igangsettere:link-bergen", subject_nb="Nye tider", body_nb=text)
    assert text in words(await Counter(desk).get(path))


async def test_other_centre_cannot_see_it(desk: Desk, noon: datetime) -> None:
    group = await group_of(desk, Person())
    path = await Counter(desk).sent(to_group(group))
    other = Counter(desk, OLA)
    for page in (path, f"{path}/endre", f"{LIST}/ny?gruppe={group.id}"):
        await other.get(page, 404)
    for act in ("endre", "send", "slett", "trekk-tilbake"):
        answer = await other.client.post(f"{path}/{act}", data={"_csrf": "x", "revision": "1"})
        assert answer.status_code == 404, act
    assert path not in await other.get(LIST)
    assert to_group(group) not in await other.get(f"{LIST}/ny")
    assert len(await desk.mails(kind=KIND, status="queued")) == 1


async def test_page_shows_no_address(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    people = [Person(), Person()]
    group = await group_of(desk, *people)
    path = await Counter(desk).sent(to_group(group))
    await after_undo(desk, manual_clock)
    pages = [await Counter(desk).get(page) for page in (path, LIST)]
    assert not [person for person in people for page in pages if desk.intake.address(person) in page]
    assert all(str(person.id) not in page for person in people for page in pages)


@pytest.mark.parametrize("written", [("nb",), ("nn",), ("en",), ("nb", "en"), ("nn", "en"), LOCALES])
def test_reader_gets_a_written_language(written: tuple[str, ...]) -> None:
    texts = {language: Words(language, language) for language in written}
    message = CentreMessage(uuid4(), "link-bergen", Audience.GROUP, texts)
    for reader in LOCALES:
        given = message.language_for(reader)
        assert given in written
        assert given == reader or reader not in written
        assert next(language for language in READ_INSTEAD[reader] if language in written) == given


async def test_mail_says_in_which_language_the_words_are(desk: Desk, noon: datetime, manual_clock: ManualClock) -> None:
    group = await group_of(desk, Person(language="en"), Person(language="nn"))
    staff = Counter(desk)
    path = await staff.written(to_group(group))
    page = words(await staff.get(path))
    assert "1 person leser engelsk og får meldingen på bokmål." in page
    assert "1 person leser nynorsk og får meldingen på bokmål." in page
    assert (await staff.post(path, f"{path}/send")).status_code == 303
    mails = {mail.language for mail in await desk.mails(kind=KIND)}
    assert mails == {"en", "nn"}
    await after_undo(desk, manual_clock)
    (english,) = [content for kind, _, content in desk.left if kind == KIND and content.language == "en"]
    rendered = desk.deps.renderer.render(english)
    assert 'lang="en"' in rendered.html
    assert '<span lang="nb">Vi flytter til biblioteket.</span>' in rendered.html
    assert "Hello, Kari." in rendered.text


@pytest.mark.parametrize("seed", range(5))
async def test_where_people_wait_follows_in_any_order(desk: Desk, noon: datetime, seed: int) -> None:
    person = desk.intake.add(Person())
    events: list[Event] = [person.received(by_mail=False), person.confirmed(), person.ready()]
    events.append(person.changed().model_copy(update={"area": "oslo", "kommune": "0301"}))
    events.append(person.contact_changed(NOON + timedelta(hours=1), by_mail=True))
    events.append(person.changed(NOON + timedelta(hours=2)))
    Random(seed).shuffle(events)
    await desk.deliver(*events)
    page = words(await Counter(desk).get(await Counter(desk).written("omrade:bergen")))
    assert "Får e-post 1 Har bare telefon, dere ringer 0" in page


async def test_old_messages_are_deleted_after_their_mails(
    desk: Desk, noon: datetime, manual_clock: ManualClock
) -> None:
    group = await group_of(desk, Person())
    sent, draft = await Counter(desk).sent(to_group(group)), await Counter(desk).written(to_group(group))
    await after_undo(desk, manual_clock)
    manual_clock.set(NOON + timedelta(days=31))
    for _ in range(2):
        await delete_expired(desk.database, manual_clock, desk.deps.directory)
    await Counter(desk).get(sent, 404)
    await Counter(desk).get(draft, 404)


async def test_message_leaves_to_one_recipient_each(world: World) -> None:
    """Over a real broker and mail server; nothing of it is in an event."""
    people = [world.intake.add(Person()) for _ in range(3)]
    group, clock = Group(people), world.clock
    for person in people:
        await world.deliver(person.received(), person.confirmed(), person.ready())
        await world.deliver(group.offered(person), group.taken(person))
    actor = Actor("kari", clock.now(), Cause.fresh())
    texts = {"nb": Words("Huset er stengt", "Vi flytter til biblioteket.")}
    draft = Draft("link-bergen", Audience.GROUP, texts, group_id=group.id)
    async with world.database.transaction() as session:
        message_id = await usecases.write(session, draft, actor=actor)
        await usecases.send(session, mail_registry(), message_id, 1, actor=actor)
    clock.set(max(clock.now(), NOON) + timedelta(minutes=11))
    for person in people:
        await eventually(has_status(world, person, KIND, "sent"))
    messages = [
        next(mail for mail in inbox_of(world, person) if mail["Subject"] == "Huset er stengt") for person in people
    ]
    for person, mail in zip(people, messages, strict=True):
        assert mail["To"] == world.intake.address(person)
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"].startswith("<https://senter.example/meld-av/")
        others = [world.intake.address(other) for other in people if other is not person]
        assert not [address for address in others if address in mail.as_string()]
    assert len({mail["Message-ID"] for mail in messages}) == 3
    async with world.database.transaction() as session:
        events = [bytes(row) for row in (await session.execute(sa.select(outbox.table.c.payload))).scalars()]
    assert not [event for event in events if b"biblioteket" in event or b"@" in event]
