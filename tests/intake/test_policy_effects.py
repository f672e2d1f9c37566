"""Effects of single keys of a policy on the pages before and at the start."""

from typing import Any

import pytest

from shared.reference import centres
from shared.reference.policy import Policy, Span
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_centres import with_policy
from tests.intake.test_policy_pages import plain
from tests.intake.test_public import signed_up

INFORMATION: dict[str, dict[Any, str]] = {
    "group_term": {"selvhjelpsgruppe": "En selvhjelpsgruppe er", "samtalegruppe": "En samtalegruppe er"},
    "size_min": {5: "er 5 til 8 mennesker", 4: "er 4 til 8 mennesker"},
    "size_max": {8: "er 5 til 8 mennesker", 9: "er 5 til 9 mennesker"},
    "mix_of_problems": {"mixed": "Dere trenger ikke å streve med det samme", "either": "ett problem de har felles"},
    "starters_min": {1: "En igangsetter fra LINK Bergen er med", 0: "Gruppa begynner på egen hånd"},
    "starter_meetings": {
        "agreed_with_group": "så lenge dere er enige om det",
        Span(min=1, max=1): "er med på det første møtet.",
        Span(min=2, max=5): "er med på de 2–5 første møtene.",
    },
    "forsamtale": {"offered": "Vi vil gjerne snakke med deg", "required": "snakker LINK Bergen med deg", "off": ""},
    "meeting_minutes": {120: "varer 2 timer", 90: "varer 90 minutter"},
    "meeting_break": {True: "Serveringen er enkel", False: ""},
    "confidentiality": {
        "agreed": "avtaler dere hva det betyr",
        "signed": "alle skriver under",
        "clarified": "får dere hjelp til å gjøre dem tydelige",
    },
    "room": {
        "near_home_best_effort": "så nær der dere bor som det lar seg gjøre",
        "by_agreement": "Hvor dere møtes, blir dere enige om",
        "own_house": "Dere møtes i lokalene til LINK Bergen",
    },
    "leave_notice": {"none": "", "tell_group_in_last_meeting": "Fortell det til de andre på det siste møtet ditt"},
    "reopen_rule": {"never": "kommer det ingen nye", "participants_decide": "bare nye hvis dere blir enige"},
}
"""By key and value: what only this value says."""


def change(browser: Browser, **changes: Any) -> None:
    directory = browser.app.state.deps.directory
    directory.replace(with_policy(directory.current(), "link-bergen", **changes))


@pytest.mark.parametrize("key", INFORMATION)
async def test_information_follows_each_key(browser: Browser, key: str) -> None:
    for value, said in INFORMATION[key].items():
        change(browser, **{key: value})
        text = plain(await browser.get("/informasjon/link-bergen"))
        assert said in text
        for other, words in INFORMATION[key].items():
            assert other == value or not words or words not in text


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("key", INFORMATION)
def test_information_follows_each_key_in_every_language(key: str, language: str) -> None:
    centre = centres.load().get("link-bergen")
    assert centre is not None
    texts = []
    for value in INFORMATION[key]:
        policy = Policy.model_validate({**centre.policy.as_data(), key: value})
        text = centre.model_copy(update={"policy": policy}).information(language)
        assert text is not None
        texts.append(text.sections)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("term", ["selvhjelpsgruppe", "samtalegruppe"])
async def test_front_page_and_form_use_the_centres_word(browser: Browser, term: str) -> None:
    directory = browser.app.state.deps.directory
    directory.replace(with_policy(directory.current(), "link", group_term="selvhjelpsgruppe"))
    change(browser, group_term=term)
    assert ("Her heter det samtalegruppe." in plain(await browser.get("/"))) is (term == "samtalegruppe")
    assert f"lettere å finne en {term}" in plain(await browser.times_page())
    assert f"for å finne en {term} til deg" in plain(await browser.about_page())


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("off", ""),
        ("offered", "LINK Bergen vil gjerne snakke med deg før du begynner"),
        ("required", "Før du kommer på ventelisten, snakker LINK Bergen med deg"),
    ],
)
async def test_form_and_thanks_tell_of_the_talk(browser: Browser, value: str, said: str) -> None:
    change(browser, forsamtale=value)
    pages = [await browser.about_page(), await browser.get((await signed_up(browser)).headers["location"])]
    for page in pages:
        assert said in plain(page)
        assert ("snakke med deg" in plain(page) or "snakker LINK" in plain(page)) is (value != "off")
    listed = (await browser.get("/api/v1/centres")).json()
    assert [centre["forsamtale"] for centre in listed if centre["id"] == "link-bergen"] == [value]


@pytest.mark.parametrize(("value", "told"), [("tell_group_in_last_meeting", True), ("none", False)])
async def test_leave_page_reminds_members_where_the_centre_does(
    browser: Browser, world: World, value: str, *, told: bool
) -> None:
    change(browser, leave_notice=value)
    signup_id = await world.confirmed()
    await world.rows(
        "update signups set state = 'member', placed_at = now(), group_id = gen_random_uuid(), group_version = 1"
        " returning 1"
    )
    page = await browser.get(browser.app.state.deps.links.url("", "nb", "leave", signup_id))
    assert ("det siste møtet ditt" in plain(page)) is told
    assert "Gruppa er lukket" in plain(page)


@pytest.mark.parametrize("value", ["none", "sealed_alias", "opt_in"])
async def test_information_and_privacy_say_what_is_remembered(browser: Browser, value: str) -> None:
    said = {
        "none": "sletter vi oversikten over hvem som er i gruppa",
        "sealed_alias": "én forseglet adresse for hver gruppe",
        "opt_in": "bare dem som har bedt om å høre fra oss",
    }
    change(browser, post_handover_memory=value)
    information = plain(await browser.get("/informasjon/link-bergen"))
    assert [words for words in said.values() if words in information] == [said[value]]
    _, line, *_ = plain(await browser.get("/personvern")).split("LINK Bergen: ")
    assert said[value] in line.split(". ")[0]
