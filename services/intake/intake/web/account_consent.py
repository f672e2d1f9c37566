"""The text that an igangsetter agrees to before they help a centre."""

from typing import Final

from shared.kit.i18n import N_

SENTENCES: Final = (
    N_("%(centre)s tar vare på navnet, e-postadressen og telefonnummeret ditt, så vi kan nå deg."),
    N_("Vi tar også vare på når og hvor du kan, hvilke språk du snakker, og hvilke grupper du er igangsetter for."),
    N_("Navnet og adressen din er låst med en egen nøkkel. Hver gang noen ser dem, skrives det ned."),
    N_("Er du igangsetter for en gruppe, ser du fornavnene en kort tid. Det du ser og hører, holder du for deg selv."),
    N_("Du kan slutte når du vil. Da slettes alt om deg."),
)
"""The text, as msgids; ``centre`` is the name of the centre."""
