"""Sentences about the frames of a group, as the policy that it keeps has them."""

from typing import Final

from notify.domain.content import MailContent, MailTools
from shared.kit.i18n import N_
from shared.reference.policy import Policy, Span

_EQUALS: Final = N_(
    "Alle er likeverdige, og ingen er leder. Dere deler erfaringer og lar være å gi råd. "
    "Hver og en bestemmer selv hva de vil si."
)
_CLOSED: Final = N_("Dere er de samme hver gang. Ingen nye kommer til.")
_CLOSED_UNLESS_ALL: Final = N_("Dere er de samme hver gang. Ingen nye kommer til uten at dere alle vil det.")
_PLEDGES: Final = {
    "signed": N_(
        "Det som blir sagt, blir mellom dere. Det skriver hver av dere under på. Arkene tar dere vare på selv, "
        "og vi ser dem ikke."
    ),
    "agreed": N_("Dere avtaler taushetsplikt: Det som blir sagt, blir mellom dere."),
    "clarified": N_("Dere avklarer sammen hvilke regler som gjelder. Det som blir sagt, blir mellom dere."),
}
_ONE_MEETING: Final = N_(
    "Igangsetteren er med på det første møtet. Så spør vi om dere er klare til å fortsette på egen hånd."
)
_SOME_MEETINGS: Final = N_(
    "Igangsetteren er med på de første møtene. Så spør vi om dere er klare til å fortsette på egen hånd."
)

_NOBODY_ASSIGNED: Final = N_("Vi følger dere i starten. Så spør vi om dere er klare til å fortsette på egen hånd.")


def frames(content: MailContent, tools: MailTools) -> tuple[str, ...]:
    """Return what holds in the group: equals, closed, and what is said stays there."""
    policy = content.policy
    closed = _CLOSED_UNLESS_ALL if policy.reopen_rule == "participants_decide" else _CLOSED
    return tuple(tools.gettext(text) for text in (_EQUALS, closed, _PLEDGES[policy.confidentiality]))


def igangsetter(content: MailContent, tools: MailTools) -> tuple[str, ...]:
    """Return how long the igangsetter comes, or who follows a group without one; nothing where nobody does."""
    policy = content.policy
    if content.has_igangsetter:
        return (tools.gettext(_ONE_MEETING if is_one_meeting(policy) else _SOME_MEETINGS),)
    return (tools.gettext(_NOBODY_ASSIGNED),) if policy.runs_groups and policy.starters_min else ()


def is_one_meeting(policy: Policy) -> bool:
    """Return True if the igangsetter attends the start meeting alone."""
    return isinstance(policy.starter_meetings, Span) and policy.starter_meetings.max <= 1
