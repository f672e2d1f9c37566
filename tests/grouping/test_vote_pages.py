"""The page of a secret vote: it asks once, and every answer looks the same."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from grouping.domain.votes import OPEN_FOR
from grouping.usecases import votes
from shared.events import group_life
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS, SEAT, VOTE
from tests.grouping.support.browser import Browser, form_token, words
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.world import OSLO, World
from tests.grouping.test_lives import TRONDHEIM, as_member, hand_over, seat_ids, start_group

LINKS = Links.under_one_key(LINK_KEY, LINK_PATHS)
QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "conflict_visit": (OSLO, "Vil du at en av oss kommer til et møte?"),
    "admission": (TRONDHEIM, "Vil du at én ny person blir med?"),
}


def link(ballot_id: UUID) -> str:
    return f"/avstemning/{LINKS.token(VOTE, ballot_id)}"


async def ballots(world: World, subject: str = "conflict_visit") -> list[str]:
    """Open a vote in a group, and return the pages of its members."""
    place, _ = QUESTIONS[subject]
    await start_group(world, **place)
    if subject == "conflict_visit":
        await hand_over(world)
    await as_member(world, votes.open_vote, (await seat_ids(world))[0], subject)
    (opened,) = await world.published_of(group_life.VoteOpened)
    return [link(ballot.ballot_id) for ballot in opened.ballots]


@pytest.mark.parametrize("subject", sorted(QUESTIONS))
async def test_vote_page_says_what_happens_with_the_answer(world: World, app: FastAPI, subject: str) -> None:
    pages = await ballots(world, subject)

    page = await Browser(app).get(pages[0])

    text = words(page)
    assert page.status_code == 200
    for said in (
        QUESTIONS[subject][1],
        "Svar innen",
        "Det blir bare noe av hvis alle svarer ja",
        "lar være å svare",
        "Ingen får noen gang se hva du svarer",
        "Du kan svare én gang",
        "slettet",
    ):
        assert said in text
    assert page.text.count('name="answer"') == 2


@pytest.mark.parametrize(("prefix", "said"), [("/nn", "Ingen får nokon gong sjå"), ("/en", "Nobody ever gets to see")])
async def test_vote_page_in_other_languages_says_the_same(world: World, app: FastAPI, prefix: str, said: str) -> None:
    pages = await ballots(world)

    assert said in words(await Browser(app).get(prefix + pages[0]))


async def test_vote_page_get_changes_nothing(world: World, app: FastAPI) -> None:
    (first, *_) = await ballots(world)
    before = (await world.dump(), await world.published())

    for prefix in ("", "/nn", "/en"):
        assert (await Browser(app).get(prefix + first)).status_code == 200

    assert (await world.dump(), await world.published()) == before


async def test_receipt_is_the_same_for_yes_no_and_a_second_visit(world: World, app: FastAPI) -> None:
    first, second, *_ = await ballots(world)
    seen = []
    for page, answer in ((first, "yes"), (second, "no")):
        reader = Browser(app)
        token = form_token((await reader.get(page)).text, page)
        for again in (answer, "no", "yes"):  # only the first counts
            response = await reader.post(page, answer=again, _csrf=token)
            assert (response.status_code, response.headers["location"]) == (303, page)
            headers = {name: value for name, value in response.headers.items() if name != "location"}
            receipt = await reader.get(page)
            assert receipt.status_code == 200
            assert "Svaret er tatt imot" in words(receipt)
            assert 'name="answer"' not in receipt.text
            seen.append((words(receipt), sorted(headers), response.content))
    assert len({repr(one) for one in seen}) == 1


async def test_answers_of_all_members_decide_and_no_event_tells_of_one(world: World, app: FastAPI) -> None:
    pages = await ballots(world)
    before = await world.published()
    for page in pages:
        await Browser(app).press(page, page, answer="yes")
    assert await world.published() == before
    assert await world.audit_entries() == [entry for entry in await world.audit_entries() if "vote" not in entry.action]

    await world.live(days=7)

    (closed,) = await world.published_of(group_life.VoteClosed)
    assert closed.agreed


@pytest.mark.parametrize("answers", [["yes", "yes", "yes", "yes"], ["no"], [], ["yes", "no", "yes", "yes", "yes"]])
async def test_one_no_or_silence_is_the_same_result(world: World, app: FastAPI, answers: list[str]) -> None:
    pages = await ballots(world)
    for page, answer in zip(pages, answers, strict=False):
        await Browser(app).press(page, page, answer=answer)

    await world.live(days=7)

    (closed,) = await world.published_of(group_life.VoteClosed)
    assert not closed.agreed


async def test_vote_page_after_the_deadline_says_it_is_over(world: World, app: FastAPI) -> None:
    first, second, *_ = await ballots(world)
    reader = Browser(app)
    await reader.press(first, first, answer="yes")
    token = form_token((await reader.get(second)).text, second)

    world.clock.move(OPEN_FOR)
    assert (await reader.post(second, answer="yes", _csrf=token)).status_code == 303
    before = {(page.status_code, words(page)) for page in [await reader.get(first), await reader.get(second)]}
    await world.live(hours=1)
    after = {(page.status_code, words(page)) for page in [await reader.get(first), await reader.get(second)]}

    assert before == after
    assert len(after) == 1
    ((status, text),) = after
    assert status == 410
    assert "Fristen er ute" in text
    assert (await reader.post(second, answer="yes", _csrf=token)).status_code == 303


@pytest.mark.parametrize("answer", ["", "maybe", "JA", "true"])
async def test_vote_page_with_another_answer_stores_nothing(world: World, app: FastAPI, answer: str) -> None:
    (first, *_) = await ballots(world)
    before = await world.dump()

    assert (await Browser(app).press(first, first, answer=answer)).status_code == 422
    assert (await Browser(app).post(first, answer="yes")).status_code == 403  # without the token of the form
    assert await world.dump() == before


async def test_vote_page_with_unknown_or_foreign_token_answers_404(world: World, app: FastAPI) -> None:
    await ballots(world)
    foreign = f"/avstemning/{LINKS.token(SEAT, (await seat_ids(world))[0])}"
    for path in ("/avstemning/tull", "/avstemning/" + "A" * 64, "/avstemning/..%2F", foreign):
        assert (await Browser(app).get(path)).status_code == 404, path
    assert (await Browser(app).get(link(uuid4()))).status_code == 410
