"""
A week of an office of two, at a real browser: whatever needs them is on the list of today, and can be done there.

Set ``SCREENSHOTS`` to a folder to keep a picture of every page.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pytest

from devtools.testing.fixtures import Databases
from selvhjelp.mailbox.faults import Reply
from shared.kit.clock import ManualClock
from shared.kit.dead_letter_task import sync_task
from shared.timezone import OSLO_TZ
from tests.scenarios.support.desk import Desk, Row, desk_of, served
from tests.scenarios.support.people import Participant, signed_in
from tests.scenarios.support.town import URL, Town, running_town

pytestmark = [pytest.mark.browser, pytest.mark.system]

CENTRES: Final = ("link-bergen", "link-oslo")
WARM: Final = "Ingenting venter på deg nå."

PROMISED: Final[Mapping[str, int]] = MappingProxyType(
    {
        "call": 2,
        "talk": 2,
        "information": 2,
        "offer_expiring": 2,
        "group_filling": 3,
        "group_below_minimum": 3,
        "group_to_decide": 2,
        "meeting_lacks_address": 2,
        "meeting_lacks_igangsetter": 3,
        "meeting_without_date": 2,
        "mail_failed": 3,
        "mail_server": 1,
        "area_on_hold": 2,
        "long_wait": 2,
        "dead_letters": 1,
    }
)
"""The most presses from the main button of a row until the task is done."""


@pytest.fixture
async def town(
    database_url: Databases, nats_url: str, manual_clock: ManualClock, tmp_path: Path
) -> AsyncIterator[Town]:
    """The system with the presets, but for a centre that talks with everybody first."""
    presets = resources.files("shared.reference").joinpath("data/centres.yaml").read_text("utf-8")
    centres = presets.replace("reading_gate: required", "reading_gate: required\n      forsamtale: required", 1)
    assert centres != presets
    file = tmp_path / "centres.yaml"
    file.write_text(centres, "utf-8")
    mails = tmp_path / "mails"
    mails.mkdir()
    async with running_town(database_url, nats_url, manual_clock, mails, file) as running:
        yield running


class Office:
    """Two coordinators who share a list, and the kinds of tasks they have done."""

    def __init__(self, town: Town, desks: tuple[Desk, Desk]) -> None:
        self.town, self.berit, self.arne = town, *desks
        self.played: dict[str, set[int]] = {}
        self.new_group: list[Participant] = []

    async def work(self, *expected: str) -> None:
        """Do what is on the list until it is empty; tasks of these kinds must be among it."""
        done: list[str] = []
        while rows := await self.arne.today():
            await self.lists_agree(rows)
            await self.arne.look(f"today-{len(self.played)}")
            row = rows[0]
            self.arne.clicks = 0
            await self.arne.begin(row.task_id)
            await self.arne.look(f"task-{row.kind}")
            await ACTS[row.kind](self, row)
            await self.town.at_rest()
            assert self.arne.clicks <= PROMISED[row.kind], row
            assert row.task_id not in {left.task_id for left in await self.arne.today()}, row
            self.played.setdefault(row.kind, set()).add(self.arne.clicks)
            done.append(row.kind)
        assert WARM in await self.arne.page.locator("main").inner_text()
        await self.arne.look("today-empty")
        assert not Counter(expected) - Counter(done), done

    async def lists_agree(self, rows: list[Row]) -> None:
        """Check that the list and its counts agree, and that the other coordinator sees the same."""
        page = self.arne.page
        pills = [text.split() for text in await page.locator(".pill").all_inner_texts()]
        counts = {" ".join(words): int(number) for *words, number in pills}
        assert counts["Alle"] == counts["Alle slag"] == len(rows), counts
        assert counts["Haster"] == sum(row.urgent for row in rows)
        theirs = {row.task_id for row in await self.berit.today()}
        own = {row.task_id for row in rows if row.kind not in {"dead_letters", "mail_server"}}
        assert theirs == own


Act = Callable[[Office, Row], Awaitable[None]]


async def call(office: Office, row: Row) -> None:
    desk = office.arne
    for label in ("Sa ja", "Har fått beskjeden", "Vil fortsatt"):
        if await desk.page.get_by_role("button", name=label).count():
            return await desk.press(label)
    raise AssertionError(row)


async def hold_talk(office: Office, _row: Row) -> None:
    await office.arne.press("Klar")


async def read_information(office: Office, _row: Row) -> None:
    await office.arne.press("Har lest informasjonen")


async def answer_offer(office: Office, _row: Row) -> None:
    """Press the button of the person whom the task is about; others of the group may have open offers too."""
    office.arne.clicks += 1
    seat = office.arne.page.locator("tr", has=office.arne.page.locator("#of-task"))
    await seat.get_by_role("button", name="Sa ja").click()


async def give_up_filling(office: Office, _row: Row) -> None:
    await office.arne.follow("Avlys gruppa")
    await office.arne.press("Avlys")


async def keep_date(office: Office, _row: Row) -> None:
    await office.arne.press("Behold datoen og let videre")
    await office.arne.press("Ja, behold datoen")


async def start_small(office: Office, _row: Row) -> None:
    await office.arne.page.locator("#reason").fill("De kjenner hverandre nå og vil begynne.")
    await office.arne.press("Start med")


async def give_address(office: Office, _row: Row) -> None:
    await office.arne.page.locator("#place_text").fill("Strandgaten 6, rom 2")
    await office.arne.press("Lagre og gi beskjed")


async def choose_starter(office: Office, _row: Row) -> None:
    """Choose who is free; where nobody is, let the group start without."""
    free = "[name=starters]:not(:checked):not(:disabled)"
    if await office.arne.page.locator(free).count():
        await office.arne.tick(free)
        await office.arne.press("Lagre hvem som starter")
    else:
        await office.arne.press("La gruppa starte uten igangsetter")
        await office.arne.press("Ja, endre det")


async def set_date(office: Office, _row: Row) -> None:
    day = office.town.clock.now() + timedelta(days=20)
    await office.arne.page.locator("#day").fill(f"{day:%Y-%m-%d}")
    await office.arne.page.locator("#clock").fill("18:00")
    await office.arne.press("Lagre og gi beskjed")


async def leave_mail(office: Office, _row: Row) -> None:
    await office.arne.press("La den ligge")
    await office.arne.press("Ja, la den ligge")


async def wait_for_server(office: Office, row: Row) -> None:
    """Do what the sentence says: tell those who run the server, and let the mails go by themselves."""
    assert "Si fra til dem som drifter postserveren" in row.sentence
    await office.town.move(timedelta(minutes=5))


async def resume_area(office: Office, _row: Row) -> None:
    await office.arne.press("Slå på automatikken igjen")


async def note_wait(office: Office, _row: Row) -> None:
    await office.arne.press("Sett, minn meg igjen om 30 dager")


async def drop_letters(office: Office, _row: Row) -> None:
    """Do on the server what the page says."""
    page = office.arne.page
    assert "selvhjelp dead-letters list" in await page.locator("main").inner_text()
    for app in office.town.apps.values():
        service = app.state.service
        async with service.database.transaction() as session:
            for letter in await service.dead_letters.all(session):
                await service.dead_letters.drop(session, letter["id"])
    await tell_of_letters(office.town)


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "call": call,
        "talk": hold_talk,
        "information": read_information,
        "offer_expiring": answer_offer,
        "group_filling": give_up_filling,
        "group_below_minimum": keep_date,
        "group_to_decide": start_small,
        "meeting_lacks_address": give_address,
        "meeting_lacks_igangsetter": choose_starter,
        "meeting_without_date": set_date,
        "mail_failed": leave_mail,
        "mail_server": wait_for_server,
        "area_on_hold": resume_area,
        "long_wait": note_wait,
        "dead_letters": drop_letters,
    }
)


async def tell_of_letters(town: Town) -> None:
    """Run the job about dead letters of each service; it follows the real time."""
    for app in town.apps.values():
        service = app.state.service
        await sync_task(service.database, service.dead_letters, service.task_book, service.name, service.clock)
    await town.at_rest()


async def five(town: Town, slot: str, *names: str, **wishes: Any) -> list[Participant]:
    """Let people with e-mail sign up for a slot and confirm."""
    people = [Participant(town, name, f"{name.lower()}@example.org") for name in names]
    for person in people:
        await person.sign_up(slots=[slot], **wishes)
        await person.confirm()
    return people


def moment(day: int, hour: int) -> datetime:
    """Return an hour in Oslo of a day in April."""
    return datetime(2026, 4, day, hour, tzinfo=OSLO_TZ)


async def ordinary_work(office: Office, path: str, /, *buttons: str, **values: str) -> None:
    """Fill in a page that no task asks for, and press a button there, and that of the question that follows."""
    desk = office.berit
    await desk.today()
    await desk.page.goto(f"{URL}{path}")
    for name, value in values.items():
        boxes = desk.page.locator(f"[name={name}][type=checkbox]")
        if await boxes.count():
            for choice in value.split():
                await desk.page.locator(f"[name={name}][value={choice}]").check()
        elif await desk.page.locator(f"select[name={name}]").count():
            await desk.page.locator(f"[name={name}]").select_option(value)
        else:
            await desk.page.locator(f"[name={name}]").fill(value)
    for button in buttons:
        await desk.press(button)
    await office.town.at_rest()


async def group_of(town: Town, slot: str) -> str:
    """Return the id of the newest group of a slot."""
    row = (await town.rows("grouping", "SELECT id FROM groups WHERE slot = $1 ORDER BY created_at DESC", slot))[0]
    return f"/stab/grupper/{row['id']}"


async def leave(town: Town, person: Participant) -> None:
    """Open the link of the seat and give it up."""
    page = await person.say("no")
    assert page.status == 200, page.text


async def test_every_task_of_a_week_is_done_from_the_list(town: Town) -> None:
    await Participant(town, "Vigdis", "vigdis@example.org").sign_up(slots=["sun-morning"])
    await Participant(town, "Vigdis", "vigdis@example.org").confirm()
    town.clock.move(timedelta(days=93))
    await town.run_jobs()
    await town.at_rest()
    friday = await five(town, "fri-evening", "Ada", "Bo", "Cia", "Dag", "Eva")
    for person in friday:
        await person.press_link("plass", "Ja")
    looking = await five(town, "thu-evening", "Frid", "Gro", "Hege", "Ivar", "Jon")
    for person in looking[:3]:
        await person.press_link("plass", "Ja")
    await looking[3].press_link("plass", "Nei")
    await town.move_to(moment(13, 8))

    async with served(town) as browser:
        desks = (
            await desk_of(town, browser, "berit", *CENTRES),
            await desk_of(town, browser, "arne", *CENTRES, role="koordinator admin"),
        )
        office = Office(town, desks)
        for day in (monday, tuesday, wednesday, thursday, the_last_day):
            await day(office, friday)
    assert set(office.played) == set(PROMISED)


async def monday(office: Office, _friday: list[Participant]) -> None:
    """A meeting lacks what it needs, somebody has only a phone, and somebody has waited for long."""
    town = office.town
    await ordinary_work(
        office,
        "/stab/igangsettere/ny",
        "Lagre",
        centre="link-bergen",
        label="Den blå",
        place="5003",
        reach_km="30",
        slots="mon-evening tue-evening",
        languages="nb",
        groups_at_once="2",
    )
    await Participant(town, "Marit", mobile="+4791234567").sign_up(slots=["wed-morning"])
    await office.work("call", "long_wait", "meeting_lacks_address", "meeting_lacks_igangsetter")


async def tuesday(office: Office, _friday: list[Participant]) -> None:
    """A proposal gives up, a pre-talk is due, and a mailbox and our own mail server refuse mails."""
    town = office.town
    await town.move_to(moment(14, 9))
    office.new_group = await five(town, "tue-evening", "Kaia", "Liv", "Mona", "Nils", "Odd")
    for person in office.new_group[:4]:
        await person.press_link("plass", "Ja")
    phone = await signed_in(town, "cecilie", *CENTRES)
    await phone.open("/stab/pamelding")
    await phone.press("Gå videre", place="0150")
    consent = phone.page.version("consent")
    await phone.press(
        "Meld på",
        first_name="Turid",
        mobile="92345678",
        slots=["mon-day"],
        max_travel_km="20",
        languages=["nb"],
        adult="true",
        consent=consent,
    )
    await town.at_rest()
    town.faults.add(Reply(kind="reply", code=550, text="5.1.1 No such user", stage="rcpt"))
    await Participant(town, "Per", "per@example.org").sign_up(slots=["sat-day"])
    town.faults.add(Reply(kind="reply", code=550, text="5.7.1 Sender refused", stage="mail"))
    await Participant(town, "Pia", "pia@example.org").sign_up(slots=["sat-day"])
    await office.work("group_filling", "area_on_hold", "talk", "information", "mail_failed", "mail_server")


async def wednesday(office: Office, friday: list[Participant]) -> None:
    """The group of Friday loses a member too late for others to come; a new group is asked."""
    town = office.town
    await town.move_to(moment(15, 9))
    await leave(town, friday[0])
    await office.work("group_to_decide")


async def thursday(office: Office, friday: list[Participant]) -> None:
    """The group of Friday must be put off, and a fifth person has still to answer."""
    town = office.town
    await town.move_to(moment(16, 9))
    await ordinary_work(office, await group_of(town, "fri-evening"), "Utsett møtet", "Ja, utsett møtet")
    await office.work("meeting_without_date", "offer_expiring", "meeting_lacks_address")


async def the_last_day(office: Office, friday: list[Participant]) -> None:
    """The new group loses a member, an area is on hold, and an event could not be handled."""
    town = office.town
    await town.move_to(moment(17, 9))
    await ordinary_work(office, "/stab/omrader/bergen", "Sett området på vent")
    await leave(town, office.new_group[0])
    await town.broker.jetstream().publish("signups.ready.v1", b"{}")
    await town.at_rest()
    await tell_of_letters(town)
    await office.work("area_on_hold", "dead_letters", "group_below_minimum")
