"""The Norwegian words of the rehearsal: buttons of staff pages, the diary, and the meaning of each task."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from selvhjelp.rehearsal.town.ledger import Outcome
from shared.reference.group_names import group_name

# Buttons of staff pages, as they begin.

INVITE: Final = "Inviter"
SAVE_STARTERS: Final = "Lagre hvem som starter"
WITHOUT_STARTER: Final = "La gruppa starte uten igangsetter"
AGREE_VISIT: Final = "Avtal besøket"
SAVE_MEETING: Final = "Lagre og gi beskjed"
RECORD_PLEDGE: Final = "Skriv ned datoen"
SAID_YES: Final = (
    "Sa ja",
    "Kommer",
    "Informasjonen er lest opp",
    "Klar for en gruppe",
    "Har hørt teksten og sa ja",
    "Vil fortsatt ha en gruppe",
    "Har fått beskjeden",
    "Jeg vet det, ta den bort fra listen",
)
TALK_DONE: Final = "Klar"
HAS_READ: Final = "Har lest informasjonen"
KEEP_DATE: Final = "Behold datoen og let videre"
START_SMALL: Final = "Start med"
HAND_OVER: Final = "Gruppa er enig, den går videre alene"
GO_ON: Final = "De fortsetter som de er"
ADMIT: Final = "Har sagt ja, gi plassen"
LEAVE_MAIL: Final = "La den ligge"
RESUME_AREA: Final = "Slå på automatikken igjen"
SEEN_WAIT: Final = "Sett, minn meg igjen om 30 dager"

BUTTONS: Final = (
    *(INVITE, SAVE_STARTERS, WITHOUT_STARTER, AGREE_VISIT, SAVE_MEETING, RECORD_PLEDGE, *SAID_YES, TALK_DONE, HAS_READ),
    *(KEEP_DATE, START_SMALL, HAND_OVER, GO_ON, ADMIT, LEAVE_MAIL, RESUME_AREA, SEEN_WAIT),
)

# What the coordinator writes.

REASON: Final = "De kjenner hverandre nå og vil begynne."
ADDRESS: Final = "Øvingsgata 1, rom 2"

# The diary.


def signed_up(names: Sequence[str]) -> str:
    """Return the sentence of the diary for sign-ups."""
    return f"{listed(names)} melder seg på."


def declined(name: str) -> str:
    """Return the one for a declined seat."""
    return f"{name} sier nei til plassen, og beholder plassen i køen."


def gave_up(name: str) -> str:
    """Return the one for a person who has waited too long."""
    return f"{name} har ventet lenge nok, og melder seg av."


def helper_answered(name: str, answer: str) -> str:
    """Return the one for the answer of an igangsetter."""
    said = "vil starte gruppa" if answer == "ja" else "kan ikke denne gangen, så den neste blir spurt"
    return f"Igangsetteren {name} {said}."


_WAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "new_group": "{name} vil ha en ny gruppe, og står på listen igjen med plassen sin i køen.",
        "pause": "{name} tar en tenkepause. Vi purrer ikke.",
        "goodbye": "{name} sier takk for nå, og blir slettet.",
    }
)


def way_on(name: str, way: str) -> str:
    """Return the one for the choice of a member of a dissolved group."""
    return _WAYS[way].format(name=name)


_DEEDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no": "{names} kan ikke komme til det første møtet likevel.",
        "leave": "{names} slutter i gruppa. Ingen får plassen etter dem, for gruppa er lukket.",
        "dissolve": "Alle i gruppa sier at den er ferdig.",
        "conflict_vote": "Noen i en gruppe vil ha hjelp i en konflikt. Alle blir spurt, hver for seg og i hemmelighet.",
        "conflict_visit": "En gruppe ber om hjelp i en konflikt.",
        "alive": "Noen åpner lenken til gruppa si og sier at den møtes fortsatt. Hvem det er, vet ingen.",
        "visit": "En gruppe på egen hånd ber senteret om å komme.",
    }
)


def deed(value: str, names: Sequence[str]) -> str:
    """Return the one for a deed in a group; in a conflict it is without the name of the person who asks."""
    return _DEEDS[value].format(names=listed(names))


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence."""
    return " og ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


