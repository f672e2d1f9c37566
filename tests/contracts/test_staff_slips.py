"""Every act of staff can be undone, or a question comes first (decision 65)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

import grouping.web.acts
import intake.web.acts
import notify.web.acts
from shared.kit.web.acts import OWN_ACCESS, Act, Asked, Shown, Undone, faults
from shared.reference.access import LINES

ACTS: Mapping[str, Mapping[str, Act]] = MappingProxyType(
    {"intake": intake.web.acts.ACTS, "grouping": grouping.web.acts.ACTS, "notify": notify.web.acts.ACTS}
)


def posts(service: str) -> list[str]:
    """Return the POST routes of a service, as the table of access has them."""
    return [line.path for line in LINES if line.method == "POST" and line.service == service]


def lines(act: Act) -> Iterator[Act]:
    """Yield a line, and those for its other presses."""
    yield act
    if isinstance(act, Undone | Asked) and act.other is not None:
        yield from lines(act.other)


def all_lines() -> list[tuple[str, Act]]:
    return [(path, line) for acts in ACTS.values() for path, act in acts.items() for line in lines(act)]


@pytest.mark.parametrize("service", ["intake", "grouping", "notify"])
def test_every_staff_post_is_undone_or_asked_before(service: str) -> None:
    assert faults(ACTS[service], posts(service)) == []
    assert not any(OWN_ACCESS.match(path) for path in ACTS[service])


@pytest.mark.parametrize("path", ["/stab/rom/{room_id}/slett", "/stab/grupper/{group_id}/utsett", "/stab/post"])
def test_route_without_a_line_and_line_without_a_route_are_told(path: str) -> None:
    assert len(faults({}, [path])) == len(faults({path: Shown("read")}, [])) == 1
    assert faults({path: Shown("read")}, [path]) == []


def test_every_undo_is_an_act_of_the_same_service() -> None:
    wrong = [
        (path, line.path)
        for service, acts in ACTS.items()
        for path, act in acts.items()
        for line in lines(act)
        if isinstance(line, Undone) and line.path and line.path not in posts(service)
    ]
    assert wrong == []


def test_every_question_says_what_happens_and_what_the_button_does() -> None:
    for path, line in all_lines():
        if isinstance(line, Asked):
            assert line.title.endswith("?"), path
            assert line.lead.endswith("."), path
            assert line.button.startswith("Ja, "), path
        if isinstance(line, Shown):
            assert line.why in {"question", "form", "spoken", "read"}, path


@pytest.mark.parametrize(
    "path",
    [
        "/stab/grupper/{group_id}/utsett",
        "/stab/grupper/{group_id}/ikke-holdt",
        "/stab/personer/{person_id}/avmeld",
        "/stab/meldinger/{message_id}/trekk-tilbake",
        "/stab/post/{mail_id}/stopp",
        "/stab/rom/{room_id}/slett",
        "/stab/kontoer/{account_id}/steng",
    ],
)
def test_what_sends_or_ends_something_is_asked_before(path: str) -> None:
    assert all(isinstance(line, Asked) for known, line in all_lines() if known == path)
