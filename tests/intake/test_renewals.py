"""A waiting person is asked after eleven months, answers with a button, and can pause for as long as needed."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from intake import jobs
from intake.domain.signups import SignupState
from intake.store import Signup
from intake.usecases import group_events, pauses, renewals
from intake.usecases.register import register_by_phone
from shared.errors import DomainError
from shared.events import groups, signups
from shared.kit.messaging.causes import Cause
from tests.intake.support.browser import Browser
from tests.intake.support.world import World

ASKED_AFTER = timedelta(days=335)
KEPT = timedelta(days=365)
SECOND = timedelta(seconds=1)


async def run_jobs(world: World) -> None:
    """Run each job twice; the second run must change nothing."""
    for job in (jobs.ASK_RENEWALS, jobs.WITHDRAW_UNANSWERED):
        for _ in range(2):
            await job.run(world.jobs)


def link(browser: Browser, signup_id: UUID) -> str:
    return str(browser.app.state.deps.links.url("", "nb", "still_waiting", signup_id))


async def press(browser: Browser, signup_id: UUID, answer: str, **fields: str) -> str:
    page = await browser.get(link(browser, signup_id))
    done = await browser.send(page, 0, svar=answer, **fields)
    if done.status_code != 303:
        return done.text
    return (await browser.get(done.headers["location"])).text


async def test_year_of_waiting_asks_once_and_withdraws_without_answer(world: World) -> None:
    signup_id = await world.confirmed()
    world.clock.move(ASKED_AFTER - SECOND)
    await run_jobs(world)
    assert (await world.subjects())[-1] == "ready"
    world.clock.move(SECOND)
    await run_jobs(world)
    asked = (await world.events())[-1]
    assert isinstance(asked, signups.RenewalAsked)
    assert (signup_id, timedelta(days=30)) == (asked.signup_id, asked.deadline - asked.occurred_at)
    world.clock.move(KEPT - ASKED_AFTER - SECOND)
    await run_jobs(world)
    assert (await world.subjects())[-1] == "renewal_asked"
    world.clock.move(SECOND)
    await run_jobs(world)
    withdrawn = (await world.events())[-1]
    assert isinstance(withdrawn, signups.Withdrawn)
    assert withdrawn.reason == "no_answer"
    assert (await world.subjects()).count("renewal_asked") == 1


async def test_stay_button_begins_the_year_again(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    for _ in range(3):
        world.clock.move(ASKED_AFTER)
        await run_jobs(world)
        assert (await world.subjects())[-1] == "renewal_asked"
        before = len(await world.events())
        await browser.get(link(browser, signup_id))
        assert len(await world.events()) == before
        assert "du er fortsatt med" in await press(browser, signup_id, "bli")
        world.clock.move(KEPT - ASKED_AFTER + SECOND)
        await run_jobs(world)
    assert (await world.subjects())[3:] == ["renewal_asked", "renewed"] * 3


async def test_question_after_standstill_leaves_time_to_answer(world: World) -> None:
    await world.confirmed()
    world.clock.move(3 * KEPT)
    await run_jobs(world)
    assert (await world.subjects())[-1] == "renewal_asked"
    world.clock.move(KEPT - ASKED_AFTER)
    await run_jobs(world)
    assert (await world.subjects())[-1] == "withdrawn"


async def test_taken_seat_counts_as_an_answer(world: World) -> None:
    signup_id = await world.confirmed()
    world.clock.move(ASKED_AFTER)
    await run_jobs(world)
    seat = groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=uuid4(), language="nb")
    taken = groups.SeatTaken(
        **Cause.fresh().stamp(groups.SeatTaken, "x", world.clock.now()),
        group_id=uuid4(), version=1, centre="link-bergen", area="bergen", seat=seat,
    )  # fmt: skip
    for state, version in ((SignupState.SEATED, 1), (SignupState.READY, 2)):
        event = taken.model_copy(update={"version": version})
        async with world.transaction() as session:
            await group_events.record_seat_change(session, event, [seat], state, now=world.clock.now())
    world.clock.move(KEPT - ASKED_AFTER)
    await run_jobs(world)
    assert (await world.subjects())[-1] == "renewal_asked"
    assert await world.count("signups", "state = 'ready'") == 1


async def test_paused_person_is_neither_asked_nor_withdrawn(world: World) -> None:
    signup_id = await world.confirmed()
    async with world.transaction() as session:
        await pauses.pause(session, signup_id, now=world.clock.now(), cause=Cause.fresh())
    world.clock.move(5 * KEPT)
    await run_jobs(world)
    await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)
    assert (await world.subjects())[-1] == "paused"
    assert await world.count("people") == 1


async def test_pause_and_return_asks_for_consent_again(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    since = world.clock.now()
    assert "Du har pause" in await press(browser, signup_id, "pause")
    world.later(days=400)
    refused = await press(browser, signup_id, "tilbake")
    assert "Kryss av for samtykket" in refused
    assert (await world.subjects())[-1] == "paused"
    version = world.location().centre.policy.consent_version
    assert "Velkommen tilbake" in await press(browser, signup_id, "tilbake", consent=version)
    resumed = (await world.events())[-1]
    assert isinstance(resumed, signups.Resumed)
    assert (await world.rows("select signed_up_at, paused_at from signups")) == [(since, None)]
    assert await world.count("consents", f"given_at = '{world.clock.now().isoformat()}'") == 1
    await run_jobs(world)
    assert (await world.subjects())[-1] == "resumed"


@pytest.mark.parametrize("answer", ["bli", "pause", "tilbake"])
async def test_answer_twice_ends_in_the_same_state(browser: Browser, world: World, answer: str) -> None:
    signup_id = await world.confirmed()
    version = world.location().centre.policy.consent_version
    page = await browser.get(link(browser, signup_id))
    for _ in range(2):
        await browser.send(page, 0, svar=answer, consent=version)
    events = (await world.subjects())[3:]
    assert set(events) == {"bli": {"renewed"}, "pause": {"paused"}, "tilbake": set()}[answer]
    assert events.count("paused") <= 1


async def test_pause_with_a_seat_says_first_that_it_is_lost(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    lost = "går den videre til en annen"
    assert lost not in (await browser.get(link(browser, signup_id))).text
    async with world.transaction() as session:
        row = await session.get_one(Signup, signup_id)
        row.state, row.group_id, row.group_version, row.placed_at = "seated", uuid4(), 1, world.clock.now()
    assert lost in (await browser.get(link(browser, signup_id))).text


@pytest.mark.parametrize("state", ["unconfirmed", "withdrawn", "erased", "started"])
async def test_link_of_person_who_does_not_wait_changes_nothing(browser: Browser, world: World, state: str) -> None:
    signup_id = await (world.signed_up() if state == "unconfirmed" else world.confirmed())
    page = await browser.get(link(browser, signup_id))
    if state == "withdrawn":
        await world.withdraw(signup_id)
    elif state == "erased":
        await world.erase(await world.person_of(signup_id))
    elif state == "started":
        async with world.transaction() as session:
            row = await session.get_one(Signup, signup_id)
            row.state, row.group_id, row.group_version, row.placed_at = "member", uuid4(), 1, world.clock.now()
    before = await world.subjects()
    action = link(browser, signup_id)
    for answer in ("bli", "pause"):
        if page.text.count("<form"):
            await browser.send(page, 0, action, svar=answer)
    assert before == await world.subjects()
    shown = (await browser.get(action)).text
    assert 'value="bli"' not in shown
    assert (await browser.get(action[:-2] + "xx")).status_code == 404


async def test_staff_renew_pause_and_resume_with_audit(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    person_id = await world.person_of(signup_id)
    world.clock.move(ASKED_AFTER)
    await run_jobs(world)
    browser.sign_in_as_member("link-bergen")
    path = f"/stab/personer/{person_id}"
    page = await browser.get(path)
    assert "Vil fortsatt ha en gruppe" in page.text
    assert (await browser.send(page, 1, neste="/stab/")).headers["location"] == "/stab/"
    assert (await browser.send(await browser.get(path), 1)).status_code == 303
    page = await browser.get(path)
    assert "Pause siden" in page.text
    assert (await browser.send(page, 2)).status_code == 409
    version = world.location().centre.policy.consent_version
    assert (await browser.send(page, 2, consent=version)).status_code == 303
    assert (await world.subjects())[3:] == ["renewal_asked", "renewed", "paused", "resumed"]
    assert await world.count("consents", "how = 'oral' and recorded_by = 'berit'") == 1
    acts = [action for _, action, _ in await world.audit_entries() if action != "person.viewed"]
    assert acts == ["signup.renewed", "signup.paused", "signup.resumed"]


async def test_renew_by_staff_after_withdrawal_is_refused(world: World) -> None:
    signup_id = await world.confirmed()
    await world.withdraw(signup_id)
    with pytest.raises(DomainError, match="signup_not_waiting"):
        async with world.transaction() as session:
            await renewals.renew_by_staff(session, signup_id, actor=world.actor())


async def test_reading_behind_the_mailed_link_has_a_button(browser: Browser, world: World) -> None:
    """Signed up by staff on the phone, with an address, at a centre that asks people to read first."""
    form = world.form(place="0150", information_version=None)
    person_id = await register_by_phone(
        world.transaction, world.vault, world.centres, form, world.location("0150"), actor=world.actor()
    )
    ((signup_id,),) = await world.rows(f"select signup_id from signups where person_id = '{person_id}'")
    assert (await world.subjects())[-1] == "confirmed"
    path = f"{link(browser, signup_id)}/les"
    page = await browser.get(path)
    assert "Jeg har lest dette" in page.text
    assert (await world.subjects())[-1] == "confirmed"
    for _ in range(2):
        assert (await browser.send(page)).status_code == 303
    assert (await world.subjects())[2:] == ["ready"]
    assert "Takk, du har lest informasjonen" in (await browser.get(path)).text
