"""The words of the yearly figures, the same on the page and in all files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from intake.domain.figures import Figures, Measure, Year
from intake.domain.suppression import LARGEST_HIDDEN
from intake.web.labels import area_names
from shared.kit.i18n import N_
from shared.reference.centres import Centre, Centres

NAMES: Final[Mapping[Measure, str]] = {
    Measure.SIGNUPS: N_("Bekreftede påmeldinger"),
    Measure.STARTED: N_("Grupper som har startet"),
    Measure.HANDED_OVER: N_("Grupper som har overtatt selv"),
    Measure.KONTAKTMOTER: N_("Kontaktmøter som er holdt"),
}
WAITS: Final = N_("Ventetid fra påmelding til første møte: median i dager")
TITLE: Final = N_("%(centre)s: tall for %(year)s")
WHOLE_CENTRE: Final = N_("Hele senteret")
AREA: Final = N_("Område")
QUARTER: Final = N_("%(number)s. kvartal")
WHOLE_YEAR: Final = N_("Hele året")
HIDDEN: Final = N_("skjult")
WHY_HIDDEN: Final = N_(
    "Er tallet %(largest)s eller lavere, viser vi det ikke, så ingen kan kjennes igjen. Vi skjuler også tall som det "
    "kan regnes ut fra."
)
WAITS_BESIDE: Final = N_("Ventetiden står bare ved siden av et antall grupper.")
NOT_OVER: Final = N_(
    "Året er ikke over. Et kvartal kommer to uker etter at det er slutt. Tall for hele året og for hvert område kommer "
    "i midten av januar."
)
WHEN_COUNTED: Final = N_(
    "Alt telles når det skjer, og tall som er vist, endres ikke. Det vi får vite mer enn to uker etter at et kvartal "
    "er slutt, telles i det neste."
)


FigureRow = tuple[str, tuple[int | None, ...]]
"""A name and its figures; None for what is hidden."""


@dataclass(frozen=True)
class FigureTable:
    """
    One table in words.

    Attributes:
        key: The measure, or ``waits``.
        headings: Of the columns.
        rows: The names of areas, each with its figures; the last one is that of the whole centre.
    """

    key: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True)
class FigureWords:
    """A year of a centre with what is needed to write it down."""

    centre: Centre
    year: Year
    centres: Centres
    gettext: Callable[[str], str]
    locale: str

    @property
    def title(self) -> str:
        """The heading of a file."""
        return self.gettext(TITLE) % {"centre": self.centre.name, "year": self.year.year}

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the quarters and, when it is over, of the year."""
        quarters = [self.gettext(QUARTER) % {"number": number} for number in self.year.quarters]
        return (*quarters, self.gettext(WHOLE_YEAR)) if self.year.over else tuple(quarters)

    @property
    def why_hidden(self) -> str:
        """The reason why some figures are hidden."""
        return self.gettext(WHY_HIDDEN) % {"largest": LARGEST_HIDDEN}

    @property
    def not_over(self) -> str:
        """The sentence about a year that goes on; empty for one that is over."""
        return "" if self.year.over else self.gettext(NOT_OVER)

    @property
    def when_counted(self) -> str:
        """The sentence about what is reported late."""
        return self.gettext(WHEN_COUNTED)

    @property
    def notes(self) -> tuple[str, ...]:
        """All sentences that explain the figures of a file."""
        why = f"{self.why_hidden} {self.gettext(WAITS_BESIDE)}"
        return tuple(note for note in (why, self.not_over, self.when_counted) if note)

    def tables(self) -> tuple[FigureTable, ...]:
        """Return all tables in the order in which they are shown; none before the first quarter is over."""
        if not self.year.quarters:
            return ()
        measured = [self._table(measure, NAMES[measure], figures) for measure, figures in self.year.figures.items()]
        return (*measured[:2], self._table("waits", WAITS, self.year.waits), *measured[2:])

    def _table(self, key: str, title: str, figures: Figures) -> FigureTable:
        name = area_names(self.centres)
        rows: list[FigureRow] = [(name(area), line) for area, line in figures.areas.items()]
        rows.append((self.gettext(WHOLE_CENTRE), figures.all))
        return FigureTable(key, self.gettext(title), (self.gettext(AREA), *self.columns), tuple(rows))
