"""A centre that talks with everybody first: times, a call in vain, another time, an outcome, and then a group."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import Participant, Visitor, signed_in, today, waiting
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

MOBILE = "+4791234567"


async def talks_are_required(staff: Visitor) -> None:
    """The centre decides that everybody has a talk first."""
    await staff.open("/stab/regler")
    await staff.click("Endre reglene")
    await staff.press("Se hva som blir annerledes", forsamtale="required")
    page = await staff.press("Lagre de nye reglene")
    assert "De nye reglene er lagret" in page.text
    await staff.town.at_rest()


async def open_times(staff: Visitor, days: int, hour: str) -> None:
    day = staff.town.clock.now() + timedelta(days=days)
    await staff.open("/stab/forsamtaler")
    page = await staff.press("Åpne tidene", dag=f"{day:%Y-%m-%d}", klokken=hour, antall="2", hos="Berit")
    assert "2 tider er åpnet." in page.text
    await staff.town.at_rest()


async def the_talk(staff: Visitor, sentence: str) -> None:
    """Open the one talk on the list of today."""
    page = await today(staff)
    assert sentence in page.text, page.text
    paths = [href for _, href in page.links if href.startswith("/stab/forsamtaler/")]
    assert len(paths) == 1, paths
    await staff.open(paths[0])


async def test_person_books_misses_books_again_and_gets_a_group(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    others = await waiting(town, "Ane", "Bo", "Cia", "Dag")
    await talks_are_required(staff)
    await open_times(staff, 2, "10:00")
    assert not [href for _, href in (await today(staff)).links if href.startswith("/stab/forsamtaler/")]

    # From the mail it is three presses: confirm, go to the times, pick one.
    kari = await Participant(town, "Kari", "kari@example.org", mobile=MOBILE).sign_up()
    browser = Visitor(town)
    await browser.open(kari.link("bekreft"))
    await browser.press("Ja, det er meg")
    await town.at_rest()
    await browser.click("Velg en tid for en prat")
    page = await browser.press("10.00–10.30")
    assert browser.clicks == 3
    assert "Tiden er din." in page.text
    await town.at_rest()
    assert kari.new_subjects()[-2:] == [
        "Takk, velg en tid som passer for deg",
        "Vi snakkes onsdag 7. januar 2026 kl. 10.00",
    ]
    assert await town.rows("grouping", "SELECT 1 FROM waiting WHERE signup_id NOT IN "
                           "(SELECT signup_id FROM waiting ORDER BY signed_up_at LIMIT 4)") == []  # fmt: skip

    # The centre calls, and does not reach her.
    await town.move(timedelta(days=1))
    assert kari.new_subjects() == ["I morgen: vi snakkes onsdag 7. januar 2026 kl. 10.00"]
    await town.move(timedelta(days=1))
    await the_talk(staff, "Hvordan gikk praten med Kari onsdag 7. januar 2026 kl. 10.00?")
    assert "912 34 567" in staff.page.text
    await staff.press("Fikk ikke tak i")
    assert "Takk, den er gjort." in staff.page.text
    await town.at_rest()
    (mail,) = kari.new_mails()
    assert mail.summary.subject == "Vi fikk ikke tak i deg"

    # New times, in one mail; she picks one, moves it, and the calendar follows.
    await open_times(staff, 2, "12:00")
    await browser.open(kari.link("prat"))
    await browser.press("12.00–12.30")
    await town.at_rest()
    await browser.press("12.30–13.00")
    await town.at_rest()
    first, second, third = kari.calendar()
    assert second.uid == third.uid != first.uid
    assert (second.method, second.sequence, third.method, third.sequence) == ("PUBLISH", 0, "PUBLISH", 1)
    await town.move(timedelta(days=1, hours=20))
    await the_talk(staff, "Ring Kari fredag 9. januar 2026 kl. 12.30. Dere har avtalt en prat.")
    await staff.press("Klar")
    await town.at_rest()
    assert not [href for _, href in (await today(staff)).links if href.startswith("/stab/forsamtaler/")]

    # Only now she waits, and the five are a group.
    (group,) = await town.rows("grouping", "SELECT live FROM groups")
    assert group["live"] == 5
    assert (await kari.look("plass")).has_button("Ja")
    assert (await others[0].look("plass")).has_button("Ja")
    (talk,) = await town.rows("intake", "SELECT outcome, time_id FROM talks")
    assert talk == {"outcome": "clear", "time_id": None}
    assert await town.places_of("Berit") == ["intake.talk_times"]  # who holds the talk is on intake's pages alone


async def test_person_without_address_is_booked_on_the_phone(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    await talks_are_required(staff)
    await open_times(staff, 2, "10:00")
    await Participant(town, "Marit", mobile=MOBILE).sign_up()
    (path,) = [href for _, href in (await today(staff)).links if href.startswith("/stab/ring/")]
    await staff.open(path)
    await staff.press("Sa ja, vil være med")
    await town.at_rest()

    await the_talk(staff, "Marit venter på en forsamtale.")
    await staff.press("10.30–11.00")
    await town.at_rest()
    assert not [href for _, href in (await today(staff)).links if href.startswith("/stab/forsamtaler/")]
    await town.move(timedelta(days=2))
    await the_talk(staff, "Hvordan gikk praten med Marit")
    await staff.press("Fikk ikke tak i")
    await town.at_rest()
    assert not [href for _, href in (await today(staff)).links if href.startswith("/stab/forsamtaler/")]
    await town.move(timedelta(days=1))
    await the_talk(staff, "Ring Marit og ta praten, eller avtal en tid.")
    await staff.press("Ikke nå")
    await town.at_rest()
    (row,) = await town.rows("intake", "SELECT state, paused_at IS NOT NULL AS paused FROM signups")
    assert row == {"state": "confirmed", "paused": True}


async def test_talk_that_the_centre_calls_off_comes_with_other_times(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    await open_times(staff, 2, "10:00")
    (kari,) = await waiting(town, "Kari")
    assert (await kari.look("prat")).heading == "Snakk med oss før du begynner"  # voluntary, while she waits
    browser = Visitor(town)
    await browser.open(kari.link("prat"))
    await browser.press("10.00–10.30", mobile=MOBILE)
    await town.at_rest()
    kari.new_mails()
    await staff.open("/stab/forsamtaler")
    assert "Kari" in staff.page.text
    await staff.press("Avlys, og si fra til personen")
    await town.at_rest()
    (mail,) = kari.new_mails()
    assert mail.summary.subject == "Avlyst: tiden onsdag 7. januar 2026 kl. 10.00"
    assert kari.calendar()[-1].method == "CANCEL"
    page = await browser.open(kari.link("prat"))
    assert page.has_button("10.30–11.00")
    assert not page.has_button("10.00–10.30")
    await town.move(timedelta(days=30))
    assert "Vi fikk ikke tak i deg" not in kari.new_subjects()  # nobody is chased about a voluntary talk
