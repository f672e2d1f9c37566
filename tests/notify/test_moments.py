"""Every event and every mail has its place in the tables of docs/mails.md, once."""

import re
from collections import Counter
from pathlib import Path

from notify.mails.registry import mail_registry
from shared.events.registry import EVENTS

PAGE = (Path(__file__).parents[2] / "docs" / "mails.md").read_text("utf-8")
MOMENTS = PAGE.partition("## Which moment has which mail")[2].partition("## Mails that become one")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in MOMENTS.splitlines()
    if line.startswith("| ") and "`" in line
]


def names(cell: str) -> list[str]:
    return re.findall(r"`([a-z_.]+)`", cell)


def test_every_mail_has_one_moment() -> None:
    mails = Counter(name for row in ROWS if len(row) == 3 for name in names(row[2]))
    assert set(mails) == {spec.kind for spec in mail_registry()}
    assert set(mails.values()) == {1}


def test_every_event_has_one_moment_or_a_reason_for_none() -> None:
    events = Counter(name for row in ROWS for name in names(row[1] if len(row) == 3 else row[0]))
    assert set(events) == {subject.removesuffix(".v1") for subject in EVENTS}
    assert set(events.values()) == {1}
