"""A coordinator plans, sends, changes and closes a meeting on the staff pages; a member replies by the link."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from notify.store import audit_log
from shared.kit.clock import ManualClock
from shared.kit.i18n import LOCALES
from shared.kit.links import Links
from shared.reference.link_purposes import KONTAKTMOTE, LINK_PATHS, NO_INVITATIONS
from shared.timezone import OSLO_TZ
from tests.notify.support.browser import OLA
from tests.notify.support.contents import KEY
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import CENTRE
from tests.notify.support.kontaktmoter import PLACE, Circle, Office, allow, on_its_own

LINKS = Links.under_one_key(SecretStr(KEY), LINK_PATHS)
FORM = {"for_whom": "all_active_groups", "begins": "18:00", "ends": "20:00", "place": PLACE, "every_weeks": "0"}


@pytest.fixture
def office(desk: Desk) -> Office:
    allow(desk)
    return Office(desk)


class Browser:
    """One visitor; forms are sent with the token of the page before."""

    def __init__(self, desk: Desk, *, staff: bool) -> None:
        self.client = desk.client() if staff else desk.client(None)
        self.desk = desk

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    async def post(self, page: str, action: str, /, **fields: object) -> httpx.Response:
        html = (await self.client.get(page)).text
        form = re.search(rf'action="{action}".*?name="_csrf" value="([^"]+)"', html, re.DOTALL)
        assert form, (page, action)
        return await self.client.post(action, data={"_csrf": form.group(1), "_sure": "ja", **fields})


def in_days(desk: Desk, days: int) -> str:
    return (desk.clock.now() + timedelta(days=days)).astimezone(OSLO_TZ).date().isoformat()


async def planned(desk: Desk, **fields: object) -> str:
    """Plan a meeting on the pages, and return the path of its page."""
    browser = Browser(desk, staff=True)
    new = {"centre": CENTRE, "day": in_days(desk, 30)} | FORM | fields
    answer = await browser.post("/stab/moter/nytt", "/stab/moter/nytt", **new)
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["location"]


def sentence(action: str) -> str:
    """Return the words for an act as they follow a name."""
    words_of_act = audit_log.sentence(action)
    return words_of_act[0].lower() + words_of_act[1:]


async def test_coordinator_plans_sends_changes_and_closes(
    desk: Desk, office: Office, manual_clock: ManualClock
) -> None:
    known, sealed = await on_its_own(desk, "opt_in"), await on_its_own(desk, "sealed_alias")
    await sealed.forget()
    await Circle(desk, "opt_in").start()
    await desk.mailer()
    own_words = {f"text_{language}": f"Kaffe ({language})" for language in LOCALES}
    path = await planned(desk, capacity="4", topics=["absence"], **own_words)
    browser = Browser(desk, staff=True)
    page = words(await browser.get(path))
    assert "Grupper 2 Personer vi kjenner 3 Grupper med forseglede adresser 1" in page
    assert "1 gruppe har fortsatt igangsetter" in page
    assert all(f"Kaffe ({language})" in page for language in LOCALES)
    assert "/mote/…" in page

    assert (await browser.post(path, f"{path}/send")).status_code == 303
    assert len(await office.settle()) == 6
    id_ = UUID(path.rpartition("/")[2])
    invitation = (await office.invitations(id_, known.id))[0]
    member = Browser(desk, staff=False)
    link = f"/mote/{LINKS.token(KONTAKTMOTE, invitation.id)}"
    assert "Det er 4 ledige plasser" in words(await member.get(link))
    assert (await member.post(link, link, svar="flere", antall="3")).status_code == 303
    assert "Dere er ventet, 3 personer" in words(await member.get(link))

    page = words(await browser.get(path))
    assert "Kommer 3 På venteliste 0 Svart nei 0 Ikke svart 3 Invitasjoner sendt 6 Grupper invitert 2" in page
    assert "Frivilligsentralen" in page
    changed = {"day": in_days(desk, 31), "for_whom": "all_active_groups", "begins": "17:30", "ends": "19:30"}
    answer = await browser.post(f"{path}/endre", f"{path}/endre", place=PLACE, capacity="4", **changed)
    assert answer.status_code == 303, words(answer.text)
    assert {kind for kind, _ in await office.settle()} == {"kontaktmote_place", "kontaktmote_changed"}

    manual_clock.set((await office.meeting(id_)).ends_at)
    assert "Etter møtet" in words(await browser.get(path))
    refused = await browser.post(path, f"{path}/holdt", attendance="mange")
    assert refused.status_code == 422
    assert (await browser.post(path, f"{path}/holdt", attendance="3")).status_code == 303
    assert "holdt" in words(await browser.get("/stab/moter?vis=for"))
    done = [action for action in audit_log.actions if action.startswith("kontaktmote.")]
    seen = await browser.get(path)
    said = [sentence(action) for action in done if action not in ("kontaktmote.deleted", "kontaktmote.cancelled")]
    assert all(sentence in seen for sentence in said)


async def test_meeting_is_cancelled_after_a_question(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "opt_in")
    id_ = await office.announced()
    await office.settle()
    browser, path = Browser(desk, staff=True), f"/stab/moter/{id_}"
    assert "Avlys møtet" in words(await browser.get(path))
    assert (await browser.post(f"{path}/avlys", f"{path}/avlys")).status_code == 303
    assert await office.settle() == sorted(("kontaktmote_cancelled", email) for email in circle.emails)
    page = await Browser(desk, staff=False).get(
        f"/mote/{LINKS.token(KONTAKTMOTE, (await office.invitations(id_))[0].id)}"
    )
    assert "Møtet er avlyst" in page
    assert "svar" not in re.findall(r'name="(\w+)"', page)
    assert sentence("kontaktmote.cancelled") in await browser.get(path)


async def test_draft_can_be_deleted_and_nothing_was_sent(desk: Desk, office: Office) -> None:
    path = await planned(desk)
    browser = Browser(desk, staff=True)
    assert (await browser.post(path, f"{path}/slett")).headers["location"] == "/stab/moter"
    await browser.get(path, 404)
    assert await office.settle() == []


async def test_series_leaves_holidays_out(desk: Desk, office: Office) -> None:
    desk.clock.set(desk.clock.now().replace(month=3, day=1))
    answer = await planned(desk, day="2026-03-20", every_weeks="2", times="3")
    assert answer == "/stab/moter"
    page = words(await Browser(desk, staff=True).get("/stab/moter"))
    assert page.count("utkast, ikke sendt") == 3
    assert all(day in page for day in ("20. mars 2026", "17. april 2026"))
    assert "3. april 2026" not in page  # Good Friday
    assert office


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"place": ""}, "Skriv enten et sted eller en lenke"),
        ({"url": "https://moter.example/rom"}, "Skriv enten et sted eller en lenke"),
        ({"place": "", "url": "javascript:alert(1)"}, "Lenken må begynne med https://"),
        ({"ends": "17:00"}, "Møtet må slutte etter at det begynner"),
        ({"begins": ""}, "Skriv når møtet begynner"),
        ({"day": "2020-01-01"}, "Tidspunktet må være fram i tid"),
        ({"day": "0001-01-01"}, "Se over datoen"),
        ({"capacity": "0"}, "må være minst 1"),
        ({"capacity": "mange"}, "helt tall"),
        ({"for_whom": "chosen_groups"}, "Velg minst én gruppe"),
        ({"for_whom": "alle"}, "Velg et av alternativene"),
        ({"text_nb": "Velkommen"}, "alle tre språk"),
        ({"text_nb": "x" * 1001}, "høyst 1000 tegn"),
    ],
)
async def test_slip_in_the_form_is_explained_and_loses_nothing(
    desk: Desk, office: Office, fields: dict[str, str], sentence: str
) -> None:
    new = {"centre": CENTRE, "day": in_days(desk, 30), "topics": ["ending"]} | FORM | fields
    answer = await Browser(desk, staff=True).post("/stab/moter/nytt", "/stab/moter/nytt", **new)
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert re.search(r'value="ending"\s+checked', answer.text)
    assert office


async def test_other_centres_meeting_is_not_found(desk: Desk, office: Office) -> None:
    await on_its_own(desk, "opt_in")
    id_ = await office.announced()
    async with desk.client(OLA) as client:
        for path in (f"/stab/moter/{id_}", f"/stab/moter/{id_}/endre", f"/stab/moter/{id_}/avlys"):
            assert (await client.get(path)).status_code == 404
        assert str(id_) not in (await client.get("/stab/moter")).text


async def test_policy_without_kontaktmoter_says_so_instead_of_sending(desk: Desk, office: Office) -> None:
    await on_its_own(desk, "opt_in")
    path = await planned(desk)
    allow(desk, "off")
    page = await Browser(desk, staff=True).get(path)
    assert "Etter reglene har dere ikke kontaktmøter" in words(page)
    assert "Send invitasjonene" not in page
    assert office


async def test_second_press_of_send_says_that_it_is_done(desk: Desk, office: Office) -> None:
    await on_its_own(desk, "opt_in")
    path = await planned(desk)
    browser = Browser(desk, staff=True)
    html = await browser.get(path)
    token = re.search(r'name="_csrf" value="([^"]+)"', html)
    assert token
    first = await browser.client.post(f"{path}/send", data={"_csrf": token.group(1)})
    second = await browser.client.post(f"{path}/send", data={"_csrf": token.group(1)})
    assert (first.status_code, second.status_code) == (303, 422)
    assert "Invitasjonene er sendt allerede" in words(second.text)
    assert office


# The pages behind the links


async def invited(desk: Desk, office: Office, **plan: object) -> tuple[UUID, list[UUID]]:
    await on_its_own(desk, "opt_in")
    id_ = await office.announced(**plan)
    await office.settle()
    return id_, [row.id for row in await office.invitations(id_)]


async def test_last_answer_wins_from_two_devices(desk: Desk, office: Office) -> None:
    id_, (first, *_) = await invited(desk, office)
    link = f"/mote/{LINKS.token(KONTAKTMOTE, first)}"
    phone, laptop = Browser(desk, staff=False), Browser(desk, staff=False)
    await phone.post(link, link, svar="ja")
    await laptop.post(link, link, svar="nei")
    assert "Du kommer ikke denne gangen" in words(await phone.get(link))
    await phone.post(link, link, svar="ja")
    assert "Du er ventet" in words(await laptop.get(f"/nn{link}")) or "venta" in words(await laptop.get(f"/nn{link}"))
    assert (await office.meeting(id_)).coming == 1


async def test_waiting_list_says_where_one_stands_and_can_be_left(desk: Desk, office: Office) -> None:
    id_, (first, second, third) = await invited(desk, office, capacity=1)
    visitor = Browser(desk, staff=False)
    links = [f"/mote/{LINKS.token(KONTAKTMOTE, id_)}" for id_ in (first, second, third)]
    for link in links:
        await visitor.post(link, link, svar="ja")
    assert "Ingen står foran i køen" in words(await visitor.get(links[1]))
    assert "1 svar står foran" in words(await visitor.get(links[2]))
    await visitor.post(links[1], links[1], svar="nei")
    assert "Ingen står foran" in words(await visitor.get(links[2]))
    assert (await office.meeting(id_)).waiting == 1


@pytest.mark.parametrize("number", ["0", "51", "to", "-1", "", "1e9"])
async def test_number_that_cannot_be_is_explained(desk: Desk, office: Office, number: str) -> None:
    id_, (first, *_) = await invited(desk, office)
    link = f"/mote/{LINKS.token(KONTAKTMOTE, first)}"
    answer = await Browser(desk, staff=False).post(link, link, svar="flere", antall=number)
    assert answer.status_code == 422
    assert "Skriv hvor mange dere er" in words(answer.text)
    assert (await office.meeting(id_)).coming == 0


async def test_forged_and_outdated_links_say_so(desk: Desk, office: Office) -> None:
    visitor = Browser(desk, staff=False)
    _, (first, *_) = await invited(desk, office)
    await visitor.get("/mote/tull", 404)
    await visitor.get(f"/mote/{LINKS.token(NO_INVITATIONS, first)}", 404)
    await visitor.get(f"/mote/{LINKS.token(KONTAKTMOTE, UUID(int=7))}", 410)
    await visitor.get("/mote-nei-takk/tull", 404)


async def test_no_more_invitations_is_one_press_and_can_be_undone(desk: Desk, office: Office) -> None:
    _, (first, second, _) = await invited(desk, office)
    visitor = Browser(desk, staff=False)
    stop = f"/mote-nei-takk/{LINKS.token(NO_INVITATIONS, first)}"
    await visitor.get(stop)
    await office.announced()
    assert len(await office.settle()) == 3  # a look changes nothing
    await visitor.post(stop, stop)
    assert "sender deg ikke flere" in words(await visitor.get(stop))
    await office.announced()
    assert len(await office.settle()) == 2
    await visitor.post(stop, stop, igjen="ja")
    one_click = f"/nn/mote-nei-takk/{LINKS.token(NO_INVITATIONS, second)}"
    for _ in range(2):
        answer = await visitor.client.post(one_click, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200  # no redirect: RFC 8058, 3.1
        assert "set-cookie" not in answer.headers
    await office.announced()
    assert len(await office.settle()) == 2


async def test_public_page_and_feed_show_time_and_place_and_nobody(desk: Desk, office: Office) -> None:
    await on_its_own(desk, "opt_in")
    await office.announced(is_public=True, capacity=7)
    await office.announced(place_text="Hemmelig sted")
    visitor = Browser(desk, staff=False)
    page = words(await visitor.get(f"/moter/{CENTRE}"))
    assert PLACE in page
    assert "Hemmelig" not in page
    feed = await visitor.client.get(f"/moter/{CENTRE}/kalender.ics")
    assert feed.headers["content-type"].startswith("text/calendar")
    assert feed.text.count("BEGIN:VEVENT") == 1
    assert "ATTENDEE" not in feed.text
    await visitor.get("/moter/ukjent", 404)
    empty = await visitor.client.get("/moter/link-oslo/kalender.ics")
    assert empty.text.count("BEGIN:VEVENT") == 0
