"""The next step for a group, a person or an area: one link at the top of its page."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import quote

from grouping.queries.areas import AreaView
from grouping.queries.groups import GroupView
from grouping.queries.people import PersonView
from shared.kit.i18n import N_


class NextStep(NamedTuple):
    """The words of a link (a msgid), and where it leads: a place on the page, or another page."""

    text: str
    href: str


_LIFE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "handover_question": N_("Avklar om gruppa går videre alene"),
        "newcomer_wanted": N_("Finn en ny deltaker"),
        "group_rest": N_("Spør hva gruppa vil"),
        "pledge_missing": N_("Skriv ned når de avtalte taushetsplikten"),
        "follow_up_due": N_("Avtal besøket"),
        "visit_asked": N_("Svar om dere kommer"),
        "conflict_visit_agreed": N_("Svar om dere kommer"),
    }
)
"""Kinds of the questions on the page of a running group, each with its section."""


def group_step(view: GroupView) -> NextStep | None:
    """Return what is to be done about a group, first what its page was opened for; None if nothing is."""
    steps = list(_group_steps(view))
    kind = view.task.kind if view.task else ""
    return next((step for kinds, step in steps if kind in kinds), steps[0][1] if steps else None)


def _group_steps(view: GroupView) -> Iterator[tuple[frozenset[str], NextStep]]:
    """Yield each step with the kinds of task that it does, the most urgent first."""
    task, path = f"?oppgave={view.task.id}" if view.task else "", f"/stab/grupper/{view.group.id}"
    kind = view.task.kind if view.task else ""
    undecided = view.decision is not None and not (view.decision.date_kept or view.decision.waits)
    no_address = "address" in view.lacks and view.status != "postponed"
    is_unreported = view.can_report and (view.status != "started" or view.is_assumed_held)
    place = (N_("Velg rom"), f"{path}/rom{task}") if view.can_choose_room else (N_("Skriv adressen"), "#place_text")
    steps = [
        (kind == "offer_expiring" and view.shows_people, N_("Ta imot svaret"), "#of-task", [kind]),
        (view.is_draft, N_("Send tilbud eller forkast"), "#draft", []),
        (undecided, N_("Velg hva som skal skje"), "#decision", ["group_below_minimum", "group_to_decide"]),
        (view.search is not None, N_("Finn flere til gruppa"), "#search", ["group_filling"]),
        (view.status == "postponed", N_("Sett en ny dato"), "#day", ["meeting_without_date"]),
        (no_address, *place, ["meeting_lacks_address"]),
        ("igangsetter" in view.lacks, N_("Velg igangsetter"), "#who-starts", ["meeting_lacks_igangsetter"]),
        *_life_steps(view, kind, f"{path}/tider{task}"),
        (is_unreported, N_("Meld hvordan det gikk"), "#report", []),
    ]
    yield from ((frozenset(kinds), NextStep(text, href)) for holds, text, href, kinds in steps if holds)


def _life_steps(view: GroupView, task_kind: str, times: str) -> Iterator[tuple[bool, str, str, list[str]]]:
    """Yield the questions about a running group, each with its section of the page."""
    for number, kind in enumerate(view.life.questions(task_kind) if view.life else (), 1):
        if kind == "group_without_meeting":
            yield True, N_("Sett når de møtes"), times, [kind]
        else:
            yield True, _LIFE[kind], f"#ask-{number}", [kind]


def person_step(view: PersonView) -> NextStep | None:
    """Return what is to be done about a person who waits or has a seat; None if nothing is, or if a button does it."""
    area = f"/stab/omrader/{view.area.id}"
    if view.group:
        return NextStep(N_("Se gruppa"), f"/stab/grupper/{view.group.id}")
    if view.targets:
        return NextStep(N_("Velg en gruppe"), "#move")
    if view.explanation and view.explanation.cell:
        return NextStep(N_("Se hva dere kan gjøre"), f"{area}/hva-om?cell={quote(view.explanation.cell.key, safe='')}")
    return None


def area_step(view: AreaView) -> NextStep | None:
    """Return what is to be done in an area; None if nothing is, or if a button does it."""
    if view.on_hold and any(possible.can_form for possible in view.possible_groups):
        return NextStep(N_("Velg hvem som begynner"), "#possible")
    return NextStep(N_("Gi bort ledige plasser"), "#board") if view.board else None
