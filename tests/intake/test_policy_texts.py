"""A centre writes its own texts in three languages, sees them first, and people read them at once."""

import html
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from intake.domain import text_forms
from intake.usecases import policies
from shared.errors import DomainError
from shared.events.signups import Confirmed
from shared.reference import centres, texts
from shared.reference.centre_texts import OwnText, sections, unknown_words
from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.world import World
from tests.intake.test_policies import seed
from tests.intake.test_policy_pages import PAGE, plain, save
from tests.intake.test_public import signed_up

INFORMATION = {
    "information_nb": "# Om oss\nVi er {centre}.\n\nEn {group} er {min} til {max}.",
    "information_nn": "# Om oss\nVi er {centre}.\n\nEi {group} er {min} til {max}.",
    "information_en": "# About us\nWe are {centre}.\n\nA {group} is {min} to {max}.",
}
NOT_NOW = {"not_now_nb": "Er du midt i en krise?", "not_now_nn": "Er du midt i ei krise?", "not_now_en": "In a crisis?"}
QUOTES = {
    "quotes_nb": "Jeg tør mer nå.\n– Mann, 35\n\nDet er godt å le sammen.\n– Kvinne, 61",
    "quotes_nn": "Eg tør meir no.\n– Mann, 35\n\nDet er godt å le i lag.\n– Kvinne, 61",
    "quotes_en": "I dare more now.\n– Man, 35\n\nIt is good to laugh together.\n– Woman, 61",
}
Again = Mapping[str, str]
NO: Again = {}
CONSENT = {"consent_nb": "Oslo kommune betaler.", "consent_nn": "Kommunen betaler.", "consent_en": "Oslo pays."}


@pytest.fixture
async def desk(browser: Browser, world: World) -> Browser:
    await seed(world)
    browser.sign_in_as_member("link-bergen", "link-oslo")
    return browser


async def preview(desk: Browser, page: str = PAGE, /, **written: str) -> httpx.Response:
    return await desk.press(await desk.get(f"{page}/tekster"), "/tekster", steg="se", **written)


async def write(desk: Browser, page: str = PAGE, again: Again = NO, /, **written: str) -> None:
    answer = await desk.press(await preview(desk, page, **written), "/tekster", steg="lagre", **again)
    assert answer.status_code == 303


async def test_form_begins_with_the_text_that_people_read(desk: Browser) -> None:
    page = await desk.get(f"{PAGE}/tekster")
    assert "# Hva gruppa er" in page.text
    assert html.unescape(page.text).count("{group}") >= 3


@pytest.mark.parametrize(("prefix", "heading", "said"), [
    ("", "Om oss", "En selvhjelpsgruppe er 5 til 8."),
    ("/nn", "Om oss", "Ei sjølvhjelpsgruppe er 5 til 8."),
    ("/en", "About us", "A self-help group is 5 to 8."),
])  # fmt: skip
async def test_own_information_is_read_with_what_follows_from_the_policy(
    desk: Browser, prefix: str, heading: str, said: str
) -> None:
    await write(desk, **INFORMATION)
    page = plain(await desk.get(f"{prefix}/informasjon/link-bergen"))
    assert heading in page
    assert said in page
    assert "Hva gruppa er" not in page
    assert any(word in page for word in ("avtaler dere", "avtaler de", "you agree on"))  # confidentiality, by policy
    form = plain(await desk.about_page(prefix=prefix))
    assert said in form


async def test_preview_shows_all_languages_and_saves_nothing(desk: Browser, world: World) -> None:
    said = plain(await preview(desk, **INFORMATION, **QUOTES, **NOT_NOW))
    wanted = ("En selvhjelpsgruppe er 5 til 8.", "Ei sjølvhjelpsgruppe er 5", "A self-help group is 5", "– Mann, 35")
    for words in (*wanted, "Er du midt i en krise?", "In a crisis?"):
        assert words in said
    assert await world.count("policies") == 4


async def test_quotes_and_not_now_are_on_the_information_page(desk: Browser) -> None:
    await write(desk, **QUOTES, **NOT_NOW)
    page = plain(await desk.get("/informasjon/link-bergen"))
    assert "Jeg tør mer nå. – Mann, 35" in page
    assert "Kanskje passer det ikke nå Er du midt i en krise?" in page
    assert "Hva gruppa er" in page  # the shipped text stays
    assert "krise?" not in plain(await desk.get("/informasjon/link-oslo"))


async def test_own_consent_is_added_and_asked_for(desk: Browser, world: World) -> None:
    before = world.location().centre.policy.consent_version
    await write(desk, **CONSENT)
    assert "Oslo kommune betaler." in (await desk.about_page()).text
    assert "aldri hvorfor" in (await desk.about_page()).text
    version = desk.app.state.deps.centres.get("link-bergen").policy.consent_version
    assert version != before
    assert (await signed_up(desk)).status_code == 303
    assert await world.rows("select text_version from consents") == [(version,)]


BAD: list[dict[str, str]] = [
    {"information_nb": "Bare bokmål"},
    {"not_now_nb": "x", "not_now_nn": "x"},
    {**NOT_NOW, "not_now_en": "Ask {staff}"},
    {**NOT_NOW, "not_now_nb": "Krøll {"},
    {**NOT_NOW, "not_now_nb": "x" * 4001},
    {**QUOTES, "quotes_nn": "Eg tør meir no.\n– Mann, 35"},
    {**QUOTES, "quotes_en": "I dare more now."},
    {**QUOTES, "quotes_nb": f"{'x' * 400}\n– Mann, 35"},
    {**QUOTES, "quotes_nb": "\n\n".join(["Ja.\n– Mann, 35"] * 9)},
    {**QUOTES, "quotes_nb": "– Mann, 35"},
]


