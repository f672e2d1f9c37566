"""A person's own page, by a mailed link: changes while holding a seat, and erasure with a receipt."""

from datetime import timedelta
from typing import Final

import pytest

from tests.scenarios.support.people import (
    Participant,
    Visitor,
    all_read,
    confirmed_group,
    signed_in,
    waiting,
)
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

NAMES = ("Ane", "Bo", "Cia", "Dag", "Eva", "Finn")
MOBILE: Final = "+4791234567"
ABOUT_PEOPLE: Final = {
    "intake.people",
    "intake.signups",
    "intake.consents",
    "grouping.waiting",
    "grouping.seats",
    "notify.signups",
    "notify.seats",
    "notify.mails",
}
"""Tables in which a person with an offer can be found."""


async def own_page(person: Participant) -> Visitor:
    """Ask for the link, and open the page with it."""
    visitor = Visitor(person.town)
    await visitor.open("/min-side")
    await visitor.press("Send meg lenken", email=person.email)
    assert visitor.page.heading == "Se i e-posten din"
    await person.town.at_rest()
    await visitor.open(person.link("min-side"))
    await visitor.press("Åpne siden min")
    assert visitor.page.heading == f"Hei, {person.first_name}"
    await person.town.at_rest()
    return visitor


async def test_person_with_a_seat_who_changes_times_loses_it_knowingly(town: Town) -> None:
    people = await confirmed_group(town, *NAMES)
    ane, *others = people
    meeting = ane.calendar()[-1]
    visitor = await own_page(ane)
    all_read([ane])
    await visitor.click("Rett eller endre")
    assert "Passer den ikke lenger med det som endres her, går den videre til en annen." in visitor.page.text
    await visitor.press("Lagre endringene", slots=["wed-evening"])
    assert "Med denne endringen kan plassen i gruppa gå tapt." in visitor.page.text
    await town.at_rest()
    assert ane.new_subjects() == []
    assert (await ane.look("plass")).heading == "Du er med"

    await visitor.press("Ja, endre selv om plassen blir borte")
    await town.at_rest()
    (mail,) = ane.new_mails()
    assert mail.summary.subject == "Du har ikke lenger denne plassen"
    assert "Du endret ønskene dine." in " ".join(mail.text.split())
    cancelled = ane.calendar()[-1]
    assert (cancelled.method, cancelled.uid) == ("CANCEL", meeting.uid)
    assert cancelled.sequence > meeting.sequence
    assert "onsdag kveld" in visitor.page.text
    assert [person.new_subjects() for person in others] == [[]] * 5
    await town.move(timedelta(days=20))
    assert (await others[0].look("plass")).heading == "Gruppa har startet"
    assert all("Husk" not in subject for subject in ane.new_subjects())


async def test_person_with_a_seat_who_adds_times_keeps_it(town: Town) -> None:
    ane, *_ = await confirmed_group(town, *NAMES[:5])
    visitor = await own_page(ane)
    all_read([ane])
    await visitor.click("Rett eller endre")
    await visitor.press("Lagre endringene", slots=["tue-evening", "wed-evening"])
    await town.at_rest()
    assert visitor.page.heading == "Hei, Ane"
    assert ane.new_subjects() == []
    assert (await ane.look("plass")).heading == "Du er med"


async def test_person_who_is_erased_gets_a_receipt_and_leaves_nothing(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    ane = Participant(town, "Anelia", "anelia@example.org", mobile=MOBILE)
    await ane.sign_up()
    await ane.confirm()
    others = await waiting(town, "Bo", "Cia", "Dag", "Eva")
    all_read([ane, *others])
    (person,) = await town.rows("intake", "SELECT person_id FROM people ORDER BY person_id LIMIT 1")
    person_id = str(person["person_id"])
    assert set(await town.places_of(person_id)) >= ABOUT_PEOPLE
    visitor = await own_page(ane)
    await visitor.click("Slett alt om meg")
    assert visitor.page.heading == "Vil du slette alt om deg?"
    await visitor.press("Ja, slett for godt")
    await town.at_rest()
    assert visitor.page.heading == "Alt om deg er slettet"
    for said in ("Kvittering", "Påmeldinger: 1", "Samtykker: 1"):
        assert said in visitor.page.text
    all_read([ane])
    await town.run_jobs()
    await town.at_rest()

    assert (await ane.look("plass")).status == 404
    assert "Anelia" not in (await staff.open("/stab/personer")).text
    await visitor.open("/min-side/oversikt")
    assert visitor.page.heading == "Siden din"
    assert [person.new_subjects() for person in others] == [[]] * 4
    await town.move(timedelta(days=4))
    assert ane.new_subjects() == []
    for trace in ("anelia", "Anelia", "anelia@example.org", "91234567"):
        assert await town.places_of(trace) == [], trace
    assert ABOUT_PEOPLE.isdisjoint(await town.places_of(person_id))


async def test_person_with_a_seat_who_changes_address_is_told_what_holds(town: Town) -> None:
    ane, *_ = await confirmed_group(town, *NAMES[:5])
    visitor = await own_page(ane)
    assert "Språk i e-post bokmål" in visitor.page.text
    await visitor.click("Rett eller endre")
    await visitor.press("Lagre endringene", mail_language="en", email="ane.ny@example.org")
    await town.at_rest()
    assert "Vi har sendt en e-post til den nye adressen." in visitor.page.text
    assert "Språk i e-post English" in visitor.page.text
    new = Participant(town, "Ane", "ane.ny@example.org")
    assert (await new.confirm()).heading == "Thank you, the new address is in use now"
    assert (await new.look("bekreft")).heading == "You have confirmed already"
    await visitor.click("Rett eller endre")
    await visitor.press("Lagre endringene", max_travel_km="50")
    assert "Endringene er lagret." in visitor.page.text
    assert "ane.ny@example.org" in visitor.page.text
    assert (await ane.look("plass")).heading == "Du er med"