GROUP_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "drafted": "Fem eller flere passer sammen: {group}. De får snart tilbud om plass.",
        "proposed": "{group}: alle som passer, blir spurt om de vil være med.",
        "confirmed": "{group}: nok har sagt ja, og alle får dato.",
        "accompanied": "{group} har møttes, og er lukket. På gruppas side kan du skrive hvor mange som kom.",
        "independent": "{group} fortsetter på egen hånd. Fra nå kommer ingen av oss uten at gruppa vil det.",
        "dissolved": "{group} er ferdig. Hver og en velger selv: ny gruppe, pause eller takk for nå.",
        "expired": "{group}: ingen har sagt at den fortsatt møtes, så den regnes som ferdig.",
        "cancelled": "{group} blir avlyst. De som var med, beholder plassen i køen.",
    }
)
"""The state that a group comes to, in the diary."""


def group_came_to(state: str, name: str) -> str:
    """Return the one for a new state of a group; empty where the diary has none."""
    return GROUP_STATES.get(state, "").format(group=name)


def group_of(facts: Mapping[str, str | int]) -> str:
    """Return the name of the group that a task is about; empty if it is about no group."""
    if "slot" not in facts:
        return ""
    date = str(facts.get("date", ""))
    starts_at = datetime.fromisoformat(date) if date else None
    return group_name(str(facts["place"]), str(facts["slot"]), starts_at, "nb", int(facts.get("number", 1)))


# What each task meant, by kind: done in time or late, and left or passed.

MEANINGS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "call": (
            "Den som ikke har e-post, fikk vite det samme som alle andre.",
            "Den som ikke har e-post, fikk ikke vite det de andre fikk vite.",
        ),
        "talk": ("Praten er tatt, så personen kan få plass.", "Personen venter fortsatt på praten."),
        "information": ("Personen vet nå hva en gruppe er.", "Personen får ikke plass før informasjonen er lest."),
        "offer_expiring": (
            "Du ringte før fristen. Personen mistet ikke plassen ved en tilfeldighet.",
            "Fristen gikk ut, og plassen gikk videre til en annen.",
        ),
        "group_filling": (
            "Gruppa fikk en avgjørelse i stedet for å bli hengende.",
            "Gruppa lette til fristen. De som hadde sagt ja, beholder plassen i køen.",
        ),
        "group_below_minimum": (
            "Du bestemte i tide, så de som hadde sagt ja, slapp å lure.",
            "Ingen bestemte. Da lette systemet videre, og siste avgjørelse kom tett på møtet.",
        ),
        "group_to_decide": (
            "To dager før møtet valgte du. Alle visste hva som gjaldt.",
            "Ingen valgte, så møtet ble utsatt eller avlyst av seg selv tett på.",
        ),
        "meeting_lacks_address": (
            "Alle visste hvor de skulle, og fikk påminnelsen.",
            "Uten adresse går det ingen påminnelse ut, og folk vet ikke hvor de skal.",
        ),
        "meeting_lacks_igangsetter": (
            "Gruppa visste om noen kom for å hjelpe den i gang.",
            "Gruppa hadde ingen til å hjelpe seg i gang på det første møtet.",
        ),
        "meeting_without_date": (
            "Gruppa fikk en ny dato og falt ikke fra hverandre.",
            "En utsatt gruppe uten ny dato mister folk.",
        ),
        "pledge_missing": (
            "Det er skrevet ned når gruppa snakket om taushetsplikten.",
            "Ingen vet om gruppa har snakket om taushetsplikten.",
        ),
        "group_without_meeting": (
            "Gruppa vet når den møtes neste gang.",
            "Gruppa har ingen dato, og det er lett å slutte å møtes.",
        ),
        "handover_question": (
            "Gruppa ble spurt, og igangsetteren trakk seg ut. Da begynner selvhjelpen.",
            "Gruppa er blitt hengende ved igangsetteren.",
        ),
        "meeting_to_announce": (
            "Invitasjonene ble sendt i tide.",
            "Møtet var planlagt, men ingen ble invitert.",
        ),
        "meeting_attendance": (
            "Dere vet hvor mange som kom, og ikke hvem.",
            "Ingen vet hvor mange som kom.",
        ),
        "follow_up_due": (
            "Gruppa fikk besøket som dere lovet ved starten.",
            "Dere lovet å komme tilbake, men gruppa fikk ikke noe svar.",
        ),
        "visit_asked": ("Gruppa spurte, og fikk svar.", "Gruppa spurte, og fikk ikke svar."),
        "conflict_visit_agreed": (
            "Alle i gruppa ønsket hjelp, og du svarte. Dere løser ikke konflikten, men gruppa står ikke alene.",
            "Alle i gruppa ba om hjelp i en konflikt. Ingen svarte.",
        ),
        "group_rest": (
            "De få som var igjen, fikk velge selv om de ville fortsette.",
            "De få som var igjen, ble ikke spurt.",
        ),
        "newcomer_wanted": (
            "Gruppa ønsket en ny, og en som ventet, fikk plass.",
            "Gruppa ønsket en ny, men ingen ble spurt.",
        ),
        "mail_failed": (
            "Du så at en e-post ikke kom fram, så ingen trodde at personen var borte.",
            "En person venter på en e-post som aldri kom fram.",
        ),
        "mail_complaint": (
            "Du så at noen ikke ville ha e-posten, og hørte hva som var best.",
            "Noen ville ikke ha e-posten, og ingen hørte hvorfor.",
        ),
        "area_on_hold": ("Området lager grupper igjen.", "Ingen grupper blir til mens området er på vent."),
        "long_wait": (
            "Du så at noen hadde ventet lenge, før de ga opp.",
            "Noen har ventet lenge uten at dere har sett etter hva som kan gjøres.",
        ),
    }
)

