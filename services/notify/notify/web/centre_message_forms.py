"""The form of staff for a message of the centre."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from notify.domain.centre_messages import Audience, Words
from notify.domain.own_words import Problem, broken_rules, revealing
from notify.web.own_words import cleaned, own_addresses, sentence
from shared.kit.i18n import LOCALES, N_
from shared.kit.text import without_marks
from shared.kit.web import forms
from shared.kit.web.forms import LINES
from shared.kit.web.messages import FieldText, Label
from shared.reference.centres import Centre

LONGEST_SUBJECT: Final = 70
LONGEST_BODY: Final = 1000

_SUBJECT_MISSING: Final = N_("Skriv emnet også på dette språket, eller la både emne og tekst stå tomme.")
_BODY_MISSING: Final = N_("Skriv teksten også på dette språket, eller la både emne og tekst stå tomme.")
_NOTHING_WRITTEN: Final = N_("Skriv emne og tekst på minst ett språk.")

_Subject = Annotated[str, StringConstraints(max_length=LONGEST_SUBJECT)]
_Body = Annotated[str, StringConstraints(max_length=LONGEST_BODY), LINES]


class MessageForm(BaseModel):
    """To whom, and the words by language."""

    to: str
    subject_nb: _Subject = ""
    body_nb: _Body = ""
    subject_nn: _Subject = ""
    body_nn: _Body = ""
    subject_en: _Subject = ""
    body_en: _Body = ""

    @property
    def texts(self) -> Mapping[str, Words]:
        """The words in each language that has any."""
        texts = {
            language: Words(
                without_marks(getattr(self, f"subject_{language}")), cleaned(getattr(self, f"body_{language}"))
            )
            for language in LOCALES
        }
        return {language: words for language, words in texts.items() if words.subject or words.body}

    def problems(self, gettext: Callable[[str], str], centre: Centre) -> list[tuple[str, str]]:
        """Return what must be put right, as fields with sentences in the reader's language."""
        texts = self.texts
        if not texts:
            return [("subject_nb", gettext(_NOTHING_WRITTEN))]
        found = []
        for language, words in texts.items():
            subject, body = f"subject_{language}", f"body_{language}"
            if not words.subject:
                found.append((subject, gettext(_SUBJECT_MISSING)))
            if not words.body:
                found.append((body, gettext(_BODY_MISSING)))
            found += [(subject, sentence(problem, gettext)) for problem in subject_problems(words.subject, centre)]
            found += [(body, sentence(problem, gettext)) for problem in body_problems(words.body, centre)]
        return found


def subject_problems(subject: str, centre: Centre) -> list[Problem]:
    """Return the rules that a subject breaks."""
    return [*broken_rules(subject, **own_addresses(centre)), *revealing(subject)]


def body_problems(body: str, centre: Centre) -> list[Problem]:
    """Return the rules that a text breaks."""
    return [*broken_rules(body, **own_addresses(centre)), *revealing(body, first_line_only=True)]


ToKind = Literal["gruppe", "omrade", "igangsettere"]
AUDIENCES: Final[Mapping[ToKind, Audience]] = {
    "gruppe": Audience.GROUP,
    "omrade": Audience.AREA,
    "igangsettere": Audience.IGANGSETTERE,
}


def read_to(value: str) -> tuple[Audience, str] | None:
    """Return the audience that a choice names, and the id of the group, part or centre; None for no such choice."""
    kind, _, id_ = value.partition(":")
    audience = next((audience for word, audience in AUDIENCES.items() if word == kind), None)
    return (audience, id_) if audience is not None and id_ else None


def write_to(audience: Audience, id_: UUID | str) -> str:
    """Return the value of a choice."""
    kind = next(word for word, named in AUDIENCES.items() if named is audience)
    return f"{kind}:{id_}"


LABELS: Final[dict[str, Label]] = {
    "to": FieldText(N_("Hvem er meldingen til?"), missing=N_("Velg hvem meldingen er til.")),
    "subject_nb": N_("Emne på bokmål"),
    "body_nb": N_("Tekst på bokmål"),
    "subject_nn": N_("Emne på nynorsk"),
    "body_nn": N_("Tekst på nynorsk"),
    "subject_en": N_("Emne på engelsk"),
    "body_en": N_("Tekst på engelsk"),
}


def values_of(to: str, texts: Mapping[str, Words]) -> dict[str, forms.Value]:
    """Return the values of the form for a draft."""
    values: dict[str, forms.Value] = {"to": to}
    for language, words in texts.items():
        values |= {f"subject_{language}": words.subject, f"body_{language}": words.body}
    return values
