"""A person's own page, through the mail with its link."""

from datetime import timedelta

import pytest

from tests.scenarios.support.people import Participant, Visitor
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

SUBJECTS = {"nb": "Lenken du ba om", "nn": "Lenkja du bad om", "en": "The link you asked for"}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
async def test_own_page_link_comes_by_mail_and_opens_once(town: Town, language: str) -> None:
    kari = await Participant(town, "Kari", "kari@example.org", language=language).sign_up()
    await kari.confirm()
    kari.new_mails()
    visitor = Visitor(town)
    page = await visitor.open("/min-side")
    _form, button = next(pair for pair in page.buttons() if "email" in pair[0].fields)
    await visitor.press(button.label, email="kari@example.org")
    await town.run_jobs()
    await town.at_rest()
    (mail,) = kari.new_mails()
    assert mail.summary.subject == SUBJECTS[language]
    assert "LINK Bergen" in mail.text
    link = kari.link("min-side")
    page = await visitor.open(link)
    opening = next(button.label for form, button in page.buttons() if form.action.endswith(link))
    page = await visitor.press(opening)
    assert "kari@example.org" in page.text
    again = await Visitor(town).open(link)
    assert again.status == 410


async def test_own_page_link_is_gone_after_ten_minutes(town: Town) -> None:
    kari = await Participant(town, "Kari", "kari@example.org").sign_up()
    await kari.confirm()
    visitor = Visitor(town)
    page = await visitor.open("/min-side")
    _form, button = next(pair for pair in page.buttons() if "email" in pair[0].fields)
    await visitor.press(button.label, email="kari@example.org")
    await town.run_jobs()
    await town.at_rest()
    link = kari.link("min-side")
    town.clock.move(timedelta(minutes=11))
    assert (await visitor.open(link)).status == 410
