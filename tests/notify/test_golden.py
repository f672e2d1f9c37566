"""The bytes of every mail, compared with hashes of them."""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from notify.domain.content import MailContent
from notify.mime import build_message
from tests.notify.support.contents import KINDS, LANGUAGES, NOW, content, renderer

GOLDEN = Path(__file__).with_name("golden.json")
CENTRES = ("link-bergen", "link-oslo")
NO_MEETING: dict[str, object] = {"meeting_id": None, "starts_at": None, "place_text": None, "sequence": 0}
MEETS_AT = datetime(2027, 3, 25, 17, 0, tzinfo=UTC)
CANCELLED: dict[str, object] = {"meeting_id": UUID(int=4), "starts_at": MEETS_AT, "sequence": 3}
LOST: dict[str, object] = {"lost_slot": "tue-evening", "lost_place": "Kleppestø", "had_said_yes": True}
VARIANTS: Mapping[str, tuple[dict[str, object], ...]] = {
    "talk_to_come": ({"awaits": ("talk",)}, {"awaits": ("read",)}, {"awaits": ("talk", "read")}),
    "seat_offered": (
        {},
        {"size": 1, "taken": 0},
        {"size": 7, "taken": 0, "earliest_at": None, "offer_place": None},
        {"slot": "mon-day", "spoken_language": "ar", "first_meeting_at": MEETS_AT, "earliest_at": None},
        LOST | {"reason": "cancelled", "cancel_reason": "by_centre"},
        LOST | {"reason": "changed"} | CANCELLED,
    ),
    "question_moved": ({}, CANCELLED),
    "group_confirmed": ({}, {"address_known": False, "place_text": "Bergen sentrum"}),
    "plan_changed": ({}, {"address_known": False, "place_text": "Bergen sentrum"}),
    "meeting_postponed": ({}, {"starts_at": NOW - timedelta(days=1)}),
    "goodbye": (
        {"withdrawn_reason": "left"},
        {"withdrawn_reason": "no_answer"},
        {"withdrawn_reason": "left", "had_seat": True} | CANCELLED,
        {"withdrawn_reason": "left", "was_member": True},
    ),
    "start_cancelled": ({}, {"cancel_reason": "by_centre"}, {"had_said_yes": False} | NO_MEETING),
    "seat_gone": (
        {},
        {"reason": "moved"},
        {"reason": "changed", "had_said_yes": False} | NO_MEETING,
        {"reason": "moved", "had_said_yes": False} | NO_MEETING,
        {"paused": True},
    ),
    "seat_given_up": ({}, NO_MEETING),
    "texts_changed": ({}, {"texts_asked": ("information",)}, {"texts_asked": ("consent", "information")}),
}
NAMES: tuple[dict[str, object], ...] = ({"first_name": None}, {"first_name": "Kåre \u202e<b>"})
_BOUNDARY = re.compile(rb"={15}\d+==")


def cases(kind: str) -> Iterator[tuple[str, MailContent]]:
    """Every variant of a mail, with the name of its hash."""
    variants = (*VARIANTS.get(kind, ({},)), *(NAMES if kind != "address_to_confirm" else ()))
    for language in LANGUAGES:
        for centre in CENTRES:
            for number, changes in enumerate(variants):
                yield f"{kind}/{language}/{centre}/{number}", content(kind, language, centre=centre, **changes)


def digest(mail: MailContent) -> str:
    """The hash of a whole message, with numbered boundaries instead of random ones."""
    raw = build_message(
        renderer().render(mail),
        sender="hei@post.example",
        recipient="kari@example.org",
        reply_to=mail.centre.email,
        language=mail.language,
        message_id="<1@post.example>",
        now=NOW,
    )
    names: dict[bytes, bytes] = {}
    raw = _BOUNDARY.sub(lambda match: names.setdefault(match.group(), b"boundary-%d" % len(names)), raw)
    return hashlib.sha256(raw).hexdigest()[:16]


@pytest.mark.parametrize("kind", KINDS)
def test_message_of_each_kind_matches_its_golden_hashes(kind: str) -> None:
    """After a deliberate change: ``python -m tests.notify.test_golden`` writes new hashes."""
    golden = json.loads(GOLDEN.read_text())
    assert {name: digest(mail) for name, mail in cases(kind)} == {
        name: value for name, value in golden.items() if name.startswith(f"{kind}/")
    }


if __name__ == "__main__":
    hashes = {name: digest(mail) for kind in sorted(KINDS) for name, mail in cases(kind)}
    GOLDEN.write_text(json.dumps(hashes, indent=0, sort_keys=True) + "\n")
    sys.stdout.write(f"{len(hashes)} hashes\n")
