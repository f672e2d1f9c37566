"""A policy in plain words: a sentence for each key, and for each difference."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from intake.domain.policies import NUMBERS, SPANS, UNDECIDED, WISHES
from shared.kit.i18n import N_
from shared.reference.policy import DECISIONS, Policy, Span

Gettext = Callable[[str], str]

Holds = Literal["groups", "signups", "now"]

HOLDS: Final[Mapping[Holds, str]] = {
    "groups": N_("Gjelder nye grupper."),
    "signups": N_("Gjelder alle som ikke har kommet på ventelisten ennå."),
    "now": N_("Gjelder fra nå av."),
}
"""When a change takes effect (msgid)."""

NOT_DECIDED: Final = N_("Senteret har ikke bestemt dette ennå.")


@dataclass(frozen=True)
class Words:
    """
    The words of one key.

    Attributes:
        label: The question in the form.
        options: By value: the whole sentence, and the few words that a difference names it by.
        sentence: For a number, with ``%(value)s``; for a span with ``%(least)s`` and ``%(most)s``.
        zero: For a number that is 0.
        exact: For a span of one number, with ``%(value)s``.
        holds: When a change takes effect.
        help: A line under the question.
    """

    label: str
    options: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sentence: str = ""
    zero: str = ""
    exact: str = ""
    holds: Holds = "groups"
    help: str = ""


WORDS: Final[Mapping[str, Words]] = {
    "group_term": Words(
        N_("Hva kaller dere gruppene?"),
        {
            "selvhjelpsgruppe": (N_("Vi kaller dem selvhjelpsgrupper."), N_("selvhjelpsgrupper")),
            "samtalegruppe": (N_("Vi kaller dem samtalegrupper."), N_("samtalegrupper")),
        },
        holds="now",
    ),
    "runs_groups": Words(
        N_("Hvem starter gruppene?"),
        {
            "true": (N_("Vi starter gruppene og følger dem i begynnelsen."), N_("vi starter dem")),
            "false": (N_("Folk danner grupper selv gjennom systemet, uten rom fra oss."), N_("folk danner dem selv")),
        },
        holds="now",
    ),
    "size_min": Words(N_("Hvor få kan begynne?"), sentence=N_("En gruppe begynner når minst %(value)s kan møtes.")),
    "size_max": Words(N_("Hvor mange kan det være?"), sentence=N_("Grupper kan ha opptil %(value)s deltakere.")),
    "mix_of_problems": Words(
        N_("Strever folk i en gruppe med det samme?"),
        {
            "mixed": (N_("Gruppene er for folk med ulike problemer."), N_("ulike problemer")),
            "either": (N_("Noen grupper er for ett felles problem, andre for ulike."), N_("likt eller ulikt")),
        },
        holds="now",
    ),
    "wishes": Words(
        N_("Hva kan folk ønske seg om de andre i gruppa?"),
        {
            "women": (N_("bare kvinner"), N_("bare kvinner")),
            "men": (N_("bare menn"), N_("bare menn")),
            "young": (N_("unge voksne, 18 til 30 år"), N_("unge voksne, 18 til 30 år")),
        },
        sentence=N_("Folk kan ønske seg en gruppe for %(value)s."),
        zero=N_("Folk blir ikke spurt om hvem de vil være i gruppe med."),
        holds="signups",
        help=N_("Samtykketeksten nevner ønskene av seg selv."),
    ),
    "digital_groups": Words(
        N_("Har dere grupper på skjerm?"),
        {
            "true": (N_("Vi har også grupper på skjerm."), N_("ja")),
            "false": (N_("Vi har ikke grupper på skjerm."), N_("nei")),
        },
        holds="signups",
    ),
    "reading_gate": Words(
        N_("Må folk lese informasjonen først?"),
        {
            "required": (N_("Folk må lese informasjonen før de kommer på ventelisten."), N_("de må")),
            "off": (N_("Folk kan lese informasjonen, men de må ikke."), N_("de kan")),
        },
        holds="signups",
    ),
    "forsamtale": Words(
        N_("Snakker dere med folk før de begynner?"),
        {
            "off": (N_("Vi har ingen forsamtale."), N_("ingen forsamtale")),
            "offered": (N_("Vi tilbyr en forsamtale. Folk velger selv."), N_("frivillig forsamtale")),
            "required": (N_("Alle har en forsamtale før de kommer på ventelisten."), N_("forsamtale for alle")),
        },
        holds="signups",
    ),
    "seat_confirmation": Words(
        N_("Svarer folk på et tilbud om plass?"),
        {
            "true": (N_("Folk svarer ja eller nei på et tilbud om plass."), N_("de svarer")),
            "false": (N_("Plassen er deres med en gang, uten at de svarer."), N_("uten svar")),
        },
    ),
    "seat_deadline_hours": Words(
        N_("Hvor mange timer gjelder et tilbud om plass?"),
        sentence=N_("Et tilbud om plass gjelder i %(value)s timer."),
    ),
    "fill_days": Words(
        N_("Hvor mange dager leter en gruppe etter flere?"),
        sentence=N_("Sier noen nei, leter gruppa etter nye i %(value)s dager."),
        zero=N_("Sier noen nei, og gruppa blir for liten, avlyses den med en gang."),
        help=N_("Når noen sier nei, ser systemet etter nye før gruppa avlyses."),
    ),
    "draft_minutes": Words(
        N_("Hvor mange minutter ligger et forslag hos dere før folk får vite om det?"),
        sentence=N_("Et forslag til gruppe ligger hos oss i %(value)s minutter før folk får vite om det."),
        zero=N_("Folk får vite om et forslag til gruppe med en gang."),
    ),
    "starters_min": Words(
        N_("Hvor mange igangsettere skal en gruppe ha?"),
        sentence=N_(
            "En gruppe skal ha så mange igangsettere: %(value)s. "
            "Er ingen ledig, blir den til likevel, og vi leter videre."
        ),
        zero=N_("Gruppene kan begynne uten igangsetter."),
    ),
    "starter_meetings": Words(
        N_("Hvor mange møter er igangsetteren med på?"),
        {"none": (N_("Gruppa og igangsetteren avtaler hvor lenge igangsetteren er med."), N_("avtales"))},
        sentence=N_("Igangsetteren er med på %(least)s til %(most)s møter."),
        exact=N_("Igangsetteren er med på så mange møter: %(value)s."),
    ),
    "room": Words(
        N_("Hvor møtes gruppene?"),
        {
            "by_agreement": (N_("Hvor gruppa møtes, blir avtalt."), N_("avtales")),
            "near_home_best_effort": (N_("Vi finner et rom nær der folk bor, så godt det går."), N_("nær folk")),
            "own_house": (N_("Gruppene møtes i våre egne lokaler."), N_("hos oss")),
        },
    ),
    "meeting_minutes": Words(
        N_("Hvor mange minutter varer det første møtet?"),
        sentence=N_("Det første møtet varer i %(value)s minutter."),
    ),
    "meeting_break": Words(
        N_("Er det pause i møtet?"),
        {
            "true": (N_("Det er en pause midt i møtet, med enkel servering."), N_("med pause")),
            "false": (N_("Det er ingen fast pause i møtet."), N_("uten pause")),
        },
    ),
    "confidentiality": Words(
        N_("Hvordan blir taushetsplikten til?"),
        {
            "signed": (N_("Alle skriver under på taushetsplikten i det første møtet."), N_("alle skriver under")),
            "agreed": (N_("Gruppa avtaler taushetsplikten i det første møtet."), N_("den avtales")),
            "clarified": (
                N_("Igangsetteren hjelper gruppa å gjøre reglene for taushetsplikten tydelige."),
                N_("reglene gjøres tydelige"),
            ),
        },
    ),
    "start_notice_days": Words(
        N_("Hvor mange dager på forhånd får folk vite om det første møtet?"),
        sentence=N_("Folk får vite om det første møtet minst %(value)s dager før."),
        zero=N_("Det første møtet kan være samme dag som gruppa er klar."),
    ),
    "coming_question": Words(
        N_("Spør dere om folk fortsatt kommer til det første møtet?"),
        {
            "off": (N_("Vi spør ikke igjen om folk kommer til det første møtet."), N_("nei")),
            "asked": (
                N_("Vi spør alle sju og to dager før det første møtet om de fortsatt kommer."),
                N_("ja, sju og to dager før"),
            ),
            "asked_then_called": (
                N_(
                    "Vi spør alle sju og to dager før det første møtet om de fortsatt kommer, og ringer dem som ikke "
                    "svarer."
                ),
                N_("ja, og vi ringer dem som ikke svarer"),
            ),
        },
        help=N_("Den som har svart ja, blir ikke spurt igjen."),
    ),
    "short_messages": Words(
        N_("Får folk uten e-post SMS om møtene?"),
        {
            "true": (N_("Folk uten e-post får påminnelser og endringer på SMS."), N_("ja")),
            "false": (N_("Vi sender ikke SMS. Folk uten e-post blir ringt til."), N_("nei")),
        },
        holds="now",
        help=N_(
            "Trenger dere et svar, ringer dere likevel. SMS går bare ut hvis den som drifter systemet, har koblet til "
            "en tjeneste for det."
        ),
    ),
    "extension_days": Words(
        N_("Hvor mange dager utsettes det første møtet når gruppa er for liten?"),
        sentence=N_("Er gruppa for liten like før det første møtet, utsettes det %(value)s dager, én gang."),
        zero=N_("Er gruppa for liten like før det første møtet, avlyses den."),
        help=N_("Hele uker: 0, 7, 14 og så videre."),
    ),
    "reopen_rule": Words(
        N_("Kan det komme nye etter det første møtet?"),
        {
            "never": (N_("Det kommer ingen nye etter det første møtet."), N_("ingen nye")),
            "participants_decide": (N_("Nye kommer bare med hvis gruppa bestemmer det."), N_("gruppa bestemmer")),
        },
    ),
    "visit_on_request": Words(
        N_("Kan en gruppe be dere komme tilbake?"),
        {
            "true": (N_("En gruppe kan be oss komme tilbake."), N_("ja")),
            "false": (N_("Vi kommer ikke tilbake på oppfordring."), N_("nei")),
        },
    ),
    "followup_after_solo": Words(
        N_("Kommer dere tilbake av dere selv?"),
        {"none": (N_("Vi kommer ikke tilbake av oss selv."), N_("nei"))},
        sentence=N_("Vi kommer tilbake når gruppa har hatt %(least)s til %(most)s møter alene."),
        exact=N_("Vi kommer tilbake når gruppa har hatt så mange møter alene: %(value)s."),
    ),
    "conflict_visit": Words(
        N_("Kommer dere til en gruppe i konflikt?"),
        {
            "off": (N_("Vi kommer ikke til grupper i konflikt."), N_("nei")),
            "on_request": (
                N_("Vi kan komme til en gruppe i konflikt når den ber om det."),
                N_("når gruppa ber om det"),
            ),
            "unanimous_and_centre_accepts": (
                N_("Vi kan komme til en gruppe i konflikt hvis alle i den vil, og vi selv velger det."),
                N_("hvis alle vil, og vi velger det"),
            ),
        },
    ),
    "kontaktmote": Words(
        N_("Har dere kontaktmøter?"),
        {
            "off": (N_("Vi har ikke kontaktmøter."), N_("nei")),
            "all_active_groups": (N_("Alle aktive grupper blir invitert til kontaktmøter."), N_("alle aktive grupper")),
        },
        holds="now",
    ),
    "leave_notice": Words(
        N_("Minner dere folk på å si fra når de slutter?"),
        {
            "tell_group_in_last_meeting": (
                N_("Den som slutter, blir minnet på å fortelle det til de andre i sitt siste møte."),
                N_("ja, i siste møte"),
            ),
            "none": (N_("Vi minner ingen på å si fra når de slutter."), N_("nei")),
        },
        holds="groups",
    ),
    "post_handover_memory": Words(
        N_("Hva husker systemet når igangsetteren har trukket seg ut?"),
        {
            "none": (
                N_("Når igangsetteren har trukket seg ut, sletter vi oversikten over hvem som er i gruppa."),
                N_("ingenting"),
            ),
            "sealed_alias": (
                N_("Vi beholder én forseglet adresse for hver gruppe, bare til å invitere til kontaktmøter."),
                N_("én forseglet adresse"),
            ),
            "opt_in": (N_("Vi beholder bare dem som har bedt om å høre fra oss."), N_("de som har bedt om det")),
        },
    ),
}

SECTIONS: Final = (
    (
        N_("Gruppene"),
        ("group_term", "runs_groups", "size_min", "size_max", "mix_of_problems", "wishes", "digital_groups"),
    ),
    (
        N_("Før gruppa begynner"),
        ("reading_gate", "forsamtale", "seat_confirmation", "seat_deadline_hours", "fill_days", "draft_minutes"),
    ),
    (
        N_("Det første møtet"),
        (
            "starters_min",
            "starter_meetings",
            "room",
            "meeting_minutes",
            "meeting_break",
            "confidentiality",
            "start_notice_days",
            "coming_question",
            "short_messages",
            "extension_days",
        ),
    ),
    (
        N_("Når gruppa er i gang"),
        (
            "reopen_rule",
            "visit_on_request",
            "followup_after_solo",
            "conflict_visit",
            "kontaktmote",
            "leave_notice",
            "post_handover_memory",
        ),
    ),
)
"""Headings (msgid) with their keys, in the order of the pages."""

_NO_SPAN: Final = "none"
_AND: Final = N_("%(first)s eller %(last)s")
_UNDECIDED_SHORT: Final = N_("ikke bestemt")
_FROM_TO: Final = N_("%(least)s til %(most)s")
_BEFORE: Final = N_("%(sentence)s (før: %(before)s)")
_NO_LONGER: Final = N_("Dette er ikke lenger bestemt. Systemet bruker da: %(sentence)s (før: %(before)s)")


def sentence(key: str, policy: Policy, gettext: Gettext) -> str:
    """Return what the centre does, in a whole sentence, whether it has decided it or not."""
    words, value = WORDS[key], getattr(policy, key)
    if key == WISHES:
        return _wishes(words, value, gettext)
    if key in NUMBERS:
        return gettext(words.zero) if value == 0 and words.zero else gettext(words.sentence) % {"value": value}
    if isinstance(value, Span):
        if value.min == value.max:
            return gettext(words.exact) % {"value": value.min}
        return gettext(words.sentence) % {"least": value.min, "most": value.max}
    option = _NO_SPAN if key in SPANS else _option(value)
    return gettext(words.options[option][0])


def short(key: str, policy: Policy, gettext: Gettext) -> str:
    """Return the few words by which a difference names what was before."""
    words, value = WORDS[key], getattr(policy, key)
    if key in policy.undecided:
        return gettext(_UNDECIDED_SHORT)
    if key == WISHES:
        return ", ".join(gettext(words.options[wish][1]) for wish in value) or "–"
    if key in NUMBERS:
        return str(value)
    if isinstance(value, Span):
        if value.min == value.max:
            return str(value.min)
        return gettext(_FROM_TO) % {"least": value.min, "most": value.max}
    option = _NO_SPAN if key in SPANS else _option(value)
    return gettext(words.options[option][1])


def difference(key: str, old: Policy, new: Policy, gettext: Gettext) -> str:
    """Return one difference in words, with what was before and when it takes effect."""
    template = _NO_LONGER if key in new.undecided else _BEFORE
    said = sentence(key, new, gettext)
    if template == _BEFORE:
        said = said.removesuffix(".")
    text = gettext(template) % {"sentence": said, "before": short(key, old, gettext)}
    return f"{text}. {gettext(HOLDS[WORDS[key].holds])}"


def options(key: str, gettext: Gettext) -> list[tuple[str, str]]:
    """Return value and label of each choice, that of not having decided last."""
    words = WORDS[key]
    choices = [(value, gettext(text)) for value, (text, _) in words.options.items()]
    if key in SPANS:
        choices.append(("times", gettext(_TIMES[key])))
    if key in DECISIONS:
        default = default_policy()
        choices.append((UNDECIDED, f"{gettext(_STILL_OPEN)} {sentence(key, default, gettext)}"))
    return choices


_STILL_OPEN: Final = N_("Ikke bestemt ennå. Systemet bruker da:")
_TIMES: Final = {
    "starter_meetings": N_("Igangsetteren er med på et visst antall møter:"),
    "followup_after_solo": N_("Vi kommer tilbake etter et visst antall møter alene:"),
}


def default_policy() -> Policy:
    """Return a policy in which nothing is decided."""
    return Policy(version="2000-1-1", consent_version="-")


def labels() -> dict[str, str]:
    """Return field name to label (msgid), in the order of the form."""
    ordered: dict[str, str] = {}
    for _, keys in SECTIONS:
        for key in keys:
            ordered[key] = WORDS[key].label
            if key in SPANS:
                ordered |= {f"{key}_from": N_("Fra"), f"{key}_to": N_("Til")}
    return ordered


def _wishes(words: Words, wishes: tuple[str, ...], gettext: Gettext) -> str:
    named = [gettext(words.options[wish][0]) for wish in wishes]
    if not named:
        return gettext(words.zero)
    joined = ", ".join(named[:-1])
    value = gettext(_AND) % {"first": joined, "last": named[-1]} if joined else named[-1]
    return gettext(words.sentence) % {"value": value}


def _option(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
