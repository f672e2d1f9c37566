"""The answers that a person can give in a call, as buttons that post to the service that owns the question."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from notify.domain.calls import Question, Unanswered
from notify.domain.content import MailContent
from notify.queries.calls import CallView
from shared.kit.i18n import N_

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

RULES: Final[Mapping[Unanswered, str]] = {
    "lapses": N_(
        "Etter tre samtaler uten svar ringer dere ikke mer om dette. Plassen holdes av til fristen, som for alle "
        "andre, og går så videre. Personen blir stående på ventelisten."
    ),
    "stays": N_(
        "Etter tre samtaler uten svar ringer dere ikke mer om dette. Påmeldingen blir stående som den er, til den "
        "slettes av seg selv."
    ),
    "next": N_(
        "Etter tre samtaler uten svar ringer dere ikke mer om dette. Når fristen er ute, spør vi en annen igangsetter."
    ),
    "tell": N_(
        "Etter tre samtaler uten svar ringer dere ikke mer om dette. Da står det på listen over dagens oppgaver at "
        "personen ikke er nådd."
    ),
}
"""What happens after the third unanswered call (msgids)."""


@dataclass(frozen=True)
class Answer:
    """
    One button.

    Attributes:
        label: Its text (msgid).
        path: The path that it posts to.
        fields: Values that it sends.
        main: True for the answer that most calls end with.
    """

    label: str
    path: str
    fields: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    main: bool = False


def answers(view: CallView, content: MailContent | None) -> tuple[Answer, ...]:
    """Return the buttons of a call whose script states ``content``, in the order of the script."""
    if view.call.question is Question.STARTER:
        return _of_igangsetter(view)
    return tuple(_answers(view, content))


def _of_igangsetter(view: CallView) -> tuple[Answer, ...]:
    question = f"/stab/igangsettere/sporsmal/{view.mail.cause_id}/svar"
    yes = Answer(N_("Sa ja"), question, {"svar": "ja"}, main=True)
    return yes, Answer(N_("Sa nei"), question, {"svar": "nei"})


def _answers(view: CallView, content: MailContent | None) -> Iterator[Answer]:
    mail = view.mail
    person, signup = f"/stab/personer/{mail.person_id}", {"signup_id": str(mail.signup_id)}
    leave = Answer(N_("Sa nei, vil ikke være med"), f"{person}/avmeld", signup)
    match view.call.question:
        case Question.CONFIRM:
            yield Answer(N_("Sa ja, vil være med"), f"{person}/bekreftet", signup, main=True)
            yield replace(leave, fields={**signup, "tilstand": "received"})
        case Question.STEPS:
            awaits = view.facts.signup.awaits if view.facts.signup else ()
            if "read" in awaits:
                yield Answer(N_("Informasjonen er lest opp"), f"{person}/informasjon", signup, main=True)
            if "talk" in awaits:
                yield from _after_the_talk(person, signup)
            yield leave
        case Question.OFFER | Question.COMING as question:
            yield from _about_seat(f"/stab/plasser/{mail.seat_id}/svar", question)
        case Question.STILL_WANTED:
            yield Answer(N_("Vil fortsatt ha en gruppe"), f"{person}/fortsatt", signup, main=True)
            yield Answer(N_("Vil ta en pause"), f"{person}/pause", signup)
            yield leave
        case Question.TEXTS:
            yield from _after_reading_aloud(person, signup, content)
            yield Answer(N_("Vil ta en pause"), f"{person}/pause", signup)
            yield leave
        case _:
            if view.is_open or view.not_reached:
                yield Answer(N_("Har fått beskjeden"), f"/stab/ring/{mail.id}/sagt", main=True)
            seat_kept = view.facts.seat is not None and view.facts.seat.released is None
            if seat_kept and view.spec.about_meeting:
                yield Answer(N_("Kan ikke komme likevel"), f"/stab/plasser/{mail.seat_id}/svar", {"svar": "nei"})


def _after_the_talk(person: str, signup: Mapping[str, str]) -> Iterator[Answer]:
    """Yield the outcomes of a talk, of which no more is kept."""
    outcomes = {
        "klar": N_("Klar for en gruppe"),
        "ikke-na": N_("Ikke nå, vil ha pause"),
        "henvist": N_("Henvist videre"),
    }
    for word, label in outcomes.items():
        yield Answer(label, f"{person}/samtale", {**signup, "utfall": word}, main=word == "klar")


def _about_seat(seat: str, question: Question) -> Iterator[Answer]:
    """Yield the yes and the no to an offered seat, or to the question whether its person still comes."""
    if question is Question.OFFER:
        yield Answer(N_("Sa ja"), seat, {"svar": "ja", "vist": "offered"}, main=True)
        yield Answer(N_("Sa nei"), seat, {"svar": "nei", "vist": "offered"})
    else:
        yield Answer(N_("Kommer"), seat, {"svar": "kommer"}, main=True)
        yield Answer(N_("Kan ikke komme likevel"), seat, {"svar": "nei"})


def _after_reading_aloud(person: str, signup: Mapping[str, str], content: MailContent | None) -> Iterator[Answer]:
    """Yield the yes to the changed texts that the script contains, with their versions."""
    if content is not None:
        policy = content.centre.policy
        versions = {"consent": policy.consent_version, "information": policy.information_version or ""}
        heard = {kind: version for kind, version in versions.items() if kind in content.texts_asked}
        yield Answer(N_("Har hørt teksten og sa ja"), f"{person}/tekst", {**signup, **heard}, main=True)
