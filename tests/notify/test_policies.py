"""Mails follow the newest policy of a centre, in whatever order its versions come."""

import itertools

import pytest

from notify.store import policy_book
from shared.events.centres import PolicyChanged
from shared.kit.ids import new_id
from shared.kit.version_book import Follower
from shared.reference.centres import CentreDirectory, version_content
from tests.notify.support.world import Feed


def policy_changed(feed: Feed, number: int, **changes: object) -> PolicyChanged:
    centre = feed.directory.current().get("link-bergen")
    assert centre is not None
    policy = centre.policy.model_copy(update={"version": f"2027-1-{number}"} | changes)
    return PolicyChanged(
        event_id=new_id(),
        occurred_at=feed.clock.now(),
        correlation_id=new_id(),
        centre=centre.id,
        number=number,
        version=policy.version,
        valid_from=feed.clock.now(),
        **version_content(policy, centre.texts),
    )


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))), ids=str)
async def test_policy_events_in_any_order_newest_holds(feed: Feed, order: tuple[int, ...]) -> None:
    await feed.deliver(*[policy_changed(feed, number, seat_deadline_hours=number) for number in order])
    other = CentreDirectory.from_file(None)
    await Follower(feed.database, policy_book, other.apply).load()
    for directory in (feed.directory, other):
        centre = directory.current().get("link-bergen")
        assert centre is not None
        assert (centre.policy.version, centre.policy.seat_deadline_hours) == ("2027-1-3", 3)
