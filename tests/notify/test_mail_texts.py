"""Words of mails that a centre writes itself: versions, the mails that have them, and what stays fixed."""

import re
from datetime import timedelta

import httpx
import pytest

from notify.domain.discretion import is_discreet
from notify.domain.mail_texts import Block
from notify.domain.own_words import FieldName, fields_in
from notify.examples import EXAMPLES, example
from notify.jobs import delete_expired
from notify.mails.registry import mail_registry
from notify.own_words import fields_of_block
from notify.rendering import Rendered
from notify.store import audit_log
from notify.web.mail_text_forms import LONGEST, read, values_of
from shared.kit.clock import ManualClock
from shared.kit.i18n import LOCALES
from shared.reference import centres
from tests.notify.support.browser import OLA
from tests.notify.support.contents import KINDS, content, renderer
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import NOON, Person

BERGEN = centres.load().get("link-bergen")
LIST = "/stab/brev"
PATH = f"{LIST}/link-bergen/on_the_list"
EDITABLE = [spec.kind for spec in mail_registry() if spec.own_words]


class Counter:
    """The counter of a centre, where staff write the words of mails."""

    def __init__(self, desk: Desk, *, other_centre: bool = False) -> None:
        self.client = desk.client(OLA) if other_centre else desk.client()

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    async def send(self, step: str, path: str = PATH, /, page: str = "", **fields: str) -> httpx.Response:
        """Send the form of a page with these fields changed."""
        html = page or (await self.client.get(path)).text
        form = re.search(rf'<form[^>]*action="{path}".*?</form>', html, re.DOTALL)
        assert form
        return await self.client.post(path, data=fields_of(form.group()) | fields | {"steg": step})

    async def saved(self, path: str = PATH, /, **fields: str) -> httpx.Response:
        shown = await self.send("videre", path, **fields)
        assert "Dette blir annerledes" in shown.text, words(shown.text)
        return await self.send("lagre", path, page=shown.text, reason="Klarere")


