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
    ("venter på bekreftelse", (Stage.SIGNED_UP, Stage.CONFIRMED)),
    ("på listen", (Stage.WAITING,)),
    ("tilbud", (Stage.OFFERED,)),
    ("sagt ja", (Stage.SEATED,)),
    ("i gruppe", (Stage.IN_GROUP,)),
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
    shown = Table("område", *(heading for heading, _ in COLUMNS), "grupper", box=None, pad_edge=False)
    for column in shown.columns[1:]:
        column.justify = "right"
    for area in stories.areas:
        counts = stories.stages_in(area)
        numbers = [sum(counts[stage] for stage in stages) for _, stages in COLUMNS]
        shown.add_row(area, *(str(number or "") for number in numbers), str(stories.groups_in(area) or ""))
    return shown


def closing_lines(stories: Stories, *, settled: bool) -> list[str]:
    """Return the result in sentences; the last one is a summary."""
    lines = [f"Gruppe i {area}: {size} av dem, første møte {entry.in_words}" for area, entry, size in stories.sizes()]
    waiting = [(area, stories.stages_in(area)[Stage.WAITING]) for area in stories.areas]
    listed = ", ".join(f"{count} i {area}" for area, count in waiting if count)
    if listed:
        lines.append(f"De som venter: {listed}. De får plass når nok folk i nærheten kan møtes på samme tid og språk.")
    if said_yes := stories.count(Stage.SEATED):
        lines.append(f"{said_yes} har sagt ja og venter på at flere sier ja.")
    if not settled:
        lines.append("Ikke alt falt til ro i tide; postkassen og logger viser hva som gjenstår.")
    total, seated, groups = len(stories.people), stories.count(Stage.IN_GROUP), len(list(stories.sizes()))
    lines.append(f"Oppdiktede mennesker: {total}. Grupper: {groups}, med {seated} i. På vent: {total - seated}.")
    return lines
