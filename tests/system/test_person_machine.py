"""
A person between intake and grouping against a simple model, over all presets and random policies.

People sign up, answer, pause, leave and are erased; staff report and cancel; events arrive late, twice and in any
order. Nobody is lost, nobody has two seats, and no group leaves its policy or lets somebody in after its start.
``PERSON_RUNS`` sets the number of runs, of 50 steps each.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeVar, get_args
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from devtools.testing.fixtures import Databases
from grouping.usecases import departures, groups, meetings, members, seats
from intake.usecases import pauses
from shared.errors import DomainError, NotFoundError, NotYet
from shared.kit.audit import Actor
from shared.kit.clock import ManualClock
from shared.kit.messaging.causes import Cause
from shared.reference.policy import Policy
from tests.grouping.support.lives import PRESETS, policy
from tests.system.support.two_services import CENTRE, TwoServices, two_services

T = TypeVar("T")
MemberAct = Literal["leave", "ready", "dissolve", "new_group", "pause", "goodbye"]

RUNS: Final = int(os.environ.get("PERSON_RUNS", "15"))
STEPS: Final = 50

SLOTS: Final = ("tue-evening", "thu-evening")
PEOPLE: Final = st.integers(0, 7)

STILL_WANTED: Final = timedelta(days=25)
"""Time after an act of a person in which the system does not ask whether the wish still holds."""

STREAM_AGE: Final = timedelta(days=7)
"""Age of the oldest event that a stream keeps, and that can arrive again."""

IN_GROUPING: Final = {"ready": {"waiting"}, "offered": {"offered"}, "seated": {"seated"}, "member": {"member"}}
"""The status in grouping of each state in intake, once every event has arrived."""

small_policies: Final = st.builds(
    policy,
    size_min=st.integers(3, 4),
    size_max=st.integers(5, 8),
    starters_min=st.integers(0, 1),
    seat_confirmation=st.booleans(),
    seat_deadline_hours=st.sampled_from([24, 72]),
    start_notice_days=st.integers(0, 7),
    fill_days=st.sampled_from([0, 2, 7]),
    extension_days=st.sampled_from([0, 14]),
    draft_minutes=st.sampled_from([0, 0, 30]),
    post_handover_memory=st.sampled_from(["none", "sealed_alias", "opt_in"]),
    reopen_rule=st.sampled_from(["never", "participants_decide"]),
)
presets: Final = st.sampled_from(sorted(PRESETS.values(), key=lambda preset: preset.model_dump_json())).map(
    lambda preset: preset.model_copy(update={"reading_gate": "off", "forsamtale": "off"})
)
"""Policies of the centres, without the steps before the waiting list, which have a machine of their own in intake."""


class PersonMachine(RuleBasedStateMachine):
    """Eight people in one town; the model knows what each of them wants, and when they last said so."""

    services: TwoServices
    loop: asyncio.AbstractEventLoop

    def run_now(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work in the event loop of the test, whose thread waits meanwhile."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    @initialize(
        policy=small_policies | presets,
        first=st.integers(5, 8),
        until=st.sampled_from(["signed_up", "offered", "seated", "started", "started", "alone"]),
    )
    def begin(self, policy: Policy, first: int, until: str) -> None:
        """Begin somewhere on the path, since random steps alone seldom start a group."""
        self.policy = policy
        self.wishes: dict[int, Literal["group", "pause", "nothing"]] = {}
        self.said_at: dict[int, datetime] = {}
        self.started: dict[UUID, frozenset[UUID]] = {}
        self.met: set[UUID] = set()
        self.ids: dict[int, set[UUID]] = {}
        self.run_now(self.services.begin_anew(policy))
        for number in range(first):
            self.sign_up(number, SLOTS[0])
        if until == "signed_up":
            return
        self.run_now(self.come_to_rest())
        self.time_passes(1)
        if until == "offered":
            return
        self.everybody_says_yes()
        if until == "seated":
            return
        self.time_passes(24 * 20)
        self.time_passes(1)
        if until == "alone":
            for number in range(first):
                self.member_acts(number, "ready")

    def note(self, number: int, wish: Literal["group", "pause", "nothing"]) -> None:
        self.wishes[number], self.said_at[number] = wish, self.services.clock.now()

    @rule(number=PEOPLE, slot=st.sampled_from(SLOTS))
    def sign_up(self, number: int, slot: str) -> None:
        if self.run_now(self.services.sign_up(number, slot)):
            self.note(number, "group")
            person_id = self.run_now(self.services.person_id(number))
            assert person_id is not None
            self.ids.setdefault(number, set()).add(person_id)

    @rule(number=PEOPLE)
    def withdraw(self, number: int) -> None:
        signup_id = self.run_now(self.newest_signup(number))
        if signup_id is not None:
            self.run_now(self.services.intake.withdraw(signup_id))
            self.note(number, "nothing")

    @rule(number=PEOPLE)
    def pause(self, number: int) -> None:
        signup_id = self.run_now(self.newest_signup(number))
        if signup_id is not None and self.run_now(
            self.in_intake(lambda session, now: pauses.pause(session, signup_id, now=now, cause=Cause.fresh()))
        ):
            self.note(number, "pause")

    @rule(number=PEOPLE)
    def resume(self, number: int) -> None:
        signup_id = self.run_now(self.newest_signup(number))
        consent = pauses.NewConsent(self.policy.consent_version, "nb")
        centres = self.services.intake.centres
        if signup_id is not None and self.run_now(
            self.in_intake(
                lambda session, now: pauses.resume(session, centres, signup_id, consent, now=now, cause=Cause.fresh())
            )
        ):
            self.note(number, "group")

    @rule(number=PEOPLE)
    def erase(self, number: int) -> None:
        person_id = self.run_now(self.services.person_id(number))
        if person_id is not None:
            self.run_now(self.services.intake.erase(person_id))
            self.note(number, "nothing")

    @rule(chosen=st.lists(st.integers(0, 30), min_size=1, max_size=12), twice=st.booleans())
    def events_arrive(self, chosen: list[int], twice: bool) -> None:
        """Let some of the published events arrive, in any order."""
        self.run_now(self.services.collect())
        for place in chosen:
            if not self.services.waiting:
                self.run_now(self.services.collect())
            if self.services.waiting:
                self.run_now(self.arrive(place % len(self.services.waiting), times=2 if twice else 1))

    @rule(places=st.lists(st.integers(0, 500), min_size=1, max_size=5))
    def old_events_arrive_again(self, places: list[int]) -> None:
        oldest = self.services.clock.now() - STREAM_AGE
        young = [event for event in self.services.arrived if event.occurred_at > oldest]
        for place in places:
            if young:
                self.run_now(self.services.deliver(young[place % len(young)]))

    @rule(number=PEOPLE, yes=st.sampled_from([True, True, True, False]))
    def answer_seat(self, number: int, yes: bool) -> None:
        for seat in self.run_now(self.live_seats(number)):
            if self.run_now(self.in_grouping(self.answer_to(seat["id"], yes=yes))):
                self.said_at[number] = self.services.clock.now()

    def answer_to(self, seat_id: UUID, *, yes: bool) -> Callable[[Any, datetime], Awaitable[object]]:
        context = self.services.grouping.context
        return lambda session, now: seats.answer_seat(session, context, seat_id, yes=yes, now=now, cause=Cause.fresh())

    @rule()
    def everybody_says_yes(self) -> None:
        for number in range(8):
            self.answer_seat(number, yes=True)

    @rule(hours=st.sampled_from([1, 5, 24, 24 * 4, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        if hours > 24:
            self.run_now(self.come_to_rest())  # no event is on its way for days
        self.services.clock.move(timedelta(hours=hours))
        self.run_now(self.services.run_jobs())

    @rule(place=st.integers(0, 5), act=st.sampled_from(["cancel", "not_held", "held"]))
    def staff_act(self, place: int, act: str) -> None:
        rows = self.run_now(self.services.rows("grouping", "SELECT id FROM groups ORDER BY created_at, id"))
        if not rows:
            return
        group_id = rows[place % len(rows)]["id"]
        context = self.services.grouping.context

        def command(session: Any, now: datetime) -> Awaitable[object]:
            actor = Actor("berit", now, Cause.fresh())
            if act == "cancel":
                return groups.cancel_group(session, context, group_id, actor=actor)
            if act == "not_held":
                return meetings.meeting_not_held(session, context, group_id, actor=actor)
            return meetings.meeting_held(session, context, group_id, attendance=None, actor=actor)

        self.run_now(self.in_grouping(command))

    @rule(number=PEOPLE, act=st.sampled_from(get_args(MemberAct)))
    def member_acts(self, number: int, act: MemberAct) -> None:
        for seat in self.run_now(self.live_seats(number)):
            if seat["state"] == "started" and self.run_now(self.in_grouping(self.act_of_member(seat["id"], act))):
                if act in {"new_group", "pause"}:
                    self.note(number, "pause" if act == "pause" else "group")
                elif act in {"leave", "goodbye"} and not self.run_now(self.signed_up_again(number, seat["signup_id"])):
                    self.note(number, "nothing")

    @rule()
    def everybody_dissolves(self) -> None:
        for number in range(8):
            self.member_acts(number, "dissolve")

    def act_of_member(self, seat_id: UUID, act: MemberAct) -> Callable[[Any, datetime], Awaitable[object]]:
        context = self.services.grouping.context

        def command(session: Any, now: datetime) -> Awaitable[object]:
            cause = Cause.fresh()
            match act:
                case "leave":
                    return departures.leave_group(session, context, seat_id, now=now, cause=cause)
                case "ready" | "dissolve":
                    return members.act_as_member(session, context, seat_id, act, now=now, cause=cause)
                case _:
                    return departures.choose_way_on(session, context, seat_id, act, now=now, cause=cause)

        return command

    @invariant()
    def nobody_has_two_seats_and_groups_keep_their_policy(self) -> None:
        if hasattr(self, "policy"):
            self.run_now(self.check_groups())

    def teardown(self) -> None:
        if hasattr(self, "policy"):
            self.run_now(self.come_to_rest())
            self.run_now(self.check_groups())
            self.run_now(self.check_people())

    # Readers

    async def in_intake(self, command: Callable[[Any, datetime], Awaitable[T]]) -> T:
        async with self.services.intake.transaction() as session:
            return await command(session, self.services.clock.now())

    async def in_grouping(self, command: Callable[[Any, datetime], Awaitable[object]]) -> bool:
        """Run a command; return False if the rules refuse it."""
        try:
            async with self.services.grouping.database.transaction() as session:
                await command(session, self.services.clock.now())
        except (DomainError, NotFoundError):
            return False
        return True

    async def arrive(self, place: int, times: int = 1) -> None:
        event = self.services.waiting.pop(place)
        try:
            for _ in range(times):
                await self.services.deliver(event)
        except NotYet:
            self.services.waiting.append(event)
        else:
            self.services.arrived.append(event)

    async def newest_signup(self, number: int) -> UUID | None:
        person_id = await self.services.person_id(number)
        rows = await self.services.rows(
            "intake",
            "SELECT signup_id FROM signups WHERE person_id = :person AND state NOT IN ('withdrawn', 'received')"
            " ORDER BY state = 'member', confirmed_at DESC LIMIT 1",
            person=person_id,
        )
        return UUID(str(rows[0]["signup_id"])) if rows else None

    async def live_seats(self, number: int) -> list[dict[str, Any]]:
        person_id = await self.services.person_id(number)
        return await self.services.rows(
            "grouping",
            "SELECT s.id, s.signup_id, g.state FROM seats s JOIN groups g ON g.id = s.group_id"
            " WHERE s.person_id = :person AND s.state <> 'released' ORDER BY s.id",
            person=person_id,
        )

    async def signed_up_again(self, number: int, signup_id: UUID) -> bool:
        """Return True if the person has another sign-up than the one of a group that they leave."""
        newest = await self.newest_signup(number)
        return newest is not None and newest != signup_id

    # Checks

    async def come_to_rest(self) -> None:
        """Let everything arrive that was published, newest first, and what follows from it."""
        for _ in range(100):
            await self.services.collect()
            if not self.services.waiting:
                return
            while self.services.waiting:
                await self.arrive(len(self.services.waiting) - 1, times=2)
        raise AssertionError("the services answer each other for ever")

    async def check_groups(self) -> None:
        rows = await self.services.rows(
            "grouping",
            "SELECT g.id, g.state, g.size, g.capacity, g.start_reason, l.state AS life,"
            " array_agg(s.id) FILTER (WHERE s.state <> 'released') AS seats,"
            " array_agg(s.person_id) FILTER (WHERE s.state <> 'released') AS people"
            " FROM groups g LEFT JOIN seats s ON s.group_id = g.id LEFT JOIN group_lives l ON l.group_id = g.id"
            " GROUP BY g.id, l.state",
        )
        seated: list[UUID] = []
        for row in rows:
            held = frozenset(row["seats"] or ())
            assert len(held) <= row["capacity"] <= self.policy.size_max
            if row["life"] not in {"dissolved", "expired"}:
                seated += row["people"] or []
            if row["state"] != "started":
                self.started.pop(row["id"], None)
                continue
            assert row["size"] >= self.policy.size_min or row["start_reason"]
            assert held <= self.started.get(row["id"], held), "somebody came in after the start"
            self.started[row["id"]] = held
            self.met |= set(row["people"] or ())
        assert len(seated) == len(set(seated)), "somebody has two seats"

    async def check_people(self) -> None:
        theirs = await self.services.rows(
            "intake", "SELECT signup_id, person_id, state, paused_at, group_id FROM signups WHERE centre = :c", c=CENTRE
        )
        ours = {row["signup_id"]: row for row in await self.services.rows("grouping", "SELECT * FROM waiting")}
        for row in theirs:
            in_grouping = ours.pop(row["signup_id"], None)
            status = in_grouping["status"] if in_grouping else None
            if row["state"] in {"received", "confirmed"}:
                assert status is None, row
            elif row["state"] == "withdrawn" or (row["state"] == "member" and row["group_id"] is None):
                # A pause that crosses with the end of a membership leaves a row without wishes for a month.
                assert status in {None, "gone", "member", "unready"}, (row, in_grouping)
                assert row["state"] == "member" or status != "member", (row, in_grouping)
            else:
                assert status in IN_GROUPING[row["state"]], (row, in_grouping)
                assert in_grouping is not None
                assert (row["paused_at"] is not None) == in_grouping["paused"] or row["state"] == "member"
        assert all(row["status"] == "gone" for row in ours.values()), ours
        await self.check_wishes({row["signup_id"]: row for row in theirs})

    async def check_wishes(self, signups: dict[UUID, dict[str, Any]]) -> None:
        now = self.services.clock.now()
        for number, wish in self.wishes.items():
            if now - self.said_at[number] >= STILL_WANTED:
                continue
            signup_id = await self.newest_signup(number)
            row = signups[signup_id] if signup_id is not None else None
            if wish == "nothing":
                assert row is None or row["state"] == "member", (number, row)
            else:
                assert row is not None or self.ids[number] & self.met, f"person {number} is lost"
                assert row is None or (row["paused_at"] is not None) == (wish == "pause"), (number, wish, row)


@pytest.mark.proofs
async def test_person_machine(database_url: Databases, manual_clock: ManualClock) -> None:
    loop = asyncio.get_running_loop()
    async with two_services(database_url, manual_clock) as services:

        class OnServices(PersonMachine):
            pass

        OnServices.services, OnServices.loop = services, loop
        await asyncio.to_thread(
            run_state_machine_as_test,
            OnServices,
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                deadline=None,
                phases=[Phase.generate],  # a shorter failing run would take minutes to find
                suppress_health_check=list(HealthCheck),
            ),
        )
