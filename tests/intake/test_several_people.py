"""The same act of staff for several people, as use cases: whom it concerns, in one transaction, once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from intake import jobs
from intake.domain.several_people import MOST_TOGETHER, Hindrance, SharedAct, Standing, hindrance
from intake.domain.signups import SignupState
from intake.queries.several_people import SeveralPreview, several_preview
from intake.store import Person, Signup, signups
from intake.usecases import pauses
from intake.usecases.register import register_by_phone
from intake.usecases.several_people import SeveralDone, act_on_several
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from tests.intake.support.world import World

BERGEN = ("link-bergen",)
BOTH = ("link-bergen", "link-oslo")
NAMES = ("Kari", "Ola", "Per", "Siv", "Tor")


async def waiting(world: World, *names: str, place: str = "5003") -> list[UUID]:
    """Sign up and confirm people with these names."""
    return [await world.confirmed(first_name=name, email=f"{name.lower()}@example.org", place=place) for name in names]


async def unconfirmed(world: World, name: str) -> UUID:
    return await world.signed_up(first_name=name, email=f"{name.lower()}@example.org")


async def paused(world: World, signup_id: UUID) -> UUID:
    async with world.transaction() as session:
        await pauses.pause(session, signup_id, now=world.clock.now(), cause=Cause.fresh())
    return signup_id


async def withdrawn(world: World, signup_id: UUID) -> UUID:
    await world.withdraw(signup_id)
    return signup_id


async def asked(world: World) -> None:
    """Move the clock until everybody is asked whether they still want a group."""
    world.clock.move(timedelta(days=335))
    await jobs.ASK_RENEWALS.run(world.jobs)


async def by_phone(world: World, name: str) -> UUID:
    """Sign up somebody on the phone who has not heard the information, with a centre that asks everybody to read it."""
    form = world.form(first_name=name, email=None, mobile="+4791234567", place="0150", information_version=None)
    person_id = await register_by_phone(
        world.transaction, world.vault, world.centres, form, world.location("0150"), actor=world.actor()
    )
    ((signup_id,),) = await world.rows(f"select signup_id from signups where person_id = '{person_id}'")
    return UUID(str(signup_id))


async def act(
    world: World, word: SharedAct, ids: Sequence[UUID], shown: str = "", centres: Sequence[str] = BOTH
) -> SeveralDone:
    async with world.transaction() as session:
        return await act_on_several(
            session, world.centres, dict.fromkeys(ids, shown), centre_ids=centres, act=word, actor=world.actor()
        )


async def preview(world: World, word: SharedAct, ids: Sequence[UUID], centres: Sequence[str] = BOTH) -> SeveralPreview:
    async with world.transaction() as session:
        return await several_preview(session, world.centres, ids, centres, word)


async def acts_of(world: World, action: str) -> list[UUID]:
    """Return the people with whom somebody did this, by the audit log."""
    return [UUID(object_id) for _, done, object_id in await world.audit_entries() if done == action]


async def people_of(world: World, ids: Sequence[UUID]) -> list[UUID]:
    return [await world.person_of(signup_id) for signup_id in ids]


async def states(world: World) -> list[tuple[str, bool]]:
    rows = await world.rows("select state, paused_at is not null from signups order by signed_up_at, signup_id")
    return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize(
    ("act_word", "standing", "why"),
    [
        ("pause", Standing(SignupState.READY), None),
        ("pause", Standing(SignupState.SEATED), None),
        ("pause", Standing(SignupState.READY, is_paused=True), "paused"),
        ("pause", Standing(SignupState.RECEIVED), "unconfirmed"),
        ("pause", Standing(SignupState.MEMBER), "member"),
        ("pause", Standing(SignupState.WITHDRAWN, is_paused=True), "withdrawn"),
        ("fortsatt", Standing(SignupState.READY, is_asked=True), None),
        ("fortsatt", Standing(SignupState.READY), "not_asked"),
        ("fortsatt", Standing(SignupState.CONFIRMED, is_paused=True), "paused"),
        ("fortsatt", Standing(SignupState.RECEIVED), "unconfirmed"),
        ("avmeld", Standing(SignupState.RECEIVED), None),
        ("avmeld", Standing(SignupState.MEMBER), None),
        ("avmeld", Standing(SignupState.READY, is_paused=True), None),
        ("avmeld", Standing(SignupState.WITHDRAWN), "withdrawn"),
        ("informasjon", Standing(SignupState.CONFIRMED, must_read=True), None),
        ("informasjon", Standing(SignupState.CONFIRMED), "nothing_to_read"),
        ("informasjon", Standing(SignupState.READY, must_read=True), "nothing_to_read"),
        ("informasjon", Standing(SignupState.RECEIVED, must_read=True), "unconfirmed"),
    ],
)
def test_hindrance_is_as_on_the_page_of_a_person(
    act_word: SharedAct, standing: Standing, why: Hindrance | None
) -> None:
    assert hindrance(act_word, standing) == why


async def test_pause_of_several_leaves_out_who_cannot_have_one(world: World) -> None:
    ids = await waiting(world, *NAMES)
    await paused(world, ids[1])
    await withdrawn(world, ids[2])
    chosen = [*ids, await unconfirmed(world, "Una")]
    view = await preview(world, "pause", chosen)
    assert [person.row.signup_id for person in view.people] == [ids[0], ids[3], ids[4]]
    assert {one.row.signup_id: one.why for one in view.left_out} == {
        ids[1]: "paused", ids[2]: "withdrawn", chosen[-1]: "unconfirmed",
    }  # fmt: skip
    assert (view.chosen, view.unknown, view.seated) == (6, 0, 0)
    before = await world.subjects()

    done = await act(world, "pause", chosen)

    assert done.done == (ids[0], ids[3], ids[4])
    assert (await world.subjects())[len(before) :] == ["paused"] * 3
    assert await acts_of(world, "signup.paused") == await people_of(world, done.done)
    assert await states(world) == [
        ("ready", True), ("ready", True), ("withdrawn", False), ("ready", True), ("ready", True), ("received", False),
    ]  # fmt: skip


async def test_renewal_of_several_is_for_those_who_were_asked(world: World) -> None:
    ids = await waiting(world, "Kari", "Ola")
    await asked(world)
    late = await waiting(world, "Siv")
    assert [one.why for one in (await preview(world, "fortsatt", [*ids, *late])).left_out] == ["not_asked"]
    before = await world.subjects()
    done = await act(world, "fortsatt", [*ids, *late])
    assert done.done == tuple(ids)
    assert (await world.subjects())[len(before) :] == ["renewed"] * 2
    assert await acts_of(world, "signup.renewed") == await people_of(world, ids)
    assert await world.count("signups", "renewal_deadline is not null") == 0


async def test_withdrawal_of_several_takes_everybody_who_has_not_left(world: World) -> None:
    ids = await waiting(world, "Kari", "Ola", "Per")
    await withdrawn(world, ids[0])
    await paused(world, ids[1])
    una = await unconfirmed(world, "Una")
    done = await act(world, "avmeld", [*ids, una])
    assert done.done == (ids[1], ids[2], una)
    assert [one.why for one in done.left_out] == ["withdrawn"]
    assert await acts_of(world, "signup.withdrawn") == await people_of(world, done.done)
    assert {state for state, _ in await states(world)} == {"withdrawn"}


async def test_reading_of_several_lets_them_onto_the_list(world: World) -> None:
    ids = [await by_phone(world, "Kari"), *await waiting(world, "Ola")]
    done = await act(world, "informasjon", ids)
    assert done.done == (ids[0],)
    assert [one.why for one in done.left_out] == ["nothing_to_read"]
    assert (await world.subjects())[-1] == "ready"
    assert await acts_of(world, "signup.information_read") == await people_of(world, done.done)


@pytest.mark.parametrize("word", ["fortsatt", "pause", "avmeld", "informasjon"])
async def test_people_of_another_centre_are_unknown_to_every_act(world: World, word: SharedAct) -> None:
    ids = await waiting(world, "Kari", place="0150")
    await asked(world)
    before = await states(world), await world.all_events(), await world.audit_entries()
    chosen = [*ids, uuid4()]
    view, done = await preview(world, word, chosen, BERGEN), await act(world, word, chosen, centres=BERGEN)
    assert (view.people, view.left_out, view.unknown) == ((), (), 2)
    assert done == SeveralDone((), (), 2)
    assert (await states(world), await world.all_events(), await world.audit_entries()) == before


async def test_member_of_two_centres_acts_in_both_and_each_has_its_record(world: World) -> None:
    ids = [*await waiting(world, "Kari"), *await waiting(world, "Ola", place="0150")]
    await act(world, "pause", ids)
    rows = await world.rows("select scope from audit_log where action = 'signup.paused' order by id")
    assert [row[0] for row in rows] == ["link-bergen", "link-oslo"]


async def test_question_about_a_new_address_is_no_signup_to_act_on(world: World) -> None:
    (kari,) = await waiting(world, "Kari")
    una = await unconfirmed(world, "Una")
    async with world.transaction() as session:
        person = await session.get(Person, await world.person_of(una))
        assert person is not None
        person.replaces_id = await world.person_of(kari)
    assert (await act(world, "avmeld", [una])).unknown == 1
    assert await states(world) == [("ready", False), ("received", False)]


async def test_state_that_changed_since_the_page_is_left_out(world: World) -> None:
    ids = await waiting(world, "Kari", "Ola")
    await paused(world, ids[0])
    done = await act(world, "avmeld", ids, shown="ready")
    assert done.done == (ids[1],)
    assert [(one.row.signup_id, one.why) for one in done.left_out] == [(ids[0], "changed")]


@pytest.mark.parametrize("word", ["fortsatt", "pause", "avmeld", "informasjon"])
async def test_same_press_twice_is_done_once(world: World, word: SharedAct) -> None:
    ids = [await by_phone(world, "Per")] if word == "informasjon" else await waiting(world, "Kari", "Ola")
    if word == "fortsatt":
        await asked(world)
    first = await act(world, word, ids)
    events, entries = await world.all_events(), await world.audit_entries()
    second = await act(world, word, ids)
    assert (first.done, second.done, len(second.left_out)) == (tuple(ids), (), len(ids))
    assert (await world.all_events(), await world.audit_entries()) == (events, entries)


@pytest.mark.parametrize("other", ["pause", "avmeld"])
async def test_two_presses_at_once_wait_for_each_other(world: World, other: SharedAct) -> None:
    """They name the same people in opposite orders; each person is paused once, and withdrawn at most once."""
    ids = await waiting(world, *NAMES)
    for _ in range(4):
        await asyncio.gather(*(act(world, "pause", ids), act(world, other, ids[::-1])))
    people = await people_of(world, ids)
    for action in ("signup.paused", "signup.withdrawn"):
        assert len(await acts_of(world, action)) <= len(people)
    left = await states(world)
    assert set(left) <= ({("ready", True)} if other == "pause" else {("withdrawn", False), ("withdrawn", True)})
    assert len(left) == len(ids)


async def test_press_meets_acts_on_one_of_the_people(world: World) -> None:
    """Acts on one person lock the person and the sign-up, in the order in which the press does."""
    ids = [await by_phone(world, "Per"), *await waiting(world, *NAMES)]

    async def one_by_one() -> None:
        for signup_id in ids[::-1]:
            await paused(world, signup_id)

    for _ in range(4):
        await asyncio.gather(act(world, "pause", ids), one_by_one(), act(world, "informasjon", ids[:1]))
        assert {is_paused for _, is_paused in await states(world)} == {True}
        async with world.transaction() as session:
            await session.execute(sa.text("update signups set paused_at = null"))


async def crowd(world: World, count: int) -> list[UUID]:
    """Add waiting people as copies of one who waits, since their forms would take minutes."""
    (first,) = await waiting(world, "Kari")
    person_id = await world.person_of(first)
    async with world.transaction() as session:
        person, row = await session.get(Person, person_id), await signups.get(session, first)
        assert person is not None
        assert row is not None
        people = [Person(**person.model_dump() | {"person_id": new_id(), "address_index": None}) for _ in range(count)]
        copies = [Signup(**row.model_dump() | {"signup_id": new_id(), "person_id": one.person_id}) for one in people]
        session.add_all(people)
        await session.flush()
        session.add_all(copies)
    return [copy.signup_id for copy in copies]


async def test_crowd_is_paused_in_one_press_and_the_rest_in_the_next(world: World) -> None:
    ids = await crowd(world, MOST_TOGETHER + 3)
    view = await preview(world, "pause", ids)
    assert (len(view.people), len(view.rest), view.chosen) == (MOST_TOGETHER, 3, MOST_TOGETHER + 3)
    done = await act(world, "pause", ids, shown="ready")
    assert done.done == tuple(ids[:MOST_TOGETHER])
    assert len(await acts_of(world, "signup.paused")) == MOST_TOGETHER
    paused_events = [event for event in await world.events() if event.subject == "signups.paused.v1"]
    assert len({event.event_id for event in paused_events}) == MOST_TOGETHER
    assert (await act(world, "pause", list(view.rest), shown="ready")).done == view.rest
