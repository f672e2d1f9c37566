"""The same stories in nynorsk and English: each sentence that a person reads is in the language of their sign-up."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import (
    Participant,
    Visitor,
    all_read,
    confirmed_group,
    open_group,
    say_yes,
    signed_in,
    waiting,
)
from tests.scenarios.support.town import Town
from tests.scenarios.test_meetings import rising, set_meeting, start_of
from tests.scenarios.test_phone_only import MOBILE, answer, the_call

pytestmark = pytest.mark.system

NAMES = ("Ane", "Bo", "Cia", "Dag", "Eva")


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "nn",
            (
                "Ta ein pause",
                "Du har pause",
                "Du har teke ein pause",
                "Derfor gjekk plassen vidare til ein annan.",
                "Ja, eg er klar igjen",
                "Kryss av for samtykket, så er du med igjen.",
                "Velkomen tilbake",
            ),
        ),
        (
            "en",
            (
                "Take a break",
                "You are taking a break",
                "You are taking a break",
                "so the place went to somebody else.",
                "Yes, I am ready again",
                "Tick the box for your consent, and you are back.",
                "Welcome back",
            ),
        ),
    ],
)
async def test_pause_and_return_are_told_in_ones_language(
    town: Town, language: str, sentences: tuple[str, ...]
) -> None:
    pause, heading, subject, seat_lost, ready, untick, welcome = sentences
    ane, *_ = await confirmed_group(town, *NAMES, "Finn", in_languages=(language,))
    visitor = Visitor(town)
    await visitor.open(ane.link("venter"))
    await visitor.click(pause)
    await visitor.press(pause)
    await town.at_rest()
    assert visitor.page.heading == visitor.page.title == heading
    assert subject in ane.new_subjects()
    assert seat_lost in (await ane.look("plass")).text
    await visitor.press(ready)
    assert untick in visitor.page.text
    version = visitor.page.html.split('id="consent_version" name="consent" value="')[1].split('"')[0]
    await visitor.press(ready, consent=version)
    assert visitor.page.heading == welcome


@pytest.mark.parametrize(
    ("language", "no", "offered", "dated"),
    [
        ("nn", "Du har sagt nei til denne plassen", "Det er ein plass til deg", "Datoen for det første møtet er klar"),
        ("en", "You have said no to this place", "There is a place for you", "The date of your first meeting is set"),
    ],
)
async def test_one_no_is_told_in_ones_language(town: Town, language: str, no: str, offered: str, dated: str) -> None:
    *four, eva = await waiting(town, *NAMES, in_languages=(language,))
    await say_yes(four)
    all_read((*four, eva))
    assert (await eva.say("no")).heading == no
    (finn,) = await waiting(town, "Finn", in_languages=(language,))
    assert offered in finn.new_subjects()
    await finn.say("yes")
    assert [person.new_subjects() for person in (*four, finn)] == [[dated]] * 5


@pytest.mark.parametrize(
    ("language", "put_off", "moved"),
    [
        ("nn", "Det første møtet er utsett", "Ny tid eller ny stad for møtet"),
        ("en", "The first meeting is postponed", "New time or new place for the meeting"),
    ],
)
async def test_meeting_moved_and_called_off_is_told_in_ones_language(
    town: Town, language: str, put_off: str, moved: str
) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    people = await confirmed_group(town, *NAMES, in_languages=(language,))
    await set_meeting(staff, start_of(people[0]) + timedelta(days=8))
    for person in people:
        (mail,) = person.new_mails()
        assert mail.summary.subject == moved
        assert "Strandgaten 6, rom 2" in mail.text
    await open_group(staff)
    await staff.press("Utsett møtet")
    await town.at_rest()
    for person in people:
        assert len(person.new_mails()) == 1
        assert person.calendar()[-1].method == "CANCEL"
        assert rising(person)
    assert (await people[0].look("plass")).heading == put_off


@pytest.mark.parametrize(
    ("language", "opening", "offer"),
    [
        ("nn", "Snakkar eg med Marit?", "Vil du ha plassen?"),
        ("en", "Am I speaking to Marit?", "Would you like the place?"),
    ],
)
async def test_call_is_in_the_language_of_the_person(town: Town, language: str, opening: str, offer: str) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    await Participant(town, "Marit", mobile=MOBILE, language=language).sign_up()
    assert f'lang="{language}"' in (await the_call(staff)).html
    await answer(staff, "Sa ja, vil være med")
    await waiting(town, *NAMES[:4])
    page = await the_call(staff)
    for said in (opening, offer, "Sa ja", "Sa nei"):
        assert said in page.text
    await answer(staff, "Sa ja")


@pytest.mark.parametrize(
    ("language", "open_page", "question", "erase", "erased", "receipt"),
    [
        ("nn", "Opne sida mi", "Vil du slette alt om deg?", "Ja, slett for godt", "Alt om deg er sletta", "Kvittering"),
        (
            "en",
            "Open my page",
            "Do you want to delete everything about you?",
            "Yes, delete for good",
            "Everything about you is deleted",
            "Receipt",
        ),
    ],
)
async def test_erasure_has_a_receipt_in_ones_language(
    town: Town, language: str, open_page: str, question: str, erase: str, erased: str, receipt: str
) -> None:
    (kari,) = await waiting(town, "Kari", in_languages=(language,))
    visitor = Visitor(town)
    page = await visitor.open(f"/{language}/min-side")
    _, button = next(pair for pair in page.buttons() if "email" in pair[0].fields)
    await visitor.press(button.label, email="kari@example.org")
    await town.run_jobs()
    await town.at_rest()
    await visitor.open(kari.link("min-side"))
    await visitor.press(open_page)
    await visitor.open(f"/{language}/min-side/slett")
    assert visitor.page.heading == question
    await visitor.press(erase)
    assert visitor.page.heading == erased
    assert receipt in visitor.page.text
    assert await town.rows("intake", "SELECT person_id FROM people") == []
