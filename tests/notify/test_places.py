"""Where a started group meets, in mails, when its centre has never written an address."""

from dataclasses import replace
from datetime import timedelta

import pytest

from notify.domain.content import MailContent
from notify.domain.mail_spec import FromMeetingAhead
from notify.mails.registry import mail_registry
from notify.queries import mails as mail_queries
from shared.reference import centres
from tests.notify.support.contents import LANGUAGES, content, renderer
from tests.notify.support.desk import Desk
from tests.notify.support.events import Group, Person
from tests.notify.support.group_life import GroupLife, thursday

AFTER_START = tuple(spec.kind for spec in mail_registry() if spec.about_life or isinstance(spec.plan, FromMeetingAhead))
CENTRES = tuple(sorted(centre.id for centre in centres.load().all))
ASK = {"nb": "Spør de andre i gruppa", "nn": "Spør dei andre i gruppa", "en": "Ask the others in the group"}


def without_address(kind: str, language: str, centre_id: str) -> MailContent:
    """A mail about meetings at the installation's default place, as grouping publishes it."""
    mail = content(kind, language, centre=centre_id)
    centre = mail.centre
    default = centre.in_language(centre.place_text(centre.areas[0].places[0].id, "nb"), language)
    return replace(
        mail,
        place_text=default,
        address_known=False,
        ahead=tuple(replace(meeting, place_text=default, address_known=False) for meeting in mail.ahead),
        calendar=tuple(replace(meeting, place_text=default, address_known=False) for meeting in mail.calendar),
        changes=tuple(replace(change, place_text=default, address_known=False) for change in mail.changes),
    )


def text_of(mail: MailContent) -> str:
    return " ".join(renderer().render(mail).text.split())


def whole(mail: MailContent) -> str:
    """Everything that the recipient reads, and what staff say on the phone."""
    rendered = renderer().render(mail)
    spec = mail_registry().get(mail.kind)
    script = renderer().call_script(mail, told=True) if spec is not None and spec.call is not None else ""
    file = rendered.calendar.file.decode() if rendered.calendar is not None else ""
    return f"{rendered.text} {rendered.html} {file} {script}".replace("\n", " ")


@pytest.mark.parametrize("kind", AFTER_START)
def test_mail_after_start_without_address_has_no_placeholder(kind: str) -> None:
    for language in LANGUAGES:
        for centre_id in CENTRES:
            mail = without_address(kind, language, centre_id)
            for promise in mail.centre.meeting_place.values():
                assert promise not in whole(mail)


@pytest.mark.parametrize("kind", ["weekly_reminder", "group_started", "rhythm_set", "visit_agreed", "member_admitted"])
def test_mail_after_start_without_address_says_whom_to_ask(kind: str) -> None:
    for language in LANGUAGES:
        mail = without_address(kind, language, "link-oslo")
        assert ASK[language] in text_of(mail)
        assert (mail.centre.phone or "") in text_of(mail)


def test_list_of_meetings_says_of_which_the_place_is_known() -> None:
    mail = content("group_started", "nb")
    mixed = (replace(mail.ahead[0], address_known=False), *mail.ahead[1:])
    text = text_of(replace(mail, ahead=mixed))
    assert "2027 kl. 18.00, spør de andre hvor" in text
    assert "Biblioteket, rom 2" in text


async def test_reminder_of_a_group_without_address_says_whom_to_ask(desk: Desk) -> None:
    group = Group([desk.intake.add(Person()) for _ in range(2)])
    life = GroupLife(group)
    await desk.deliver(*(person.ready() for person in group.members), group.called(), group.started(), life.rhythm())
    weekly = life.weekly(
        1, place="Bergen sentrum. LINK Bergen skaffer et gratis rom og sier fra om adressen før møtet."
    )
    await desk.deliver(weekly.model_copy(update={"address_known": False}))
    desk.clock.set(thursday(1) - timedelta(hours=24))
    person = group.members[0]
    (reminder,) = await desk.mails(person_id=person.id, kind="weekly_reminder")
    async with desk.database.transaction() as session:
        contact, now = desk.intake.by_person[person.id], desk.clock.now()
        said = await mail_queries.content(session, mail_registry(), reminder, contact, centres.load(), now)

    assert said is not None
    assert ASK["nb"] in text_of(said)
    assert "sier fra om adressen" not in text_of(said)