def fields_of(form: str) -> dict[str, str]:
    """The fields of a form as a browser sends them."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<input class="ds-input" id="\w+" name="(\w+)"[^>]*? value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', form))
    return {name: value.replace("&#39;", "'").replace("&#34;", '"') for name, value in found.items()}


def in_all(block: str, text: str) -> dict[str, str]:
    return {f"{block}_{language}": f"{text} ({language})" for language in LOCALES}


async def queued(desk: Desk, person: Person | None = None) -> Person:
    """Somebody for whom a mail about the waiting list waits."""
    person = desk.intake.add(person or Person())
    now = desk.clock.now()
    await desk.deliver(person.received(now), person.confirmed(now), person.ready(now))
    return person


async def mailed(desk: Desk, person: Person) -> Rendered:
    """The mail about the waiting list that a person has got."""
    await desk.mailer()
    (found,) = [
        mail for kind, email, mail in desk.left if kind == "on_the_list" and email == desk.intake.address(person)
    ]
    return desk.deps.renderer.render(found)


@pytest.fixture(autouse=True)
def noon(manual_clock: ManualClock) -> None:
    manual_clock.set(NOON)


async def test_saved_words_are_in_mails_that_are_queued_later(desk: Desk, manual_clock: ManualClock) -> None:
    staff, earlier = Counter(desk), await queued(desk)
    manual_clock.set(NOON + timedelta(minutes=1))
    texts = (
        in_all("subject", "Da er du med") | in_all("opening", "Takk skal du ha") | in_all("closing", "Hilsen {senter}")
    )
    assert (await staff.saved(**texts)).status_code == 303
    manual_clock.set(NOON + timedelta(minutes=2))
    later, english = await queued(desk), await queued(desk, Person(language="en"))
    old, new, foreign = [await mailed(desk, person) for person in (earlier, later, english)]
    assert old.subject == "Du står på ventelisten"
    assert new.subject == "Da er du med (nb)"
    assert foreign.subject == "Da er du med (en)"
    for part in (new.text, new.html):
        assert "Takk skal du ha (nb)" in part
        assert "Hilsen LINK Bergen (nb)" in part
        assert "Nå står du på ventelisten." not in part
        assert "116 123" in part
        assert "/meld-av/" in part
    assert "Klarere" in words(await staff.get(f"{PATH}/versjoner"))
    async with desk.database.transaction() as session:
        (act,) = await audit_log.entries_of(session, "mail_text", "link-bergen on_the_list")
    assert (act.action, act.scope, act.details) == ("mail_text.saved", "link-bergen", {"version": "1"})


async def test_earlier_words_can_be_taken_up_again(desk: Desk, manual_clock: ManualClock) -> None:
    staff = Counter(desk)
    for number, text in enumerate(("Første", "Andre"), 1):
        manual_clock.set(NOON + timedelta(minutes=number))
        assert (await staff.saved(**in_all("subject", text))).status_code == 303
    versions = await staff.get(f"{PATH}/versjoner")
    assert "Tekst 2 (gjelder nå)" in words(versions)
    forms = re.findall(rf'<form[^>]*action="{PATH}".*?</form>', versions, re.DOTALL)
    for number, (form, subject) in enumerate(zip(forms, ("Første (nb)", "Du står på ventelisten"), strict=True), 3):
        manual_clock.set(NOON + timedelta(minutes=number))
        fields = fields_of(form) | {"based_on": str(number - 1)}
        shown = await staff.client.post(PATH, data=fields | {"steg": "videre"})
        assert "Dette blir annerledes" in shown.text
        assert (await staff.send("lagre", page=shown.text)).status_code == 303
        manual_clock.set(NOON + timedelta(minutes=number, seconds=30))
        assert (await mailed(desk, await queued(desk))).subject == subject
    page = words(await staff.get(f"{PATH}/versjoner"))
    assert "Tatt i bruk igjen fra tekst 1." in page
    assert "Systemets tekst er tatt i bruk igjen." in page


async def test_two_who_write_at_once_lose_nothing(desk: Desk) -> None:
    staff = Counter(desk)
    first = await staff.send("videre", **in_all("subject", "Den første"))
    second = await staff.send("videre", **in_all("subject", "Den andre"))
    assert (await staff.send("lagre", page=first.text)).status_code == 303
    answer = await staff.send("lagre", page=second.text)
    assert answer.status_code == 200
    assert "En annen har lagret en ny tekst" in words(answer.text)
    assert "Den andre" in words(answer.text)
    assert (await staff.send("lagre", page=answer.text)).status_code == 303
    assert "Tekst 2" in words(await staff.get(f"{PATH}/versjoner"))


async def test_preview_saves_nothing_and_shows_three_languages(desk: Desk) -> None:
    staff = Counter(desk)
    answer = await staff.send("se", **in_all("closing", "Ring {telefon} når du vil"))
    assert answer.status_code == 200
    assert answer.text.count("<iframe") == 3
    for language in LOCALES:
        assert f"Ring 00 00 00 00 når du vil ({language})" in answer.text
    assert "'unsafe-inline'" in answer.headers["content-security-policy"].partition("style-src")[2].partition(";")[0]
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert "/se/…" in answer.text or "…" in answer.text
    assert "Ingen har endret teksten ennå." in words(await staff.get(f"{PATH}/versjoner"))


WRONG = (
    ("subject", "Du er i selvhjelpsgruppa", "låst skjerm"),
    ("subject", "Hei {fornavn}", "Feltet {fornavn} finnes ikke her"),
    ("subject", "x" * 71, "høyst 70 tegn"),
    ("opening", "Nå er du med i {gruppe}.", "Feltet {gruppe} finnes ikke her"),
    ("opening", "Nå er du {her.", "En krøllparentes står alene"),
    ("opening", "Hvorfor vil du være med?", "Vi spør aldri hvorfor"),
    ("closing", "Se <a href='https://x.example'>her</a>", "er en kode"),
    ("closing", "Se https://annet.example", "bare lenker og adresser til senteret selv"),
    ("closing", "Skriv til kari@gmail.com", "bare lenker og adresser til senteret selv"),
    ("closing", "Hei {etternavn}", "Feltet {etternavn} finnes ikke her"),
)


async def test_form_answers_each_fault_beside_its_field(desk: Desk) -> None:
    staff = Counter(desk)
    for block, text, sentence in WRONG:
        answer = await staff.send("videre", **in_all(block, text) | {f"{block}_nb": text})
        assert answer.status_code == 422, text
        error = re.search(rf'id="{block}_nb-error">([^<]*)', answer.text)
        assert error, text
        assert sentence in error.group(1)
        assert fields_of(answer.text)[f"{block}_nb"] or text.startswith("Se <a")
    missing = await staff.send("videre", closing_nb="Bare på bokmål")
    assert "Endre teksten på nynorsk også" in words(missing.text)
    assert {"closing_nn-error", "closing_en-error"} <= set(re.findall(r'id="(\w+-error)"', missing.text))
    unchanged = await staff.send("videre")
    assert "Ingenting er endret." in words(unchanged.text)
    assert "Ingen har endret teksten ennå." in words(await staff.get(f"{PATH}/versjoner"))


async def test_field_of_the_system_cannot_be_left_out(desk: Desk) -> None:
    path = f"{LIST}/link-bergen/kontaktmote_invited"
    answer = await Counter(desk).send("videre", path, **in_all("subject", "Kan du komme?"))
    assert "Feltet {tid} må være med" in words(answer.text)
    kept = await Counter(desk).send("videre", path, **in_all("subject", "Blir du med {tid}?"))
    assert "Dette blir annerledes" in kept.text
    assert "Blir du med torsdag 8. april 2027" in kept.text


async def test_list_says_what_when_and_to_whom(desk: Desk) -> None:
    page = await Counter(desk).get(LIST)
    gettext = {spec.kind: spec for spec in mail_registry()}
    for spec in gettext.values():
        assert f'href="{LIST}/link-bergen/{spec.kind}"' in page
        assert spec.sent in page
    assert "Til den som har meldt seg på" in page
    ballot = words(await Counter(desk).get(f"{LIST}/link-bergen/vote_opened"))
    assert "Teksten i denne e-posten kan ikke endres." in ballot


async def test_other_centre_cannot_read_or_write(desk: Desk) -> None:
    other = Counter(desk, other_centre=True)
    for path in (f"{LIST}/link-bergen", PATH, f"{PATH}/versjoner", f"{LIST}/link-oslo/finnes_ikke"):
        await other.get(path, 404)
    assert (await other.client.post(PATH, data={"steg": "lagre"})).status_code == 404
    await other.get(f"{LIST}/link-oslo/on_the_list")


async def test_every_mail_has_a_page(desk: Desk) -> None:
    staff = Counter(desk)
    for kind in KINDS:
        assert (await staff.get(f"{LIST}/link-bergen/{kind}")).count("<iframe") == 3


async def test_versions_outlive_retention(desk: Desk, manual_clock: ManualClock) -> None:
    staff = Counter(desk)
    await staff.saved(**in_all("subject", "Da er du med"))
    manual_clock.set(NOON + timedelta(days=800))
    await delete_expired(desk.database, manual_clock, desk.deps.directory)
    assert (await mailed(desk, await queued(desk))).subject == "Da er du med (nb)"


# The mails


@pytest.mark.parametrize("kind", KINDS)
def test_spec_says_when_it_is_sent(kind: str) -> None:
    assert mail_registry()[kind].sent.endswith(".")


@pytest.mark.parametrize("kind", EDITABLE)
def test_words_a_centre_may_write_are_the_same_in_every_mail(kind: str) -> None:
    """Subjects and openings that depend on facts stay the system's, or a centre's own would say less than it must."""
    spec = mail_registry()[kind]
    for language in LOCALES:
        said = [renderer().system_words(content(kind, language, name=name)) for name in EXAMPLES[kind]]
        for block in spec.own_words - {Block.CLOSING}:
            texts = {words[block] for words in said}
            assert len(texts) == 1, texts
            (text,) = texts
            allowed = fields_of_block(spec, block, has_phone=True)
            assert text
            assert set(fields_in(text)) <= {name.value for name in allowed}
            assert not re.search(r"\d", text), text


@pytest.mark.parametrize("kind", EDITABLE)
def test_system_words_pass_the_rules_for_own_words(kind: str) -> None:
    """What we say ourselves would be accepted from a centre, so the rules forbid no plain sentence."""
    assert BERGEN
    spec = mail_registry()[kind]
    system = {language: renderer().system_words(content(kind, language)) for language in LOCALES}
    values = {name: f"{text} " + "Ja." for name, text in values_of(spec, system, {}).items()}
    written = read(spec, BERGEN, system, {name: str(value) for name, value in values.items()}, str)
    too_long = [name for name, value in values.items() if len(str(value)) > LONGEST[Block(name.partition("_")[0])]]
    assert [problem for problem in written.problems if problem[0] not in too_long] == []


@pytest.mark.parametrize("kind", KINDS)
def test_own_words_leave_links_help_lines_and_facts(kind: str) -> None:
    spec, own = (
        mail_registry()[kind],
        {Block.SUBJECT: "Hei", Block.OPENING: "Velkommen.", Block.CLOSING: "Ha det fint."},
    )
    plain = renderer().render(content(kind, "nb"))
    edited = renderer().render(content(kind, "nb", own_words=own))
    assert re.findall(r"https?://\S+", edited.text) == re.findall(r"https?://\S+", plain.text)
    assert edited.html.count("href=") == plain.html.count("href=")
    assert edited.calendar == plain.calendar
    assert edited.leave_url == plain.leave_url
    foot = plain.text[plain.text.index("LINK Bergen\nTelefon") :]
    assert edited.text.endswith(foot)
    assert ("Ha det fint." in edited.text) == (Block.CLOSING in spec.own_words)
    assert (edited.subject == "Hei") == (Block.SUBJECT in spec.own_words)


def test_words_without_a_value_give_way_to_those_of_the_system() -> None:
    assert BERGEN
    own = {Block.OPENING: "Nå er du med, {fornavn}.", Block.CLOSING: "Ring {telefon}."}
    named = renderer().render(content("on_the_list", "nb", own_words=own))
    assert "Nå er du med, Kari." in named.text
    silent = BERGEN.model_copy(update={"phone": None})
    unnamed = renderer().render(example("on_the_list", "nb", silent, first_name=None, own_words=own))
    assert "Nå står du på ventelisten." in unnamed.text
    assert "Ring {" not in unnamed.text


@pytest.mark.parametrize("subject", ["Om selvhjelp", "Gruppa di", "Helse", "Terapi i dag", "Krise"])
def test_revealing_subject_stays_neutral_whatever_is_stored(subject: str) -> None:
    mail = renderer().render(content("on_the_list", "nb", own_words={Block.SUBJECT: subject, Block.OPENING: subject}))
    assert mail.subject == "Du står på ventelisten"
    assert is_discreet(mail.text[:90])


@pytest.mark.parametrize("name", list(FieldName))
def test_fields_never_reach_more_than_a_first_name(name: FieldName) -> None:
    """No field stands for an address, a number or a surname: the mail's content has none of them."""
    assert name.value in {"fornavn", "senter", "telefon", "gruppe", "tid", "frist"}
