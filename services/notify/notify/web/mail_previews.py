"""Mails as their recipients will see them, as text and as HTML, without a link that answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.responses import Response

from notify.domain.content import MailContent
from notify.rendering import Rendered
from notify.web.masking import masked
from shared.kit.i18n import LANGUAGE_NAMES, LOCALES
from shared.kit.web.guards import CONTENT_SECURITY_POLICY


@dataclass(frozen=True)
class Preview:
    """A mail in one language."""

    language: str
    name: str
    subject: str
    text: str
    html: str


def in_all_languages(render: Callable[[MailContent], Rendered], content: MailContent) -> tuple[Preview, ...]:
    """Return a mail in each language."""
    return tuple(preview_of(render, replace(content, language=language)) for language in LOCALES)


def preview_of(render: Callable[[MailContent], Rendered], content: MailContent) -> Preview:
    """Return a mail as its recipient will see it."""
    mail, language = render(content), content.language
    return Preview(language, LANGUAGE_NAMES[language], mail.subject, masked(mail.text), masked(mail.html))


def framing(response: Response) -> Response:
    """
    Return a page that may show the HTML of mails, whose styles are within it.

    The mails are in frames without scripts (``sandbox``), which inherit the policy of the page.
    """
    styles = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    response.headers["Content-Security-Policy"] = styles
    return response
