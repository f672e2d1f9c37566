"""Own words of a centre as they come from forms, and sentences about the rules that they break."""

import re
from collections.abc import Callable, Collection
from typing import Final

from notify.domain.own_words import Problem, Rule, host_of
from shared.kit.i18n import N_
from shared.kit.text import without_marks
from shared.reference.centres import Centre

SENTENCES: Final = {
    Rule.CODES: N_("Skriv vanlig tekst. «%(words)s» er en kode som folk ville fått se."),
    Rule.LINKS: N_(
        "Ta bort «%(words)s». Her kan bare lenker og adresser til senteret selv stå; de andre lenkene har e-posten "
        "alt. Er det ingen lenke, mangler det et mellomrom etter punktum."
    ),
    Rule.ASKS_WHY: N_(
        "Ta bort «%(words)s». Vi spør aldri hvorfor noen vil ha en gruppe, eller om det som er vanskelig."
    ),
    Rule.DISCREET: N_("Ta bort «%(words)s». Dette kan vises på en låst skjerm, der andre ser det."),
    Rule.UNKNOWN_FIELD: N_("Feltet {%(words)s} finnes ikke her. Bruk et av feltene på siden, eller skriv det selv."),
    Rule.MISSING_FIELD: N_("Feltet {%(words)s} må være med, for uten det sier ikke teksten nok."),
    Rule.LOOSE_BRACE: N_("En krøllparentes står alene. Et felt begynner med { og slutter med }."),
}
"""One sentence (msgid) for each rule."""


def sentence(problem: Problem, gettext: Callable[[str], str]) -> str:
    """Return what is wrong, in the reader's language."""
    return gettext(SENTENCES[problem.rule]) % {"words": problem.words}


def own_addresses(centre: Centre) -> dict[str, Collection[str]]:
    """Return the host names and the addresses of a centre."""
    return {
        "hosts": {host for host in (host_of(centre.website),) if host},
        "emails": {centre.email} if centre.email else set(),
    }


def cleaned(text: str) -> str:
    """Return a text without marks that nobody sees, its paragraphs apart by one empty line."""
    lines = [without_marks(line, joiners=True) for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
