"""Mails to members of a started group follow the policy that it keeps, and say what is true of its igangsetter."""

from typing import Any

import pytest

from notify.mails.registry import mail_registry
from notify.queries import mails as mail_queries
from shared.reference import centres
from shared.reference.policy import Policy
from tests.notify.support.contents import renderer
from tests.notify.support.desk import Desk
from tests.notify.support.events import Group, Person
from tests.notify.support.group_life import GroupLife

BERGEN = centres.load().get("link-bergen")
assert BERGEN is not None
NEWEST: Policy = BERGEN.policy
"""What the centre does now, which differs in each test from what the group keeps."""


async def started(desk: Desk, *, starters: int | None = 1, policy: Any = None, **kept: Any) -> GroupLife:
    """A group that has started under the policy of Bergen, with these changes."""
    group = Group([desk.intake.add(Person()) for _ in range(3)])
    life = GroupLife(group)
    data = policy or NEWEST.model_copy(update=kept).as_data()
    event = group.started().model_copy(update={"policy": data, "starters": starters})
    await desk.deliver(*(person.ready() for person in group.members), group.called(), event)
    await desk.deliver(*(life.weekly(week) for week in range(2)))
    return life


async def text_of(desk: Desk, kind: str, person: Person) -> str:
    mail, *_ = await desk.mails(person_id=person.id, kind=kind)
    async with desk.database.transaction() as session:
        content = await mail_queries.content(
            session, mail_registry(), mail, desk.intake.by_person[person.id], centres.load(), desk.clock.now()
        )
    assert content is not None
    return " ".join(renderer().render(content).text.split())


@pytest.mark.parametrize(
    ("kept", "said", "unsaid"),
    [
        ({"reopen_rule": "participants_decide"}, "Ingen nye kommer til uten at dere alle vil det", ""),
        ({"reopen_rule": "never"}, "Ingen nye kommer til.", "uten at dere alle vil"),
        ({"confidentiality": "signed"}, "hver av dere under på", "Dere avtaler taushetsplikt"),
        ({"confidentiality": "clarified"}, "Dere avklarer sammen", "Dere avtaler taushetsplikt"),
        ({"starter_meetings": {"min": 1, "max": 1}}, "med på det første møtet", "de første møtene."),
        ({"starter_meetings": {"min": 2, "max": 5}}, "med på de første møtene", ""),
    ],
)
async def test_welcome_follows_the_policy_of_the_group(
    desk: Desk, kept: dict[str, Any], said: str, unsaid: str
) -> None:
    data = NEWEST.as_data() | kept
    life = await started(desk, policy=data)

    text = await text_of(desk, "group_started", life.group.members[0])

    assert said in text
    assert not unsaid or unsaid not in text


@pytest.mark.parametrize(("value", "told"), [("tell_group_in_last_meeting", True), ("none", False)])
async def test_who_leaves_is_reminded_by_the_policy_of_the_group(desk: Desk, value: str, *, told: bool) -> None:
    life = await started(desk, leave_notice=value)
    first, second, _ = life.group.members

    await desk.deliver(life.left(first, now=desk.clock.now()), second.withdrawn(desk.clock.now()))

    assert ("siste møtet ditt" in await text_of(desk, "member_left", first)) is told
    assert ("siste møtet ditt" in await text_of(desk, "goodbye", second)) is told


@pytest.mark.parametrize("policy", [None, {"version": "x"}, {"size_min": 99}, NEWEST.as_data() | {"unknown": 1}])
async def test_policy_that_cannot_be_read_leaves_that_of_the_centre(desk: Desk, policy: Any) -> None:
    group = Group([desk.intake.add(Person())])
    event = group.started().model_copy(update={"policy": policy})
    await desk.deliver(group.members[0].ready(), group.called(), event)

    assert "Dere avtaler taushetsplikt" in await text_of(desk, "group_started", group.members[0])


@pytest.mark.parametrize(
    ("starters", "starters_min", "said", "unsaid"),
    [
        (1, 1, "Igangsetteren er med", "Vi følger dere"),
        (2, 0, "Igangsetteren er med", "Vi følger dere"),
        (0, 1, "Vi følger dere i starten", "Igangsetteren"),
        (0, 0, "Dere er de samme hver gang", "Igangsetteren"),
        (None, 1, "Igangsetteren er med", "Vi følger dere"),
        (None, 0, "Dere er de samme hver gang", "Igangsetteren"),
    ],
)
async def test_mails_name_an_igangsetter_only_where_there_is_one(
    desk: Desk, starters: int | None, starters_min: int, said: str, unsaid: str
) -> None:
    life = await started(desk, starters=starters, starters_min=starters_min)
    person = life.group.members[0]

    welcome = await text_of(desk, "group_started", person)
    await desk.deliver(life.handover_asked(now=desk.clock.now()))

    assert said in welcome
    assert unsaid not in welcome
    asked = await text_of(desk, "handover_asked", person)
    assert ("Igangsetteren har vært med" in asked) is ("Igangsetteren" in said)
    assert ("igangsetteren" in asked.casefold()) is ("Igangsetteren" in said)


async def test_welcome_promises_no_times_that_are_listed_already(desk: Desk) -> None:
    life = await started(desk)

    text = await text_of(desk, "group_started", life.group.members[0])

    assert "De neste møtene" in text
    assert "Dere møtes hver uke på samme tid" in text
    assert "Når dere er enige om faste tider" not in text


async def test_older_start_never_takes_the_policy_back(desk: Desk) -> None:
    group = Group([desk.intake.add(Person())])
    member = group.members[0]
    old = group.started().model_copy(update={"policy": NEWEST.as_data(), "starters": 0})
    new = group.started().model_copy(update={"policy": NEWEST.as_data(), "starters": 1})
    await desk.deliver(member.ready(), group.called(), new, old)

    assert "Igangsetteren er med" in await text_of(desk, "group_started", member)
