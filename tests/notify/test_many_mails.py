"""Acts on all mails of a list: counted first, then done on those that were counted."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from notify.store import audit_log
from notify.usecases import many_mails
from shared.kit.staff import StaffMember
from tests.notify.support import queue
from tests.notify.support.browser import OLA
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import NOON, Person

BOTH = StaffMember("kari", frozenset({"koordinator"}), frozenset({"link-bergen", "link-oslo"}), "session-1")


async def press(desk: Desk, mail_id: UUID, act: str, page: str = "") -> httpx.Response:
    """Press a button about one mail, on its own page or on another."""
    async with desk.client() as client:
        html = (await client.get(page or f"/stab/post/{mail_id}")).text
        form = re.search(rf'action="/stab/post/{mail_id}/{act}".*?name="_csrf" value="([^"]+)"', html, re.DOTALL)
        assert form is not None, act
        answer = await client.post(f"/stab/post/{mail_id}/{act}", data={"_csrf": form.group(1), "_sure": "ja"})
    assert answer.status_code == 303
    return answer


async def press_all(client: httpx.AsyncClient, act: str, **query: str) -> str:
    """Open the question, and press its button; return what the page that follows says."""
    question = await client.get("/stab/post/alle", params={"gjor": act, **query})
    hidden = dict(re.findall(r'<input type="hidden" name="(_csrf|laget_for)" value="([^"]+)"', main_of(question.text)))
    answer = await client.post("/stab/post/alle", params={"gjor": act, **query}, data=hidden)
    assert answer.status_code == 303
    return words((await client.get(answer.headers["location"])).text)


def main_of(html: str) -> str:
    return html[html.index("<main") :]


async def acts(desk: Desk) -> list[tuple[str, str]]:
    """Every act of the audit log, with its object."""
    query = sa.select(audit_log.table.c.action, audit_log.table.c.object_id)
    async with desk.database.transaction() as session:
        return [(action, object_id) for action, object_id in await session.execute(query)]


async def states(desk: Desk, **where: object) -> set[tuple[str, bool]]:
    return {(mail.status, mail.delivery.held) for mail in await desk.mails(**where)}


async def test_hold_all_holds_what_is_counted_until_all_is_released(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mails are changed some at a time; those of another kind or centre, and votes, are left alone."""
    monkeypatch.setattr(many_mails, "SOME", 3)
    monkeypatch.setattr("notify.web.many_mails.SOME", 3)
    early = NOON - timedelta(hours=2)
    await queue.fill(desk, 7, kind="meeting_tomorrow", first_at=early)
    await queue.fill(desk, 2, first_at=early)
    await queue.fill(desk, 2, kind="meeting_tomorrow", centre="link-oslo", first_at=early)
    await queue.fill(desk, 2, kind="vote_opened", first_at=early)
    async with desk.client() as client:
        asked = words((await client.get("/stab/post/alle?gjor=hold&hva=meeting_tomorrow")).text)
        assert "Holde tilbake 7 e-poster?" in asked
        assert "7 e-poster er holdt tilbake" in await press_all(client, "hold", hva="meeting_tomorrow")
        assert await states(desk, kind="meeting_tomorrow", centre="link-bergen") == {("queued", True)}
        assert await states(desk, kind="on_the_list") == {("queued", False)}
        assert await states(desk, centre="link-oslo") == {("queued", False)}
        assert "2 e-poster er holdt tilbake" in await press_all(client, "hold")
        assert await states(desk, kind="vote_opened") == {("queued", False)}
        assert "9 e-poster er sluppet" in await press_all(client, "slipp")
    assert await states(desk) == {("queued", False)}
    done = await acts(desk)
    assert len(done) == len(set(done)) == 18
    assert {action for action, _ in done} == {"mail.held", "mail.released"}


async def test_send_again_after_outage_leaves_refused_addresses_out(desk: Desk) -> None:
    early = NOON - timedelta(hours=2)
    outage = await queue.fill(desk, 4, "failed", first_at=early)
    refused = await queue.fill(desk, 2, "failed", first_at=early, more="address_refused = true, reason = '550'")
    aside = await queue.fill(desk, 1, "failed", first_at=early, more="reason = 'by_staff'")
    async with desk.client() as client:
        asked = words((await client.get("/stab/post/alle?gjor=igjen")).text)
        assert "Sende 4 e-poster på nytt?" in asked
        assert "3 er ikke med" in asked
        assert "4 e-poster sendes på nytt" in await press_all(client, "igjen")
        assert "Det er ingen å gjøre det med nå" in words((await client.get("/stab/post/alle?gjor=igjen")).text)
    by_mark = {str(mail.id)[:8]: mail.status for mail in await desk.mails()}
    assert by_mark == {outage: "queued", refused: "failed", aside: "failed"}
    assert len(await acts(desk)) == 4


async def test_mail_that_comes_after_the_question_is_not_held(desk: Desk) -> None:
    await queue.fill(desk, 2, first_at=NOON - timedelta(hours=2))
    async with desk.client() as client:
        question = main_of((await client.get("/stab/post/alle?gjor=hold")).text)
        later = Person()
        desk.clock.move(timedelta(minutes=5))
        await desk.deliver(later.ready(desk.clock.now()))
        hidden = dict(re.findall(r'<input type="hidden" name="(_csrf|laget_for)" value="([^"]+)"', question))
        await client.post("/stab/post/alle?gjor=hold", data=hidden)
    assert await states(desk, person_id=later.id) == {("queued", False)}
    assert len(await acts(desk)) == 2


async def test_question_and_lists_change_nothing(desk: Desk) -> None:
    await queue.fill(desk, 3, first_at=NOON - timedelta(hours=2))
    before = [mail.model_dump() for mail in await desk.mails()]
    async with desk.client(BOTH) as client:
        for path in (
            "",
            "?vis=holdt",
            "?gjort=hold&antall=3",
            "/alle?gjor=hold",
            "/alle?gjor=slipp",
            "/alle?gjor=igjen",
        ):
            assert (await client.get(f"/stab/post{path}")).status_code == 200
        assert (await client.post("/stab/post/alle?gjor=hold")).status_code == 403
        assert (await client.get("/stab/post/alle?gjor=slett")).status_code == 422
    async with desk.client(OLA) as client:
        assert "Det er ingen å gjøre det med nå" in words((await client.get("/stab/post/alle?gjor=hold")).text)
    assert [mail.model_dump() for mail in await desk.mails()] == before
    assert await acts(desk) == []
