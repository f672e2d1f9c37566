"""Years of offers that people answer or leave: whatever a group waits for, nobody hears two things at once."""

import math
from collections import Counter
from functools import cache
from uuid import UUID

import pytest

from selvhjelp.simulation.offer_report import FILL_DAYS, OfferTally
from selvhjelp.simulation.offers import SILENCES, OfferPlay, Proposal
from selvhjelp.simulation.participants import Participant, State
from selvhjelp.simulation.rules import SIZE_MAX, SIZE_MIN
from selvhjelp.simulation.world import Region, World, draw
from shared.reference.policy import Policy
from tests.deploy.support.command import command

pytestmark = pytest.mark.proofs

DEFAULT = Policy.model_fields["fill_days"].default
NEW = tuple(days for days in FILL_DAYS if days is not None)


@cache
def played(fill_days: int | None, seed: int = 1) -> OfferPlay:
    play = OfferPlay(draw(3, 250, seed, rooms=True, igangsettere=None), fill_days, drop_out=0.15)
    play.run()
    return play


@pytest.mark.parametrize("fill_days", FILL_DAYS)
def test_offer_play_keeps_each_person_in_one_group(fill_days: int | None) -> None:
    play = played(fill_days)
    groups = [group for group in play.proposals.values() if group.started is not False]
    seated = [member for group in groups for member in (*group.members, *group.offered)]

    assert len(seated) == len(set(seated))
    assert all(group.live <= SIZE_MAX for group in groups)
    assert all(len(group.members) >= SIZE_MIN for group in groups if group.started)
    states = {id_ for id_, participant in play.participants.items() if participant.state is State.SEATED}
    assert states == {member for group in groups if not group.started for member in (*group.members, *group.offered)}


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("fill_days", NEW)
def test_offer_play_has_no_contradictory_mails(fill_days: int, seed: int) -> None:
    assert OfferTally.of(played(fill_days, seed)).contradictions == 0


@pytest.mark.parametrize("seed", range(1, 6))
def test_offer_play_needs_fewer_mails_than_before(seed: int) -> None:
    before, after = OfferTally.of(played(None, seed)), OfferTally.of(played(14, seed))

    assert sum(after.mails.values()) < sum(before.mails.values())
    assert after.mails["cancelled"] < before.mails["cancelled"]


@pytest.mark.parametrize("seed", range(1, 6))
def test_offer_play_places_as_many_as_before_within_chance(seed: int) -> None:
    """
    The same people with the same answers: below three standard errors of the difference, a rule costs groups.

    Members of a group share its fate, so the error counts groups of :data:`SIZE_MIN` and not single people.
    """
    before, after = OfferTally.of(played(None, seed)), OfferTally.of(played(DEFAULT, seed))

    share = (before.share + after.share) / 2
    error = math.sqrt(2 * share * (1 - share) * SIZE_MIN / after.people)
    assert after.people == before.people
    assert after.share >= before.share - 3 * error
    assert after.contradictions == 0
    assert after.per_person() < before.per_person()


@cache
def weighed(fill_days: int | None, seed: int) -> OfferTally:
    world = draw(3, 1000, seed, rooms=True, igangsettere=None, region=Region.CITIES)
    play = OfferPlay(world, fill_days, drop_out=0.15, discouraged=0.02)
    play.run()
    return OfferTally.of(play)


@pytest.mark.parametrize("seed", range(1, 4))
def test_offer_play_places_no_fewer_where_cancellations_discourage(seed: int) -> None:
    """
    The same people with the same answers, of whom 2 of 100 give up when they read that their group is cancelled.

    In cities, where most groups are cancelled; elsewhere it takes longer histories, see docs/simulation.md.
    """
    before, after = weighed(None, seed), weighed(DEFAULT, seed)

    assert after.people == before.people
    assert after.share >= before.share
    assert after.contradictions == 0
    assert before.contradictions > 0
    assert after.per_person() < before.per_person()


class Remembered(OfferPlay):
    """A play that keeps by person and number of the offer what was answered."""

    def __init__(self, world: World, fill_days: int | None) -> None:
        super().__init__(world, fill_days, drop_out=0.15)
        self.answers: dict[tuple[UUID, int], str] = {}

    def _answer(self, participant: Participant, seatings: int, group: Proposal, answer: str) -> None:
        signup_id = participant.arrival.waiting.signup_id
        if participant.seatings == seatings and signup_id in group.offered:
            self.answers[signup_id, seatings] = answer
        super()._answer(participant, seatings, group, answer)


@pytest.mark.parametrize("fill_days", NEW)
def test_offer_play_answers_are_the_same_under_every_rule(fill_days: int) -> None:
    world = draw(3, 250, 1, rooms=True, igangsettere=None)
    before, after = Remembered(world, None), Remembered(world, fill_days)
    before.run()
    after.run()

    both = before.answers.keys() & after.answers.keys()
    assert len(both) > 200
    assert {key: before.answers[key] for key in both} == {key: after.answers[key] for key in both}
    assert len({before.answers[key] for key in both}) == 3


def test_offer_play_nobody_is_discouraged_by_default() -> None:
    world = draw(3, 250, 1, rooms=True, igangsettere=None)
    shares = []
    for discouraged in (0.0, 0.05, 1.0):
        play = OfferPlay(world, None, 0.15, discouraged)
        play.run()
        shares.append(OfferTally.of(play).share)

    assert shares[0] == OfferTally.of(played(None)).share
    assert shares[0] > shares[1] > shares[2]


@pytest.mark.parametrize("fill_days", NEW)
def test_offer_play_silent_person_gets_two_offers(fill_days: int) -> None:
    """An offer that ends before its three days are over, with its group or at its start meeting, is no silence."""
    play = Remembered(draw(3, 250, 1, rooms=True, igangsettere=None), fill_days)
    play.run()
    silent = {id_ for id_, participant in play.participants.items() if play._never_answers(participant)}
    unanswered = Counter(id_ for id_, _ in play.answers if id_ in silent)

    assert {answer for (id_, _), answer in play.answers.items() if id_ in silent} == {"silent"}
    assert max(unanswered.values()) == SILENCES


@pytest.mark.parametrize("region", ["country", "cities", "towns", "sparse"])
async def test_simulate_offers_prints_each_seed(region: str) -> None:
    arguments = ("--fill-days", "7", "--region", region, "--seeds", "2", "--per-year", "30", "--discouraged", "0.02")
    told = await command("simulate", "--offers", *arguments)

    assert told.status == 0
    assert "difference" in told.out
    assert [line.split()[0] for line in told.out.splitlines()[-3:]] == ["1", "2", "all"]


async def test_simulate_offers_prints_each_rule() -> None:
    told = await command("simulate", "--offers", "--seeds", "1", "--per-year", "50")

    assert told.status == 0
    assert "14 d" in told.out
    assert "contradictory mails" in told.out
