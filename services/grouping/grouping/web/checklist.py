"""The checklist of an igangsetter for the first meeting, as the policy of the group says."""

from collections.abc import Callable, Iterator
from typing import Final

from grouping.queries.igangsetter_group import StarterGroup
from shared.kit.i18n import N_
from shared.reference.areas import DIGITAL
from shared.reference.policy import Span

_KEY: Final = N_("Avtal hvem som har nøkkelen, og vær der en halv time før.")
_SCREEN: Final = N_("Send lenken til møtet, og prøv lyd og bilde en halv time før.")
_HELLO: Final = N_("Si hei til hver av dem på forhånd, på den måten de har valgt.")
_SERVING: Final = N_("Kaffe, te og vann. Serveringen er enkel.")
_CHAIRS: Final = N_("Sett stolene i ring.")
_TIME: Final = N_("Møtet varer i %(minutes)s minutter.")
_TIME_WITH_BREAK: Final = N_("Møtet varer i %(minutes)s minutter, med pause midt i.")
_ROUND: Final = N_("Runde: alle sier hva de heter, og det de selv vil om hvorfor de er her.")
_FRAMES: Final = N_("Rammene: alle er likeverdige, ingen leder, og hver og en bestemmer selv hva de deler.")
_PLEDGE: Final = {
    "signed": N_("Snakk om taushetsplikten. Alle skriver under, og arket blir hos gruppa."),
    "agreed": N_("Avtal sammen hva taushetsplikten betyr for dere."),
    "clarified": N_("Gjør reglene for taushetsplikten tydelige for alle."),
}
_ABSENCE: Final = N_("Avtal hvordan dere sier fra når noen ikke kan komme.")
_AGREE: Final = N_("Avtal sammen hvor lenge du er med.")
_ONCE: Final = N_("Si at du bare er med på dette ene møtet.")
_SPAN: Final = N_("Si at du er med på %(least)s til %(most)s møter, og så trekker deg ut når gruppa er klar.")
_LAST_ROUND: Final = N_("Avslutt med en runde: hvordan var det å være her i dag?")


def checklist(view: StarterGroup, gettext: Callable[[str], str]) -> tuple[str, ...]:
    """Return the points in their order, in the reader's language."""
    return tuple(_points(view, gettext))


def _points(view: StarterGroup, _: Callable[[str], str]) -> Iterator[str]:
    policy, on_screen = view.policy, view.group.place == DIGITAL
    yield _(_HELLO)
    yield _(_SCREEN if on_screen else _KEY)
    if not on_screen:
        if policy.meeting_break:
            yield _(_SERVING)
        yield _(_CHAIRS)
    yield _(_TIME_WITH_BREAK if policy.meeting_break else _TIME) % {"minutes": policy.meeting_minutes}
    yield _(_ROUND)
    yield _(_FRAMES)
    yield _(_PLEDGE[policy.confidentiality])
    yield _(_ABSENCE)
    meetings = policy.starter_meetings
    if not isinstance(meetings, Span):
        yield _(_AGREE)
    elif meetings.max <= 1:
        yield _(_ONCE)
    else:
        yield _(_SPAN) % {"least": max(1, meetings.min), "most": meetings.max}
    yield _(_LAST_ROUND)