OTHER: Final = ("Oppgaven er gjort.", "Oppgaven ble ikke gjort.")
OUTCOMES: Final[Mapping[Outcome, str]] = MappingProxyType(
    {
        Outcome.DONE: "gjort i tide",
        Outcome.LATE: "gjort for sent",
        Outcome.PASSED: "gikk over av seg selv",
        Outcome.LEFT: "står igjen",
    }
)


def outcomes(counts: Counter[Outcome]) -> str:
    """Return the outcomes of one kind in words."""
    return ", ".join(f"{counts[outcome]} {text}" for outcome, text in OUTCOMES.items() if counts[outcome])


def meanings(kind: str, counts: Counter[Outcome]) -> list[str]:
    """Return the meaning of the outcomes of one kind."""
    done, left = MEANINGS.get("talk" if kind.startswith("talk") else kind, OTHER)
    sentences = [done] if counts[Outcome.DONE] or counts[Outcome.LATE] else []
    return sentences + ([left] if counts[Outcome.LEFT] or counts[Outcome.PASSED] else [])


# The summary.

PEOPLE: Final = "Menneskene"
GROUPS: Final = "Gruppene"
TASKS: Final = "Oppgavene dine"
NO_TASKS: Final = "ingen"


def period(days: int) -> str:
    """Return a number of days as people say it."""
    months = round(days / 30.4)
    if months == 24:
        return "to år"
    return f"{months} måneder" if months > 2 else f"{days} dager" if days != 1 else "1 dag"


def heading(days: int) -> str:
    """Return the heading of the summary."""
    return f"Det gikk {period(days)} i øvingsbyen"


def placed(people: int, in_groups: int, wait: int | None) -> str:
    """Return the sentence for the number of people with a group, and their wait."""
    if not people:
        return "Ingen meldte seg på."
    waited = "" if wait is None else f" Halvparten ventet {wait} dager eller kortere på det første møtet."
    return f"{people} meldte seg på, og {in_groups} av dem kom med i en gruppe.{waited}"


def without_group(names: Sequence[str]) -> str:
    """Return the one for people without a group."""
    return f"Uten gruppe: {listed(names)}."


def left(names: Sequence[str]) -> str:
    """Return the one for people who left."""
    return f"Meldte seg av eller sluttet: {listed(names)}."


_AT_THE_END: Final[Mapping[str, str]] = MappingProxyType(
    {
        "drafted": "er et forslag som ingen har fått beskjed om.",
        "proposed": "venter på svar fra dem som er spurt.",
        "confirmed": "har fått dato for det første møtet.",
        "accompanied": "møtes sammen med igangsetteren.",
        "independent": "møtes på egen hånd.",
        "dissolved": "ble ferdig, og hver og en valgte selv hva som kom etterpå.",
        "expired": "ingen sa fra om at den fortsatt møtes, så den regnes som ferdig.",
        "cancelled": "ble avlyst før den kom i gang.",
    }
)


def group_at_the_end(name: str, state: str, size: int) -> str:
    """Return the one for the last state of a group."""
    began = f" Den begynte med {size}." if size else ""
    return f"{name}: {_AT_THE_END[state]}{began}"
