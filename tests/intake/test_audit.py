"""The audit log: acts of staff, recorded in the transaction of the act."""

import json
from uuid import UUID

import pytest

from intake.domain.talks import TalkOutcome
from intake.store import audit_log
from intake.usecases import confirm
from intake.usecases import talks as talk_usecases
from shared.errors import DomainError, NotFoundError
from shared.kit.web.csrf import FIELD
from tests.intake.support.browser import Browser
from tests.intake.support.world import World, requiring

PHONE = {"email": None, "mobile": "+4791234567"}


@pytest.fixture
def requires_talk(world: World) -> World:
    """A world where every centre requires reading and a forsamtale."""
    return requiring(world, forsamtale="required", reading_gate="required")


async def press(browser: Browser, person_id: UUID, action: str, **data: str) -> int:
    """Press a button of the person's page, and return the status."""
    token = (await browser.get("/stab/")).text.split(f'name="{FIELD}" value="')[1].split('"')[0]
    answer = await browser.client.post(
        f"/stab/personer/{person_id}/{action}", data={FIELD: token, "_sure": "ja", **data}
    )
    return answer.status_code


async def actions(world: World) -> list[str]:
    return [action for _, action, _ in await world.audit_entries()]


@pytest.mark.parametrize(("action", "recorded"), [("bekreftet", "signup.confirmed"), ("avmeld", "signup.withdrawn")])
async def test_person_act_is_recorded_once(browser: Browser, world: World, action: str, recorded: str) -> None:
    signup_id = await world.signed_up(**PHONE)
    person_id = await world.person_of(signup_id)
    browser.sign_in_as_member("link-bergen")
    for _ in range(2):
        await press(browser, person_id, action, signup_id=str(signup_id))
    assert [("berit", recorded, str(person_id))] == await world.audit_entries()
    ((scope, details),) = await world.rows("select scope, details from audit_log")
    assert (scope, details) == ("link-bergen", {"signup_id": str(signup_id)})


async def test_refused_act_is_not_recorded(browser: Browser, world: World) -> None:
    signup_id = await world.signed_up(**PHONE)
    browser.sign_in_as_member("link-bergen")
    assert await press(browser, await world.person_of(signup_id), "samtale", signup_id=str(signup_id)) == 409
    assert await world.audit_entries() == []


async def test_steps_before_waiting_list_are_recorded_once(requires_talk: World) -> None:
    world = requires_talk
    signup_id = await world.confirmed()
    for _ in range(2):
        async with world.transaction() as session:
            actor = world.actor()
            await talk_usecases.record_outcome(session, world.centres, signup_id, TalkOutcome.CLEAR, actor=actor)
        async with world.transaction() as session:
            await confirm.complete_reading(session, world.centres, signup_id, actor=world.actor())
    assert await actions(world) == ["signup.talk_held"]  # the information was read with the form


async def test_person_page_export_and_erasure_are_recorded(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen")
    await browser.get(f"/stab/personer/{person_id}")
    assert await press(browser, person_id, "eksport") == 200
    assert await press(browser, person_id, "slett") == 303
    assert [
        ("berit", action, str(person_id)) for action in ("person.viewed", "person.exported", "person.erased")
    ] == await world.audit_entries()


async def test_people_list_is_recorded_as_contact_readings_only(browser: Browser, world: World) -> None:
    await world.confirmed()
    browser.sign_in_as_member("link-bergen")
    await browser.get("/stab/personer")
    assert (await actions(world), await world.count("contact_readings", "purpose = 'list'")) == ([], 1)


async def test_phone_signup_is_recorded(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen")
    page = await browser.send(await browser.get("/stab/pamelding"), 1, place="5003")
    consent = world.location().centre.policy.consent_version
    form = {"first_name": "Ola", "mobile": "91234567", "adult": "true", "slots": "mon-day", "consent": consent}
    assert (await browser.send(page, 1, **form)).status_code == 303
    assert await actions(world) == ["signup.registered"]


async def test_act_on_person_of_other_centre_is_not_recorded(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    person_id = await world.person_of(signup_id)
    browser.sign_in_as_member("link-oslo")
    for action in ("avmeld", "slett", "eksport"):
        assert await press(browser, person_id, action, signup_id=str(signup_id)) == 404
    assert await world.audit_entries() == []


@pytest.mark.asvs("2.3.3")
async def test_rolled_back_act_is_not_recorded(world: World) -> None:
    signup_id = await world.signed_up(**PHONE)
    async with world.transaction() as session:
        await confirm.confirm_by_phone(session, world.vault, world.centres, signup_id, actor=world.actor())
        await session.rollback()
    assert await world.audit_entries() == []


async def test_entries_of_erased_person_stay_without_personal_data(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed(first_name="Hemmelignavn"))
    browser.sign_in_as_member("link-bergen")
    await browser.get(f"/stab/personer/{person_id}")
    await press(browser, person_id, "slett")
    rows = await world.rows("select row_to_json(a) from audit_log a")
    assert len(rows) == 2
    text = json.dumps([row for (row,) in rows])
    assert "emmelig" not in text
    assert "example.org" not in text


async def test_unknown_or_withdrawn_signup_is_refused(world: World) -> None:
    signup_id = await world.confirmed()
    await world.withdraw(signup_id)
    async with world.transaction() as session:
        with pytest.raises(DomainError, match="signup_over"):
            await confirm.confirm_by_phone(session, world.vault, world.centres, signup_id, actor=world.actor())
        with pytest.raises(NotFoundError, match="unknown_signup"):
            await confirm.confirm_by_phone(session, world.vault, world.centres, UUID(int=0), actor=world.actor())


SUBJECTS = {"account", "group", "list", "people", "person", "policy", "signup", "staff", "talks"}


def test_every_action_has_a_sentence() -> None:
    for action in audit_log.actions:
        assert audit_log.sentence(action)
        assert action.split(".")[0] in SUBJECTS
