"""Mails to igangsettere: the invitation to help a centre, and the link that signs in."""

from datetime import timedelta
from uuid import uuid4

from notify.domain.delivery import Status
from shared.events import people
from tests.notify.support.events import CENTRE, NOON, Person, stamp
from tests.notify.support.office import Office
from tests.notify.support.world import Feed, World, has_status, inbox_of
from tests.shared.support.eventually import eventually


def invited(person: Person) -> people.AccountInvited:
    return people.AccountInvited(
        **stamp(people.AccountInvited, uuid4(), NOON),
        account_id=person.id,
        invitation_id=uuid4(),
        expires_at=NOON + timedelta(days=14),
        language=person.language,
        centre=CENTRE,
    )


def link_asked(person: Person) -> people.AccountLinkAsked:
    return people.AccountLinkAsked(
        **stamp(people.AccountLinkAsked, uuid4(), NOON),
        account_id=person.id,
        link_id=uuid4(),
        expires_at=NOON + timedelta(minutes=10),
        language=person.language,
        centre=CENTRE,
    )


async def test_invitation_and_link_are_mailed_once_each(world: World) -> None:
    person = world.intake.add(Person())
    await world.deliver(invited(person), link_asked(person))
    for kind, path in (("account_invited", "/igangsetter/invitasjon/"), ("account_link", "/igangsetter/apne/")):
        await eventually(has_status(world, person, kind, "sent"))
        texts = [mail.get_body(("plain",)).get_content() for mail in inbox_of(world, person)]  # type: ignore[union-attr]
        assert sum(f"https://senter.example{path}" in text for text in texts) == 1
    assert len(inbox_of(world, person)) == 2
    assert all(mail["List-Unsubscribe"] is None for mail in inbox_of(world, person))


async def test_link_that_came_too_late_is_not_sent(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(link_asked(person))
    office.now = NOON + timedelta(minutes=11)
    await office.send()
    (mail,) = await feed.mails(kind="account_link")
    assert (mail.status, mail.reason) == (Status.CANCELLED, "expired")


async def test_erased_igangsetter_gets_no_mail_whatever_comes_later(feed: Feed) -> None:
    person = Person()
    events = [invited(person), link_asked(person)]
    await feed.deliver(*events, person.erased(), *events)
    assert await feed.mails(person_id=person.id) == []
