"""Accounts of igangsettere: invited by staff, opened by their own yes, and ended by either."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from intake import jobs
from intake.domain import account_consent
from intake.store import accounts
from intake.web.account_consent import SENTENCES
from shared.events import Event, people
from shared.kit.assertions import HEADER
from shared.kit.links import Links
from shared.kit.staff import StaffMember
from shared.reference.limits import ACCOUNT_LINKS
from shared.reference.link_purposes import ACCOUNT, INVITATION
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.shared.support.staff import signed

ADDRESS = "iga@example.org"
FORM = {"centre": "link-bergen", "name": "Iga Igesen", "email": ADDRESS, "mobile": "91234567", "language": "nb"}


def links(browser: Browser) -> Links:
    found: Links = browser.app.state.deps.links
    return found


async def last(world: World, kind: type[Event]) -> object:
    return [event for event in await world.events() if isinstance(event, kind)][-1]


async def invited(browser: Browser, world: World, path: str = "/stab/kontoer/ny", **changes: str) -> UUID:
    """Invite somebody as staff; return the id of the account."""
    browser.sign_in_as_member("link-bergen")
    done = await browser.send(await browser.get(path), 1, **(FORM | changes))
    assert done.status_code == 303, done.text
    return UUID(done.headers["location"].rpartition("/")[2])


async def invitation_page(browser: Browser, world: World) -> str:
    """Return the link in the newest invitation, and leave the desk: nobody is signed in where it leads."""
    browser.client.headers.pop(HEADER, None)
    event = await last(world, people.AccountInvited)
    assert isinstance(event, people.AccountInvited)
    return links(browser).url("", "nb", INVITATION, event.invitation_id)


async def agreed(browser: Browser, world: World) -> UUID:
    account_id = await invited(browser, world)
    done = await browser.send(await browser.get(await invitation_page(browser, world)), 0, svar="ja")
    assert (done.status_code, done.headers["location"]) == (303, "/igangsetter/tider")
    return account_id


async def who(browser: Browser, path: str) -> int:
    """Ask the session check as the gateway does: 204 for somebody who may see this path."""
    kept = {cookie.name: cookie.value for cookie in browser.client.cookies.jar}
    sent = "; ".join(f"{name}={value}" for name, value in kept.items())
    answer = await browser.get("/-/session/grouping", **{"x-forwarded-uri": path, "cookie": sent})
    return answer.status_code


async def test_invited_igangsetter_opens_the_account_by_their_yes(browser: Browser, world: World) -> None:
    account_id = await agreed(browser, world)
    changed = await last(world, people.IgangsetterChanged)
    assert isinstance(changed, people.IgangsetterChanged)
    assert (changed.account_id, changed.centre, changed.active, changed.by_mail) == (
        account_id,
        "link-bergen",
        True,
        True,
    )
    async with world.transaction() as session:
        (consent,) = await accounts.consents_of(session, account_id)
    assert (consent.how, consent.text_version, consent.recorded_by) == ("web", account_consent.VERSION, None)
    # The yes opened a first session, which counts on their own pages and nowhere else.
    assert await who(browser, "/igangsetter/tider") == 204
    assert await who(browser, "/nn/igangsetter?x=1") == 204
    for path in ("/stab/", "/stab/personer", "/igangsettere", "/"):
        assert await who(browser, path) == 303
    acts = [(actor, action) for actor, action, _ in await world.audit_entries()]
    assert acts == [("berit", "account.invited"), (str(account_id), "account.opened")]


async def test_invitation_get_changes_nothing_and_answers_once(browser: Browser, world: World) -> None:
    await invited(browser, world)
    page = await invitation_page(browser, world)
    before = len(await world.all_events())
    for _ in range(3):
        shown = await browser.get(page)
        assert shown.status_code == 200
        assert "LINK Bergen spør om du vil" in shown.text
        assert "set-cookie" not in shown.headers
    assert len(await world.all_events()) == before
    assert (await browser.send(shown, 0, svar="ja")).status_code == 303
    again = await browser.send(shown, 0, svar="ja")
    assert again.status_code == 410
    assert "Du har svart ja" in again.text


async def test_invitation_declined_leaves_nothing(browser: Browser, world: World) -> None:
    account_id = await invited(browser, world)
    shown = await browser.get(await invitation_page(browser, world))
    done = await browser.send(shown, 0, svar="nei")
    assert "er slettet" in done.text
    assert await world.count("accounts") == 0
    assert account_id not in await world.vault.keys([account_id])
    assert (await browser.get(await invitation_page(browser, world))).status_code == 410
    assert not [event for event in await world.events() if isinstance(event, people.IgangsetterChanged)]


async def test_invitation_without_answer_is_deleted_after_two_weeks(browser: Browser, world: World) -> None:
    registered = uuid4()
    await invited(browser, world, f"/stab/kontoer/ny?igangsetter={registered}&senter=link-bergen")
    world.later(days=13)
    await jobs.EXPIRE_INVITATIONS.run(world.jobs)
    assert await world.count("accounts") == 1
    world.later(days=1, minutes=1)
    await jobs.EXPIRE_INVITATIONS.run(world.jobs)
    assert await world.count("accounts") == 0
    # Nobody is erased: the register keeps who staff have registered, and may invite them once more.
    assert "erased" not in await world.subjects()
    assert await invited(browser, world, f"/stab/kontoer/ny?igangsetter={registered}&senter=link-bergen") == registered


async def test_invitation_again_replaces_the_older_link(browser: Browser, world: World) -> None:
    account_id = await invited(browser, world)
    older = await invitation_page(browser, world)
    browser.sign_in_as_member("link-bergen")
    await browser.press(await browser.get(f"/stab/kontoer/{account_id}"), "/inviter")
    assert (await browser.get(older)).status_code == 410
    assert (await browser.get(await invitation_page(browser, world))).status_code == 200


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Skriv hva igangsetteren heter."),
        ({"email": "iga@"}, "Se over e-postadressen."),
        ({"email": "", "mobile": ""}, "Skriv en e-postadresse, eller et mobilnummer"),
        ({"email": ""}, "må dere ha fått et ja på telefonen"),
        ({"mobile": "12"}, "Se over mobilnummeret."),
    ],
)
async def test_invitation_form_explains_and_keeps_values(
    browser: Browser, world: World, changes: dict[str, str], said: str
) -> None:
    browser.sign_in_as_member("link-bergen")
    answer = await browser.send(await browser.get("/stab/kontoer/ny"), 1, **(FORM | changes))
    assert answer.status_code == 422
    assert said in answer.text
    assert (FORM | changes)["name"] in answer.text
    assert await world.count("accounts") == 0


async def test_invitation_to_address_with_account_is_refused(browser: Browser, world: World) -> None:
    await invited(browser, world)
    answer = await browser.send(await browser.get("/stab/kontoer/ny"), 1, **(FORM | {"email": "IGA@example.org"}))
    assert answer.status_code == 422
    assert "allerede en konto" in answer.text
    assert await world.count("accounts") == 1


async def test_consent_by_phone_opens_an_account_without_address(browser: Browser, world: World) -> None:
    account_id = await invited(browser, world, email="", agreed="true")
    changed = await last(world, people.IgangsetterChanged)
    assert isinstance(changed, people.IgangsetterChanged)
    assert (changed.active, changed.by_mail) == (True, False)
    async with world.transaction() as session:
        (consent,) = await accounts.consents_of(session, account_id)
    assert (consent.how, consent.recorded_by) == ("oral", "berit")
    assert "account_invited" not in await world.subjects()


async def test_registered_id_of_somebody_else_is_refused(browser: Browser, world: World) -> None:
    """The id in the form comes from the register, and may be anything: never that of a person, nor of an erased one."""
    person = await world.person_of(await world.confirmed())
    erased = await world.person_of(await world.confirmed(email="ola@example.org", first_name="Ola"))
    await world.erase(erased)
    account = await invited(browser, world)
    for taken in (person, erased, account):
        path = f"/stab/kontoer/ny?igangsetter={taken}&senter=link-bergen"
        answer = await browser.send(await browser.get(path), 1, **(FORM | {"email": "other@example.org"}))
        assert answer.status_code == 409
    assert await world.count("accounts") == 1


async def test_sign_in_answers_known_and_unknown_alike_and_links_work_once(browser: Browser, world: World) -> None:
    await agreed(browser, world)
    browser.client.cookies.clear()
    answers = set()
    for address in (ADDRESS, "nobody@example.org"):
        done = await browser.send(await browser.get("/igangsetter/logg-inn"), 0, email=address)
        answers.add((await browser.get(done.headers["location"])).text)
    assert len(answers) == 1
    asked = [event for event in await world.events() if isinstance(event, people.AccountLinkAsked)]
    assert len(asked) == 1
    assert asked[0].expires_at - asked[0].occurred_at == timedelta(minutes=10)
    page = links(browser).url("", "nb", ACCOUNT, asked[0].link_id)
    shown = await browser.get(page)
    assert await who(browser, "/igangsetter") == 303
    done = await browser.send(shown)
    assert done.headers["location"] == "/igangsetter"
    for cookie in done.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "/igangsetter" in cookie
    assert await who(browser, "/igangsetter") == 204
    assert (await browser.send(shown)).status_code == 410
    assert (await browser.get(page)).status_code == 410


async def test_link_limit_per_account_holds(browser: Browser, world: World) -> None:
    await agreed(browser, world)
    browser.client.cookies.clear()
    for _ in range(ACCOUNT_LINKS.figure + 2):
        await browser.send(await browser.get("/igangsetter/logg-inn"), 0, email=ADDRESS)
    assert await world.count("account_links") == ACCOUNT_LINKS.figure


async def test_sign_in_link_lapses_after_ten_minutes(browser: Browser, world: World) -> None:
    await agreed(browser, world)
    browser.client.cookies.clear()
    await browser.send(await browser.get("/igangsetter/logg-inn"), 0, email=ADDRESS)
    asked = await last(world, people.AccountLinkAsked)
    assert isinstance(asked, people.AccountLinkAsked)
    page = links(browser).url("", "nb", ACCOUNT, asked.link_id)
    shown = await browser.get(page)
    world.later(minutes=10)
    assert (await browser.send(shown)).status_code == 410


async def test_closed_account_ends_its_sessions_and_links(browser: Browser, world: World) -> None:
    account_id = await agreed(browser, world)
    await browser.send(await browser.get("/igangsetter/logg-inn"), 0, email=ADDRESS)
    browser.sign_in_as_member("link-bergen")
    await browser.press(await browser.get(f"/stab/kontoer/{account_id}"), "/steng")
    changed = await last(world, people.IgangsetterChanged)
    assert isinstance(changed, people.IgangsetterChanged)
    assert (changed.active, changed.version) == (False, 2)
    assert await who(browser, "/igangsetter") == 303
    asked = await last(world, people.AccountLinkAsked)
    assert isinstance(asked, people.AccountLinkAsked)
    assert (await browser.get(links(browser).url("", "nb", ACCOUNT, asked.link_id))).status_code == 410
    await browser.send(await browser.get("/igangsetter/logg-inn"), 1, email=ADDRESS)
    assert (await world.subjects()).count("account_link_asked") == 1
    await browser.press(await browser.get(f"/stab/kontoer/{account_id}"), "/apne")
    reopened = await last(world, people.IgangsetterChanged)
    assert isinstance(reopened, people.IgangsetterChanged)
    assert (reopened.active, reopened.version) == (True, 3)


@pytest.mark.parametrize("by", ["staff", "themselves"])
async def test_erased_account_leaves_no_key_no_row_and_one_event(browser: Browser, world: World, by: str) -> None:
    account_id = await agreed(browser, world)
    if by == "staff":
        browser.sign_in_as_member("link-bergen")
        await browser.send(await browser.get(f"/stab/kontoer/{account_id}/slett"), 1)
    else:
        async with world.transaction() as session:
            account = await accounts.get(session, account_id)
            assert account is not None
        await as_igangsetter(browser, account_id)
        await browser.send(await browser.get("/igangsetter/konto/slett"), 1)
    for table in ("accounts", "account_consents", "account_links", "account_sessions"):
        assert await world.count(table) == 0
    assert account_id not in await world.vault.keys([account_id])
    erased = [event for event in await world.events() if isinstance(event, people.Erased)]
    assert [event.person_id for event in erased] == [account_id]
    assert account_id in await world.vault.journal()


async def as_igangsetter(browser: Browser, account_id: UUID) -> None:
    member = StaffMember(
        str(account_id), frozenset({"igangsetter"}), frozenset({"link-bergen"}), "00000000-0000-0000-0000-000000000002"
    )
    browser.client.headers.update(signed(member, "intake"))


async def test_own_account_page_shows_what_is_known(browser: Browser, world: World) -> None:
    account_id = await agreed(browser, world)
    await as_igangsetter(browser, account_id)
    text = (await browser.get("/igangsetter/konto")).text
    for known in ("Iga Igesen", ADDRESS, "912 34 567", "LINK Bergen"):
        assert known in text
    assert str(account_id) not in text


async def test_accounts_of_other_centre_are_hidden(browser: Browser, world: World) -> None:
    account_id = await invited(browser, world)
    browser.sign_in_as_member("link-oslo")
    assert "Iga Igesen" not in (await browser.get("/stab/kontoer")).text
    for path in ("", "/slett"):
        assert (await browser.get(f"/stab/kontoer/{account_id}{path}")).status_code == 404
    page = await browser.get("/stab/kontoer/ny")
    for path in ("inviter", "steng", "apne", "slett"):
        answer = await browser.send(page, 1, f"/stab/kontoer/{account_id}/{path}")
        assert answer.status_code == 404
    answer = await browser.send(page, 1, **FORM)
    assert answer.status_code == 404
    assert await world.count("accounts") == 1


@pytest.mark.parametrize("roles", [("igangsetter",), ("admin",)])
async def test_accounts_are_for_coordinators_only(browser: Browser, world: World, roles: tuple[str, ...]) -> None:
    browser.sign_in_as_member("link-bergen", roles=roles)
    for path in ("/stab/kontoer", "/stab/kontoer/ny", f"/stab/kontoer/{uuid4()}"):
        assert (await browser.get(path)).status_code == 403


async def test_door_answers_an_account_until_it_is_closed(browser: Browser, world: World) -> None:
    account_id = await invited(browser, world)
    assert await world.contacts_of(account_id) == {account_id: (None, ADDRESS)}
    await browser.send(await browser.get(await invitation_page(browser, world)), 0, svar="ja")
    assert await world.contacts_of(account_id) == {account_id: ("Iga Igesen", ADDRESS)}
    browser.sign_in_as_member("link-bergen")
    await browser.press(await browser.get(f"/stab/kontoer/{account_id}"), "/steng")
    assert await world.contacts_of(account_id) == {}
    assert await world.count("contact_readings", f"person_id = '{account_id}'") >= 2


async def test_names_of_accounts_stand_in_no_event_and_no_row(browser: Browser, world: World) -> None:
    await agreed(browser, world)
    for table in ("outbox", "accounts", "account_consents", "audit_log"):
        for secret in ("Iga Igesen", "iga@example.org", "91234567"):
            raw = await world.rows(
                f"select 1 from {table} t where strpos(t::text, '{secret}') > 0 "
                f"or strpos(t::text, '{secret.encode().hex()}') > 0"
            )
            assert raw == [], (table, secret)


async def test_changed_consent_text_has_another_version() -> None:
    """Who changes the text names another version, so that everybody's consent says what they read."""
    text = "\n".join(SENTENCES)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert (account_consent.VERSION, digest) == (
        "igangsetter-1",
        "c84d9c27a3e43a27",
    )


async def test_accept_of_outdated_text_is_refused(browser: Browser, world: World) -> None:
    await invited(browser, world)
    shown = await browser.get(await invitation_page(browser, world))
    answer = await browser.send(shown, 0, svar="ja", samtykke="igangsetter-0")
    assert answer.status_code == 409
    assert await world.count("accounts", "confirmed_at is not null") == 0
