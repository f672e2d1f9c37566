"""The budget of confirmation mails: no form makes a cannon of the mail server, and no sign-up is lost by it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from intake import jobs
from intake.domain.form import mailbox_of_normalized
from intake.submission_worker import SubmissionWorker
from intake.usecases.mail_budget import MailCaps
from shared.reference.limits import PAGE_LINKS
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_meeting_guests import announce, asked, sign_up
from tests.intake.test_own_pages import ask

SPELLINGS = [
    *[f"cannon+{n}@example.org" for n in range(10)],
    "CannoN@example.org",
    "cannon@EXAMPLE.org",
    "CANNON+X+Y@example.org",
]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("kari.nordmann@gmail.com", "k.a.r.i.nordmann+x@GoogleMail.com", True),
        ("karinordmann@gmail.com", "kari..nordmann@gmail.com", True),
        ("Kari+a@example.org", "kari@example.org", True),
        ("ka.ri@example.org", "kari@example.org", False),
        ("kari@gmail.com", "kari@example.org", False),
        ("kari@gmail.com.example", "k.ari@gmail.com.example", False),
    ],
)
def test_mailbox_of_spellings_is_one(one: str, other: str, same: bool) -> None:
    assert (mailbox_of_normalized(one) == mailbox_of_normalized(other)) == same


async def test_spellings_of_one_mailbox_share_its_budget(world: World) -> None:
    for number, email in enumerate(SPELLINGS):
        await world.submit(email=email, slots=[f"{DAYS[number % 7]}-day"])
        if number % 3:
            await world.decide()
    await world.decide()
    assert await world.subjects() == ["received", "received"]
    assert await world.count("confirmations", "asked_at is null") == len(SPELLINGS) - 2
    for dots in ("va.kt@gmail.com", "v.akt@gmail.com", "vakt+1@googlemail.com"):
        await world.signed_up(email=dots)
    assert len(await world.subjects()) == 4


@pytest.mark.asvs("2.3.2")
async def test_mailbox_gets_three_mails_in_a_week(world: World) -> None:
    for day in range(7):
        for time in ("day", "evening"):
            await world.signed_up(slots=[f"{DAYS[day]}-{time}"])
        await jobs.SEND_POSTPONED.run(world.jobs)
        await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)  # what was counted is not forgotten with the sign-up
        world.later(days=1)
    assert (await world.signup_subjects()).count("received") == 3
    world.later(hours=1)
    await world.signed_up(slots=["sat-evening", "mon-day"])
    assert (await world.signup_subjects()).count("received") == 4


async def test_mailbox_budget_is_one_for_all_that_asks_for_confirmation(browser: Browser, world: World) -> None:
    await world.signed_up(email="eva@example.org", slots=["mon-day"])
    await world.signed_up(email="eva@example.org", slots=["tue-day"])
    await announce(world)
    await sign_up(browser, "eva+mote@example.org")
    assert await asked(world) == []


@pytest.mark.asvs("2.3.2")
async def test_mails_of_all_have_an_hourly_cap_and_none_is_lost(world: World) -> None:
    caps = MailCaps(hourly=4)
    context = replace(world.jobs, caps=caps)
    for number in range(10):
        await world.submit(email=f"en{number}@example.org")
    await SubmissionWorker(world.db, world.vault, world.directory, world.clock, caps).decide_all()
    for sent in (4, 4, 8, 8, 10, 10):
        await jobs.SEND_POSTPONED.run(context)
        assert len(await world.subjects()) == sent
        world.later(minutes=31)


async def test_postponed_mail_is_sent_behind_many_that_may_not(world: World) -> None:
    """What may be sent is found however many older ones wait for their own limits."""
    for number in range(3):
        await world.submit(email="full@example.org", slots=[f"{DAYS[number]}-day"])
    await world.decide()
    async with world.transaction() as session:
        copy = """
            INSERT INTO confirmations (confirmation_id, signup_id, person_id, expires_at)
            SELECT gen_random_uuid(), signup_id, person_id, expires_at FROM confirmations, generate_series(1, 1200)
            WHERE asked_at IS NULL
        """
        await session.execute(sa.text(copy))
    free = await world.signed_up(email="free@example.org")
    async with world.transaction() as session:
        await session.execute(
            sa.text(
                "UPDATE confirmations SET asked_at = NULL, confirmation_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'"
                " WHERE signup_id = :free"
            ),
            {"free": free},
        )
    await jobs.SEND_POSTPONED.run(world.jobs)
    assert (await world.subjects()).count("received") == 4
    assert await world.count("confirmations", f"signup_id = '{free}' and asked_at is not null") == 1


@pytest.mark.asvs("2.4.1")
async def test_phone_number_has_one_call_however_often_it_is_posted(world: World) -> None:
    for number in range(6):
        await world.signed_up(email=None, mobile="+4791234567", slots=[f"{DAYS[number]}-day"])
    assert await world.subjects() == ["received"]
    opened = [event for event in await world.task_events() if event.subject.startswith("tasks.opened")]
    assert len(opened) <= 1


async def test_link_limit_per_person_holds(browser: Browser, world: World) -> None:
    await world.confirmed()
    for _ in range(PAGE_LINKS.figure + 2):
        await ask(browser)
    assert await world.count("page_links") == PAGE_LINKS.figure