@pytest.mark.parametrize("written", BAD, ids=range(len(BAD)))
async def test_wrong_texts_are_explained_and_lose_nothing(desk: Browser, world: World, written: dict[str, str]) -> None:
    page = await preview(desk, **written)
    assert page.status_code == 422
    assert 'id="error-summary"' in page.text
    for text in written.values():
        assert html.escape(text.split("\n")[0][:200], quote=True) in page.text or text[:200] in html.unescape(page.text)
    assert await world.count("policies") == 4


async def test_texts_too_long_for_the_broker_are_refused(desk: Browser, world: World) -> None:
    centre = world.location().centre
    smileys = OwnText(**dict.fromkeys(("nb", "nn", "en"), "\N{SLIGHTLY SMILING FACE}" * 3000))
    own = centre.texts.model_copy(update={"not_now": smileys})
    async with world.transaction() as session:
        saving = policies.save(session, world.directory, centre, centre.policy, own, based_on=1, actor=world.actor())
        with pytest.raises(DomainError, match="texts_too_long"):
            await saving
    assert await world.count("policies") == 4


async def _oslo_waits_unread(desk: Browser, world: World, again: dict[str, str]) -> tuple[str, ...]:
    """Somebody signs up and reads, the information changes, and the mail is confirmed; return what is awaited."""
    await world.signed_up(place="0150")
    await write(desk, "/stab/regler/link-oslo", again, **INFORMATION)
    world.directory.replace(desk.app.state.deps.centres)
    await world.confirm_newest()
    (event,) = [event for event in await world.events() if isinstance(event, Confirmed)]
    return event.awaits


async def test_material_change_is_read_again(desk: Browser, world: World) -> None:
    assert await _oslo_waits_unread(desk, world, {"read_again": "true"}) == ("read",)


async def test_change_of_words_counts_as_read(desk: Browser, world: World) -> None:
    assert await _oslo_waits_unread(desk, world, {}) == ()


async def test_policy_that_changes_the_information_gives_it_a_version(desk: Browser, world: World) -> None:
    before = world.location().centre
    await save(desk, confidentiality="signed")
    after = desk.app.state.deps.centres.get("link-bergen")
    assert after.policy.information_version != before.policy.information_version
    assert before.policy.information_version in after.same_information
    assert "alle skriver under" in plain(await desk.get("/informasjon/link-bergen"))


async def test_policy_with_wishes_takes_the_consent_that_mentions_them(desk: Browser) -> None:
    await save(desk, wishes=["women"])
    page = await desk.about_page()
    assert "hvem du vil være i gruppe med" in page.text
    centre = desk.app.state.deps.centres.get("link-bergen")
    assert list(texts.faults(centre.policy, centre.texts)) == []


async def test_back_to_the_shipped_text(desk: Browser) -> None:
    await write(desk, **INFORMATION)
    await write(desk, **dict.fromkeys(INFORMATION, ""), **NOT_NOW)
    page = plain(await desk.get("/informasjon/link-bergen"))
    assert "Hva gruppa er" in page
    assert "Vi er LINK Bergen" not in page


async def test_hidden_fields_of_the_preview_keep_paragraphs(desk: Browser) -> None:
    page = await preview(desk, **INFORMATION)
    fields = forms_of(page)[-1].fields
    assert fields["information_nb"][0].replace("\r\n", "\n") == INFORMATION["information_nb"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("En.\n\nTo.", [("", ("En.", "To."))]),
        ("# A\nEn\nto.\n\n## B\n\nTre.", [("A", ("En to.",)), ("B", ("Tre.",))]),
        ("Først.\n#A\nSå.", [("", ("Først.",)), ("A", ("Så.",))]),
        ("\r\n# A\r\nEn.\r\n", [("A", ("En.",))]),
        ("# A", [("A", ())]),
        ("{centre} her.", [("", ("LINK her.",))]),
    ],
)
def test_sections_of_a_plain_text(text: str, parts: list[tuple[str, tuple[str, ...]]]) -> None:
    assert list(sections(text, {"centre": "LINK"})) == parts


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("{centre}", 0), ("{Centre}", 1), ("{", 1), ("}", 1), ("{}", 1), ("{0}", 1), ("{centre.name}", 1), ("{{x}}", 0)],
)
def test_unknown_words_in_braces_are_found(text: str, unknown: int) -> None:
    assert len(unknown_words(text)) == unknown


@pytest.mark.parametrize("centre", centres.load().all, ids=lambda centre: centre.id)
def test_form_of_texts_reads_back_as_the_same_texts(centre: centres.Centre) -> None:
    own: dict[str, Any] = {**text_forms.form_values(centre), **QUOTES, **NOT_NOW}
    read, errors = text_forms.parse(own, centre)
    assert errors == ()
    assert read is not None
    assert text_forms.changed(centre.texts, read) == ("not_now", "quotes")
    again, _ = text_forms.parse(text_forms.form_values(centre.model_copy(update={"texts": read})), centre)
    assert again == read
