from uuid import uuid4

from shared.events import people
from shared.kit.messaging.causes import Cause
from tests.shared.support.web_demo.client import NOON


def erased(cause: Cause, key: object) -> people.Erased:
    return people.Erased(**cause.stamp(people.Erased, key, NOON), person_id=uuid4(), signup_ids=())


def test_stamp_same_cause_and_key_gives_same_event_id() -> None:
    cause = Cause.fresh()

    assert erased(cause, "a").event_id == erased(cause, "a").event_id
    assert len({erased(cause, "a").event_id, erased(cause, "b").event_id, erased(Cause.fresh(), "a").event_id}) == 3


def test_stamp_of_event_keeps_correlation_id() -> None:
    first = erased(Cause.fresh(), "a")
    following = erased(Cause.of(first), "a")

    assert following.correlation_id == first.correlation_id
    assert following.event_id != first.event_id
    assert following.occurred_at == NOON


def test_tick_same_parts_give_same_cause() -> None:
    assert Cause.tick("lapse", 1) == Cause.tick("lapse", 1) != Cause.tick("lapse", 2)
