"""Where lists of mails and messages end: said in a sentence, with the way to the rest; and their order and size."""

import re
from datetime import timedelta

import pytest

from notify.web import centre_messages, mails
from tests.notify.support import queue
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import NOON, Group, Person
from tests.notify.test_centre_messages import LIST, Counter, to_group
from tests.notify.test_mail_lists import MAIL, shown


@pytest.mark.parametrize(("name", "by_itself"), [("ko", "nar"), ("holdt", "nar"), ("sendt", "-nar"), ("feil", "-nar")])
async def test_list_of_mails_is_ordered_both_ways(desk: Desk, name: str, by_itself: str) -> None:
    state = {"ko": "queued", "holdt": "queued", "sendt": "sent", "feil": "failed"}[name]
    held = "held_due_at = next_at" if name == "holdt" else ""
    await queue.fill(desk, 30, state, more=held)
    await queue.fill(desk, 30, state, first_at=NOON - timedelta(days=1), more=held)
    turned = {"nar": "-nar", "-nar": "nar"}[by_itself]
    async with desk.client() as client:
        plain = await shown(client, vis=name)
        same, other = await shown(client, vis=name, rekke=by_itself), await shown(client, vis=name, rekke=turned)
        large = await client.get("/stab/post", params={"vis": name, "per": "100"})
        page = (await client.get("/stab/post", params={"vis": name})).text
    assert len(set(plain)) == 60
    assert plain == same
    assert other == plain[::-1]
    assert MAIL.findall(large.text) == plain
    assert f'aria-sort="{"ascending" if by_itself == "nar" else "descending"}"' in page
    assert f"rekke={turned}" in page


async def test_file_of_mails_follows_the_order_of_the_page(desk: Desk) -> None:
    await queue.fill(desk, 3, "sent")
    async with desk.client() as client:
        page = (await client.get("/stab/post", params={"vis": "sendt", "rekke": "nar"})).text
        (action,) = re.findall(r'action="([^"]+)" id="files"', page)
        assert "rekke=nar" in action
        token = page.split('id="files"')[1].split('name="_csrf" value="')[1].split('"')[0]
        answer = await client.post(action.replace("&amp;", "&"), data={"_csrf": token, "som": "csv"})
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == 4


async def test_short_file_of_mails_is_announced(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mails, "IN_A_FILE", 10)
    await queue.fill(desk, 11, "sent")
    await queue.fill(desk, 10, "failed")
    async with desk.client() as client:
        sent = words((await client.get("/stab/post", params={"vis": "sendt"})).text)
        failed = words((await client.get("/stab/post", params={"vis": "feil"})).text)
    assert "Fila har bare de 10 første radene." in sent
    assert "Fila har alle radene" not in sent
    assert "Fila har alle radene" in failed


async def test_older_messages_are_a_link_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(centre_messages, "MOST_SHOWN", 2)
    group = Group([desk.intake.add(Person())])
    await desk.deliver(*(group.offered(person) for person in group.members))
    staff = Counter(desk)
    paths = [await staff.written(to_group(group)) for _ in range(5)]
    found, page = [], LIST
    for _ in range(3):
        html = await staff.get(page)
        found.append(set(re.findall(rf'href="({LIST}/[0-9a-f-]{{36}})"', html)))
        further = re.search(r'href="([^"]+)">Vis de eldre', html)
        assert ("Her er 2 meldinger, de nyeste først." in words(html)) == (further is not None)
        page = further.group(1).replace("&amp;", "&") if further else ""
    assert page == ""
    assert [len(each) for each in found] == [2, 2, 1]
    assert set().union(*found) == set(paths)
