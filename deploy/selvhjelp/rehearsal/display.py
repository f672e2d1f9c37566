"""Show a demo while it runs: a live table with a feed of events in a terminal, plain lines elsewhere."""

from collections import deque
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from selvhjelp.rehearsal.stories import Stage, Stories

FEED_LINES: Final = 14
COLUMNS: Final = (
    ("not confirmed yet", (Stage.SIGNED_UP, Stage.CONFIRMED)),
    ("on the list", (Stage.WAITING,)),
    ("offered a seat", (Stage.OFFERED,)),
    ("said yes", (Stage.SEATED,)),
    ("in a group", (Stage.IN_GROUP,)),
)


class LiveDisplay:
    """The display of a running demo; use it as a context."""

    def __init__(self, console: Console, stories: Stories) -> None:
        self._console = console
        self._stories = stories
        self._feed: deque[str] = deque(maxlen=FEED_LINES)
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def event(self, sentence: str) -> None:
        """Show one event."""
        if self._live is None:
            self._console.print(sentence, markup=False)
            return
        self._feed.append(sentence)
        self._live.update(Group(table(self._stories), Text(), *(Text(line) for line in self._feed)), refresh=True)


def table(stories: Stories) -> Table:
    """Return a table of areas with the number of people at each stage."""
    shown = Table("area", *(heading for heading, _ in COLUMNS), "groups", box=None, pad_edge=False)
    for column in shown.columns[1:]:
        column.justify = "right"
    for area in stories.areas:
        counts = stories.stages_in(area)
        numbers = [sum(counts[stage] for stage in stages) for _, stages in COLUMNS]
        shown.add_row(area, *(str(number or "") for number in numbers), str(stories.groups_in(area) or ""))
    return shown


def closing_lines(stories: Stories, *, settled: bool) -> list[str]:
    """Return the result in sentences; the last one is a summary."""
    lines = [f"Group in {area}: {size} people, first meeting {entry.in_words}" for area, entry, size in stories.sizes()]
    waiting = [(area, stories.stages_in(area)[Stage.WAITING]) for area in stories.areas]
    listed = ", ".join(f"{count} in {area}" for area, count in waiting if count)
    if listed:
        lines.append(f"Waiting: {listed}. They get a seat when enough people nearby share a time and a language.")
    if said_yes := stories.count(Stage.SEATED):
        lines.append(f"Said yes, and wait for others to say yes: {said_yes}.")
    if not settled:
        lines.append("Not all came to rest in time. The mailbox and the logs show what is left.")
    total, seated, groups = len(stories.people), stories.count(Stage.IN_GROUP), len(list(stories.sizes()))
    lines.append(f"Invented people: {total}. Groups: {groups}, members: {seated}. Without a group: {total - seated}.")
    return lines
