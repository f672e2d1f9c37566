"""The bytes of every mail, compared with hashes of them."""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from notify.domain.content import Absence, Change, MailContent
from notify.domain.kontaktmoter.meetings import Audience, Topic
from notify.mime import build_message
from tests.notify.support.contents import KINDS, LANGUAGES, NOW, TALK, about, content, of_meeting, of_talk, renderer

GOLDEN = Path(__file__).with_name("golden.json")
CENTRES = ("link-bergen", "link-oslo")
NO_MEETING: dict[str, object] = {"meeting_id": None, "starts_at": None, "place_text": None, "sequence": 0}
MEETS_AT = datetime(2027, 3, 25, 17, 0, tzinfo=UTC)
CANCELLED: dict[str, object] = {"meeting_id": UUID(int=4), "starts_at": MEETS_AT, "sequence": 3}
LOST: dict[str, object] = {"lost_slot": "tue-evening", "lost_place": "Kleppestø", "had_said_yes": True}
CHANGES = (
    Change("skipped", MEETS_AT, MEETS_AT, "Biblioteket, rom 2"),
    Change("moved", MEETS_AT + timedelta(weeks=1), MEETS_AT + timedelta(days=8), "Biblioteket, rom 2"),
    Change("moved", MEETS_AT + timedelta(weeks=2), MEETS_AT + timedelta(weeks=2), "Kleppestø kulturhus"),
)
VARIANTS: Mapping[str, tuple[dict[str, object], ...]] = {
    "talk_to_come": ({"awaits": ("talk",)}, {"awaits": ("read",)}, {"awaits": ("talk", "read")}),
    "talk_booked": ({}, of_talk(sequence=1), of_talk(way="office")),
    "talk_tomorrow": ({}, of_talk(way="office") | {"calendar": ()}),
    "talk_cancelled": ({}, of_talk(cancelled_sequence=1, cancelled_reason="given_up")),
    "talk_offered": ({}, {"talk": replace(TALK, sequence=None, offered=2)}),
    "paused": ({}, {"calendar": content("talk_cancelled", "nb").calendar}),
    "seat_offered": (
        {},
        {"size": 1, "taken": 0},
        {"size": 7, "taken": 0, "earliest_at": None, "offer_place": None},
        {"slot": "mon-day", "spoken_language": "ar", "first_meeting_at": MEETS_AT, "earliest_at": None},
        LOST | {"reason": "cancelled", "cancel_reason": "by_centre"},
        LOST | {"reason": "changed"} | CANCELLED,
    ),
    "question_moved": ({}, CANCELLED),
    "group_confirmed": ({}, {"address_known": False, "place_text": "Bergen sentrum"}, {"self_start": True}),
    "meeting_tomorrow": ({}, {"self_start": True}),
    "plan_changed": ({}, {"address_known": False, "place_text": "Bergen sentrum"}),
    "meeting_postponed": ({}, {"starts_at": NOW - timedelta(days=1)}),
    "goodbye": (
        {"withdrawn_reason": "left"},
        {"withdrawn_reason": "no_answer"},
        {"withdrawn_reason": "left", "had_seat": True} | CANCELLED,
        {"withdrawn_reason": "left", "talk": replace(TALK, outcome="referred")},
        {"withdrawn_reason": "left", "was_member": True},
        {"withdrawn_reason": "left", "was_member": True, "calendar": content("dissolved", "nb").calendar},
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
    "group_started": ({}, {"rhythm": None, "ahead": (), "calendar": ()}),
    "meetings_changed": ({}, {"changes": CHANGES}, {"changes": CHANGES[1:2]}, {"changes": CHANGES[2:]}),
    "absence_told": ({}, {"absences": (Absence(MEETS_AT, 2), Absence(MEETS_AT + timedelta(weeks=1), 1))}),
    "handover_asked": ({}, {"announcement": about("handover_asked", meetings=1)}),
    "handed_over": tuple(
        {"announcement": about("handed_over", by=by, memory=memory, followed_up=followed_up)}
        for by, memory, followed_up in (
            ("members", "none", False),
            ("igangsetter", "sealed_alias", True),
            ("start", "opt_in", False),
            ("time", "none", True),
        )
    ),
    "visit_agreed": tuple(
        {"announcement": about("visit_agreed", kind=kind)} for kind in ("return_visit", "visit", "conflict_visit")
    ),
    "visit_declined": tuple(
        {"announcement": about("visit_declined", kind=kind, by=by, unanswered=unanswered)}
        for kind, by, unanswered in (
            ("visit", "centre", False),
            ("conflict_visit", "centre", False),
            ("return_visit", "group", False),
            ("return_visit", "group", True),
        )
    ),
    "follow_up_offered": (
        {"announcement": about("follow_up_due", meetings=3, deadline=MEETS_AT)},
        {"announcement": about("follow_up_due", meetings=1)},
    ),
    "member_left": ({}, {"calendar": ()}),
    "vote_opened": ({}, {"announcement": about("vote_opened", deadline=MEETS_AT, vote_subject="admission")}),
    "vote_closed": tuple(
        {"announcement": about("vote_closed", vote_subject=subject, agreed=agreed)}
        for subject, agreed in (("conflict_visit", False), ("conflict_visit", True), ("admission", True))
    ),
    "dissolved": ({}, {"announcement": about("dissolved", by="centre"), "calendar": ()}),
    "kontaktmote_invited": (
        {},
        of_meeting(audience=Audience.CHOSEN_GROUPS, capacity=12),
        of_meeting(audience=Audience.WAITING, topics=(), place_text="", online_url="https://moter.example/rom"),
        of_meeting(audience=Audience.IGANGSETTERE, topics=tuple(Topic)),
        of_meeting(texts=dict.fromkeys(LANGUAGES, "Ta med kopp.\n\nVi \x07spanderer <b>kaffe</b>.")),
    ),
    "kontaktmote_place": (
        {},
        of_meeting(seats=3) | {"meeting_id": UUID(int=40)},
        of_meeting(seats=1, from_line=True) | {"meeting_id": UUID(int=40)},
        of_meeting(seats=3, from_line=True) | {"meeting_id": UUID(int=40)},
    ),
    "kontaktmote_changed": ({}, of_meeting()),
    "kontaktmote_cancelled": ({}, of_meeting()),
    "way_on": tuple(
        {"announcement": about("way_on_chosen", way=way, with_same_people=with_same_people)}
        for way, with_same_people in (("goodbye", False), ("pause", False), ("new_group", False), ("new_group", True))
    ),
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
