"""Send a message that the centre has written itself."""

from collections.abc import Mapping
from datetime import datetime

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromMessage, MailSpec
from notify.domain.own_words import paragraphs_of
from shared.kit.i18n import N_


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    told = facts.told_message
    return "not_addressed" if told is None or told.recipient is None else None


def _context(content: MailContent, _tools: MailTools) -> Mapping[str, object]:
    assert content.message is not None
    words = content.message.words_for(content.language)
    language = content.message.language_for(content.language)
    return {
        "own_subject": words.subject,
        "paragraphs": paragraphs_of(words.body),
        "words_language": language,
        "first_words": paragraphs_of(words.body)[0].replace("\n", " "),
    }


SPEC = MailSpec(
    kind="centre_message",
    order=570,
    label=N_("Melding fra senteret"),
    because=N_("Dere sendte en melding."),
    sent=N_("Når dere skriver en melding."),
    own_words=frozenset(),  # its words are own already
    plan=FromMessage(),
    drop_reason=_drop_reason,
    requires=("message",),
    context=_context,
    by_day=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
