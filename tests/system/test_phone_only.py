"""People who can only be reached by phone, from the form to the start meeting, through the pages of staff."""

from collections.abc import AsyncIterator

import pytest_asyncio

from devtools.testing.fixtures import Databases
from notify.domain.delivery import SmtpRejected
from notify.domain.refusals import About
from shared.kit.clock import ManualClock
from tests.intake.conftest import _build, _build_keys
from tests.system.support.town import BERIT, Town, TownBrowser, town_on

TODAY = "/stab/"
MOBILE = "+4791234567"


@pytest_asyncio.fixture
async def town(database_url: Databases, manual_clock: ManualClock) -> AsyncIterator[Town]:
    urls = (
        await database_url("intake", _build),
        await database_url("intake_keys", _build_keys),
        await database_url("grouping"),
        await database_url("notify"),
    )
    async with town_on(*urls, manual_clock) as town:
        yield town


async def call_page(town: Town, kind: str) -> str:
    """Return the page of the only open call of a kind, after checking that the list of today leads to it."""
    (mail,) = await town.desk.mails(kind=kind, status="call")
    path = f"/stab/ring/{mail.id}"
    staff = town.browser(BERIT)
    assert path in await staff.open(TODAY)
    return path


async def no_calls(town: Town) -> bool:
    html = await town.browser(BERIT).open(TODAY)
    return await town.desk.mails(status="call") == [] and "/stab/ring/" not in html


async def marit_waits(town: Town) -> TownBrowser:
    """Marit signs up with a number, is called, and says yes."""
    await town.sign_up("Marit", mobile=MOBILE)
    staff = town.browser(BERIT)
    await staff.press(await call_page(town, "address_to_confirm"), "Sa ja, vil være med")
    assert staff.path.startswith(TODAY)
    assert await no_calls(town)
    return staff


async def four_wait(town: Town) -> None:
    """Four people sign up by e-mail and confirm."""
    for name in ("Ane", "Bo", "Cia", "Dag"):
        await town.sign_up(name, email=f"{name.lower()}@example.org")
    await town.confirm_by_mail()


async def state_of_marit(town: Town) -> str:
    rows = await town.rows(
        town.intake.db, "select s.state from signups s join people p using (person_id) where p.email_sealed is null"
    )
    return str(rows[0].state)


async def test_phone_only_person_comes_to_the_start_meeting(town: Town) -> None:
    staff = await marit_waits(town)
    await four_wait(town)

    offer = await call_page(town, "seat_offered")
    assert "Ring Marit" in words_of(await staff.open(offer), staff)
    for said in ("912 34 567", "tirsdag kveld", "Frist"):
        assert said in staff.text
    await staff.press(offer, "Sa ja")
    assert await no_calls(town)
    await town.say_yes_by_mail()

    told = await call_page(town, "group_confirmed")
    assert "tirsdag" in words_of(await staff.open(told), staff)
    await staff.press(told, "Har fått beskjeden")
    assert await no_calls(town)

    (group,) = await town.rows(town.grouping, "select id from groups")
    (meeting,) = await town.rows(town.grouping, "select starts_at from meetings")
    group_path = f"/stab/grupper/{group.id}"
    await staff.open(group_path)
    fields = {"day": f"{meeting.starts_at:%Y-%m-%d}", "clock": "18:30", "place_text": "Strandgaten 6, rom 2"}
    await staff.send(f"{group_path}/mote", **fields)
    (mail,) = await town.desk.mails(status="call")
    address = f"/stab/ring/{mail.id}"
    assert "Strandgaten 6, rom 2" in words_of(await staff.open(address), staff)
    await staff.press(address, "Har fått beskjeden")
    assert await no_calls(town)

    await town.pass_time(seconds=(meeting.starts_at - town.clock.now()).total_seconds() - 20 * 3600)
    await town.flow()
    reminder = await call_page(town, "meeting_tomorrow")
    assert "18.30" in words_of(await staff.open(reminder), staff)
    await staff.press(reminder, "Har fått beskjeden")
    await town.pass_time(days=2)
    assert await state_of_marit(town) == "member"
    assert await no_calls(town)
    readings = await town.rows(town.intake.db, "select distinct reader from contact_readings where purpose = 'call'")
    assert [row.reader for row in readings] == ["berit"]
    entries = await town.rows(town.grouping, "select actor, action from audit_log where action like 'seat.%'")
    assert [tuple(row) for row in entries] == [("berit", "seat.accepted_by_phone")]


async def test_phone_only_person_who_says_no_stays_on_the_list(town: Town) -> None:
    staff = await marit_waits(town)
    await four_wait(town)
    await staff.press(await call_page(town, "seat_offered"), "Sa nei")
    assert await state_of_marit(town) == "ready"
    assert await no_calls(town)


async def test_person_who_never_answers_lapses_as_everybody(town: Town) -> None:
    staff = await marit_waits(town)
    await four_wait(town)
    await town.say_yes_by_mail()
    offer = await call_page(town, "seat_offered")
    for _ in range(2):
        await staff.press(offer, "Prøv igjen")
        assert offer not in staff.html
        await town.pass_time(hours=2)
        assert offer in await staff.open(TODAY)
    assert "Dette er den tredje samtalen." in words_of(await staff.open(offer), staff)
    await staff.press(offer, "Fikk ikke svar, lukk oppgaven")
    assert await no_calls(town)
    await town.pass_time(days=3)
    assert await state_of_marit(town) == "ready"


async def test_refused_address_becomes_a_call(town: Town) -> None:
    await town.sign_up("Marit", email="marit@example.org", mobile=MOBILE)
    await town.confirm_by_mail()
    town.refusing = SmtpRejected(550, About.MAILBOX)
    await town.sign_up("Marit", email="marit@example.org", mobile=MOBILE)
    town.refusing = None
    await four_wait(town)
    (mail, *_) = [mail for mail in await town.desk.mails(kind="seat_offered") if mail.status in {"call", "sent"}]
    assert mail is not None


async def test_person_who_answers_a_mail_by_phone_is_answered_on_the_group_page(town: Town) -> None:
    await four_wait(town)
    await town.sign_up("Eva", email="eva@example.org")
    await town.confirm_by_mail()
    (group,) = await town.rows(town.grouping, "select id from groups")
    staff = town.browser(BERIT)
    text = await staff.press(f"/stab/grupper/{group.id}", "Sa ja")
    assert "har sagt ja" in text
    mail = next(mail for mail in await town.desk.mails(kind="seat_offered", status="sent"))
    assert mail.seat_id is not None


def words_of(_html: str, browser: TownBrowser) -> str:
    return browser.text
