"""Ask a waiting person about a consent or an information whose content has changed."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_spec import FromSignup, MailSpec
from notify.domain.mail_texts import Block
from shared.kit.i18n import N_
from shared.reference.link_purposes import STILL_WAITING

_BOTH: Final = N_("Vi har endret både samtykket og informasjonen siden du meldte deg på. Derfor spør vi deg på nytt.")
_CONSENT: Final = N_("Vi har endret samtykket siden du meldte deg på. Derfor spør vi deg på nytt.")
_INFORMATION: Final = N_("Vi har endret informasjonen siden du meldte deg på. Derfor spør vi deg på nytt.")


def _cause(signup: Signup) -> UUID | None:
    if not signup.texts_asked or not signup.confirmed or signup.withdrawn or signup.paused:
        return None
    # Asked again after each month without any message, since no sign of life is sent meanwhile.
    return uuid5(signup.id, f"texts {signup.texts_version} {signup.sign_of_life_id}")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    centre, language = content.centre, content.language
    consent = centre.consent(language) if "consent" in content.texts_asked else None
    information = centre.information(language) if "information" in content.texts_asked else None
    changed = _BOTH if consent and information else _CONSENT if consent else _INFORMATION
    return {
        "lead": tools.gettext(changed),
        "answer_url": f"{tools.link(STILL_WAITING, content.signup_id)}/tekst",
        "consent": consent,
        "information": information,
    }


SPEC = MailSpec(
    kind="texts_changed",
    order=75,
    label=N_("Endret tekst"),
    because=N_("Samtykket eller informasjonen er endret."),
    sent=N_("Når dere har endret samtykket eller informasjonen og spør på nytt."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromSignup(_cause),
    requires=("texts_asked",),
    context=_context,
    joins=True,
    call=CallSpec(question=Question.TEXTS, unanswered="stays"),
)
