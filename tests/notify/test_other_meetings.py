"""The same machinery for igangsettere, and for people who wait and want to know more."""

from uuid import UUID, uuid4

import pytest

from notify.domain.kontaktmoter.meetings import Audience
from shared.errors import DomainError
from shared.events.people import IgangsetterChanged
from tests.notify.support.desk import Desk
from tests.notify.support.events import CENTRE, Group, Person, stamp
from tests.notify.support.kontaktmoter import Office


def account_changed(desk: Desk, person: Person, version: int, **changes: object) -> IgangsetterChanged:
    fields = {"account_id": person.id, "version": version, "centre": CENTRE, "active": True, "by_mail": True}
    fields |= {"language": person.language} | changes
    return IgangsetterChanged.model_validate({**stamp(IgangsetterChanged, uuid4(), desk.clock.now()), **fields})


async def told(office: Office, **plan: object) -> list[str]:
    await office.announced(**plan)
    return [email for kind, email in await office.settle() if kind == "kontaktmote_invited"]


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


async def test_igangsettere_of_the_centre_are_invited_by_their_newest_account(desk: Desk, office: Office) -> None:
    active, closed, elsewhere, erased = (desk.intake.add(Person()) for _ in range(4))
    await desk.deliver(
        account_changed(desk, active, 1),
        account_changed(desk, closed, 2, active=False),
        account_changed(desk, closed, 1),
        account_changed(desk, elsewhere, 1, centre="link-oslo"),
        account_changed(desk, erased, 1),
        erased.erased(),
        account_changed(desk, erased, 2),
    )
    assert await told(office, audience=Audience.IGANGSETTERE) == [desk.intake.address(active)]


async def test_information_meeting_is_for_those_who_wait_and_asks_no_policy(desk: Desk, office: Office) -> None:
    waiting, unconfirmed, left, paused, member = (desk.intake.add(Person()) for _ in range(5))
    await desk.deliver(waiting.confirmed(), unconfirmed.received(), left.confirmed(), left.withdrawn())
    await desk.deliver(paused.confirmed(), paused.paused(), member.confirmed())
    group = Group([member])
    await desk.deliver(group.taken(member), group.called(), group.started())
    await desk.mailer()
    assert await told(office, audience=Audience.WAITING) == [desk.intake.address(waiting)]


async def test_nobody_who_waits_is_invited_twice_for_two_sign_ups(desk: Desk, office: Office) -> None:
    person = desk.intake.add(Person())
    again = Person(id=person.id)
    await desk.deliver(person.confirmed(), again.confirmed())
    await desk.mailer()
    assert await told(office, audience=Audience.WAITING) == [desk.intake.address(person)]


async def test_meeting_without_anybody_is_not_announced(office: Office) -> None:
    for audience in (Audience.IGANGSETTERE, Audience.WAITING):
        with pytest.raises(DomainError, match="nobody_to_invite"):
            await office.announced(audience=audience)


async def test_number_for_a_group_counts_only_where_there_is_one(desk: Desk, office: Office) -> None:
    person = desk.intake.add(Person())
    await desk.deliver(account_changed(desk, person, 1))
    id_ = await office.announced(audience=Audience.IGANGSETTERE)
    (row,) = await office.invitations(id_)
    assert (row.group_id, row.via) == (None, "account")
    await office.answer(row.id, 1)
    assert isinstance(id_, UUID)
    assert (await office.meeting(id_)).coming == 1


async def test_who_leaves_hears_no_more_and_gives_the_place_up(desk: Desk, office: Office) -> None:
    leaving, pausing, coming = (desk.intake.add(Person()) for _ in range(3))
    helper = desk.intake.add(Person())
    await desk.deliver(*(person.confirmed() for person in (leaving, pausing, coming)), account_changed(desk, helper, 1))
    await desk.mailer()
    information = await office.announced(audience=Audience.WAITING)
    for_helpers = await office.announced(audience=Audience.IGANGSETTERE)
    await office.settle()
    rows = {row.recipient_id: row.id for id_ in (information, for_helpers) for row in await office.invitations(id_)}
    for person in (leaving, coming, helper):
        await office.answer(rows[person.id], 1)
    await office.settle()
    closed = account_changed(desk, helper, 2, active=False)
    await desk.deliver(leaving.withdrawn(), pausing.paused(), coming.paused(), closed)
    assert (await office.meeting(information)).coming == 1
    assert (await office.meeting(for_helpers)).coming == 0
    await office.cancel(information)
    await office.cancel(for_helpers)
    assert await office.settle() == [("kontaktmote_cancelled", desk.intake.address(coming))]
