"""The page of a centre's policy: plain sentences, the difference before saving, and who keeps the older rules."""

import html
import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from intake.domain import policies as rules
from intake.web import policy_words as words
from shared.events import groups
from shared.kit.ids import new_id
from shared.reference import centres
from shared.reference.policy import DECISIONS, Policy, Span
from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.world import World
from tests.intake.test_policies import seed, versions

PAGE = "/stab/regler/link-bergen"


def plain(page: httpx.Response) -> str:
    """Return the words of the page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.fixture
async def desk(browser: Browser, world: World) -> Browser:
    """A coordinator of LINK Bergen, with the presets as first versions."""
    await seed(world)
    browser.sign_in_as_member("link-bergen")
    return browser


async def form(desk: Browser, **changes: Any) -> httpx.Response:
    """Fill in the form and press the button that shows the difference."""
    return await desk.press(await desk.get(f"{PAGE}/endre"), "/endre", steg="se", **changes)


async def save(desk: Browser, **changes: Any) -> httpx.Response:
    return await desk.press(await form(desk, **changes), "/endre", steg="lagre")


def proposed(world: World, number: int, version: str = "2026-11-1", centre: str = "link-bergen") -> groups.Proposed:
    return groups.Proposed(
        event_id=new_id(),
        occurred_at=world.clock.now(),
        correlation_id=new_id(),
        group_id=UUID(int=number),
        version=1,
        centre=centre,
        area="bergen",
        place="bergen-sentrum",
        slot="tue-evening",
        spoken_language="nb",
        size=5,
        policy_version=version,
    )


async def hear(world: World, *events: Any) -> None:
    """Deliver events to intake twice."""
    from intake.handlers import consumers
    from intake.store import inbox

    consumer = next(consumer for consumer in consumers(world.clock) if consumer.durable == "intake-groups")
    for event in (*events, *events):
        async with world.transaction() as session:
            await consumer.handle(session, inbox, event)


async def test_page_says_what_the_centre_does(desk: Browser) -> None:
    said = plain(await desk.get(PAGE))
    for sentence in (
        "Grupper kan ha opptil 8 deltakere.",
        "Vi tilbyr en forsamtale. Folk velger selv.",
        "Gruppa avtaler taushetsplikten i det første møtet.",
        "Vi finner et rom nær der folk bor, så godt det går.",
        "Vi kommer ikke tilbake av oss selv.",
    ):
        assert sentence in said
    assert "Senteret har ikke bestemt dette ennå. Systemet bruker: Det er en pause midt i møtet" in said
    assert said.count("Senteret har ikke bestemt dette ennå.") == len(DECISIONS) - 15


@pytest.mark.parametrize("centre_id", [centre.id for centre in centres.load().all])
@pytest.mark.parametrize("language", ["", "/nn", "/en"])
async def test_page_has_a_sentence_for_every_key(browser: Browser, world: World, centre_id: str, language: str) -> None:
    await seed(world)
    browser.sign_in_as_member(centre_id)
    page = await browser.get(f"{language}/stab/regler/{centre_id}")
    assert page.status_code == 200
    assert page.text.count("<li>") >= len(rules.KEYS)
    assert "%(" not in page.text
    assert (await browser.get(f"{language}/stab/regler/{centre_id}/endre")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"size_max": "9"}, "Grupper kan ha opptil 9 deltakere (før: 8). Gjelder nye grupper."),
        (
            {"size_min": ""},
            "Dette er ikke lenger bestemt. Systemet bruker da: En gruppe begynner når minst 5 kan møtes.",
        ),
        (
            {"forsamtale": "required"},
            "Alle har en forsamtale før de kommer på ventelisten (før: frivillig forsamtale).",
        ),
        ({"meeting_break": "false"}, "Det er ingen fast pause i møtet (før: ikke bestemt). Gjelder nye grupper."),
        ({"wishes": ["women", "young"]}, "for bare kvinner eller unge voksne, 18 til 30 år (før: –)."),
        (
            {"starter_meetings": "times", "starter_meetings_from": "2", "starter_meetings_to": "5"},
            "Igangsetteren er med på 2 til 5 møter (før: avtales). Gjelder nye grupper.",
        ),
        ({"fill_days": "0"}, "og gruppa blir for liten, avlyses den med en gang (før: 7)."),
        ({"group_term": "samtalegruppe"}, "Vi kaller dem samtalegrupper (før: selvhjelpsgrupper). Gjelder fra nå av."),
        ({"leave_notice": "none"}, "Vi minner ingen på å si fra når de slutter (før: ikke bestemt)."),
    ],
)
async def test_difference_is_said_before_anything_is_saved(
    desk: Browser, world: World, changes: dict[str, Any], sentence: str
) -> None:
    page = await form(desk, **changes)
    assert page.status_code == 200
    assert sentence in plain(page)
    assert plain(page).count("(før:") == 1
    assert await versions(world) == [(1, "2026-11-1", "file")]


@pytest.mark.parametrize(
    ("key", "least", "most", "said"),
    [
        ("starter_meetings", 1, 1, "Igangsetteren er med på så mange møter: 1."),
        ("starter_meetings", 3, 3, "Igangsetteren er med på så mange møter: 3."),
        ("starter_meetings", 1, 2, "Igangsetteren er med på 1 til 2 møter."),
        ("followup_after_solo", 3, 3, "Vi kommer tilbake når gruppa har hatt så mange møter alene: 3."),
        ("followup_after_solo", 3, 4, "Vi kommer tilbake når gruppa har hatt 3 til 4 møter alene."),
    ],
)
def test_number_is_said_as_a_span_only_if_it_is_one(key: str, least: int, most: int, said: str) -> None:
    policy = words.default_policy().model_copy(update={key: Span(min=least, max=most)})
    assert words.sentence(key, policy, str) == said
    assert ("til" in words.short(key, policy.model_copy(update={"undecided": frozenset()}), str)) == (least < most)


async def test_saved_policy_is_a_version_with_event_and_audit(desk: Browser, world: World) -> None:
    answer = await save(desk, size_max="9")
    assert answer.status_code == 303
    shown = plain(await desk.get(answer.headers["location"]))
    assert "De nye reglene er lagret" in shown
    assert "opptil 9 deltakere" in shown
    assert (await versions(world))[-1][2] == "web"
    event = (await world.policy_events())[-1]
    assert (event.centre, event.number, event.policy["size_max"]) == ("link-bergen", 2, 9)
    assert ("berit", "policy.saved", "link-bergen") in await world.audit_entries()
    public = (await desk.get("/informasjon/link-bergen")).text
    assert "5 til 9 mennesker" in public


async def test_difference_names_groups_that_keep_the_older_rules(desk: Browser, world: World) -> None:
    await hear(world, *(proposed(world, number) for number in (1, 2, 3)), proposed(world, 4, centre="link-oslo"))
    said = plain(await form(desk, size_max="9"))
    assert "3 grupper som er i gang, beholder reglene fra" in said
    assert "Bergen sentrum, tirsdag kveld Bergen sentrum, tirsdag kveld (2) Bergen" in said
    assert "i gang, beholder" not in plain(await desk.get(PAGE))  # nobody keeps an older one yet
    await save(desk, size_max="9")
    assert "3 grupper som er i gang, beholder reglene fra" in plain(await desk.get(PAGE))
    await hear(
        world,
        groups.Cancelled(
            event_id=new_id(), occurred_at=world.clock.now(), correlation_id=new_id(), group_id=UUID(int=1), version=2,
            centre="link-bergen", area="bergen", reason="too_few", seats=(),
        ),
        proposed(world, 1),
    )  # fmt: skip
    assert "2 grupper som er i gang, beholder reglene fra" in plain(await desk.get(PAGE))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size_max", "4"),
        ("size_max", "x"),
        ("size_min", "2"),
        ("seat_deadline_hours", ""),
        ("extension_days", "10"),
        ("meeting_minutes", "-1"),
        ("draft_minutes", "99999"),
        ("room", "palace"),
        ("confidentiality", ""),
        ("starter_meetings", "times"),
    ],
)
async def test_wrong_answers_are_explained_and_lose_nothing(
    desk: Browser, world: World, field: str, value: str
) -> None:
    page = await form(desk, fill_days="3", **{field: value})
    assert page.status_code == 422
    assert forms_of(page)[-1].fields["fill_days"] == ["3"]
    assert 'id="error-summary"' in page.text
    assert len(await versions(world)) == 1


async def test_back_to_the_form_keeps_what_was_filled_in(desk: Browser) -> None:
    page = await form(desk, size_max="9", wishes=["women"])
    back = await desk.press(page, "/endre", steg="endre")
    fields = forms_of(back)[-1].fields
    assert (fields["size_max"], fields["wishes"]) == (["9"], ["women"])


async def test_two_coordinators_the_second_sees_the_difference_again(desk: Browser, world: World) -> None:
    page = await form(desk, size_max="9")
    await save(desk, fill_days="3")
    again = await desk.press(page, "/endre", steg="lagre")
    assert again.status_code == 200
    said = plain(again)
    assert "Noen andre har lagret nye regler" in said
    assert "nye i 7 dager (før: 3)" in said
    assert len(await versions(world)) == 2
    assert (await desk.press(again, "/endre", steg="lagre")).status_code == 303


async def test_history_says_what_each_version_changed(desk: Browser) -> None:
    await save(desk, size_max="9")
    await save(desk, size_max="10", meeting_break="false")
    said = plain(await desk.get(f"{PAGE}/utgaver"))
    assert said.index("opptil 10 deltakere (før: 9)") < said.index("opptil 9 deltakere (før: 8)")
    assert "Lagret av berit" in said
    assert "Fra oppsettet av systemet" in said
    older = plain(await desk.get(f"{PAGE}?utgave=2"))
    assert "eldre utgave" in older
    assert "opptil 9 deltakere" in older
    assert (await desk.get(f"{PAGE}?utgave=77")).status_code == 404


async def test_nothing_changed_is_said_and_saves_nothing(desk: Browser, world: World) -> None:
    assert "Du har ikke endret noe ennå." in plain(await form(desk))
    assert len(await versions(world)) == 1


@pytest.mark.parametrize("path", ["", "/endre", "/utgaver", "/tekster", "/utseende"])
@pytest.mark.parametrize(
    ("centre", "roles", "status"),
    [
        ("link-oslo", ("koordinator",), 404),
        ("link-bergen", ("igangsetter",), 403),
        ("link-bergen", ("admin",), 200),
        ("link-bergen", ("koordinator",), 200),
    ],
)
async def test_only_the_centres_own_staff_reach_its_rules(
    browser: Browser, world: World, path: str, centre: str, roles: tuple[str, ...], status: int
) -> None:
    await seed(world)
    browser.sign_in_as_member(centre, roles=roles)
    assert (await browser.get(f"{PAGE}{path}")).status_code == status
    assert (await browser.get("/stab/regler/no-centre")).status_code in (403, 404)


async def test_list_of_one_centre_leads_to_its_page(browser: Browser, world: World) -> None:
    await seed(world)
    browser.sign_in_as_member("link-bergen")
    assert (await browser.get("/stab/regler")).headers["location"] == PAGE
    browser.sign_in_as_member("link-bergen", "link-oslo")
    assert "LINK Oslo" in (await browser.get("/stab/regler")).text


def test_every_key_of_a_policy_is_on_the_page() -> None:
    shown = [key for _, keys in words.SECTIONS for key in keys]
    assert sorted(shown) == sorted(rules.KEYS)
    assert set(rules.KEYS) | set(rules.OF_TEXTS) == set(Policy.model_fields)
    assert set(words.WORDS) == set(rules.KEYS)


@pytest.mark.parametrize("centre", centres.load().all, ids=lambda centre: centre.id)
def test_form_of_a_policy_reads_back_as_the_same_policy(centre: centres.Centre) -> None:
    policy, errors = rules.parse(rules.form_values(centre.policy), centre.policy)
    assert errors == ()
    assert policy is not None
    assert rules.changed_keys(centre.policy, policy) == ()
    assert policy.undecided == centre.policy.undecided
