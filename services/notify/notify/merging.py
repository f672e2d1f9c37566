"""
Mail merge: mails that differ only in the recipient's first name and links are rendered once.

Many mails leave together because one thing has happened: a group has got its place, a meeting is called off, hundreds
have signed up. Such a mail is rendered with fields, which are then filled for each recipient. What a mail shares with
the one before it is decided by the fields of its content that the rendering has read, so a mail that says anything else
is rendered anew.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from uuid import UUID, uuid4

from markupsafe import escape

from notify.domain.content import MailContent
from notify.domain.own_words import FieldName, fields_in
from notify.rendering import Rendered, Renderer
from shared.kit.links import Links

_NAME: Final = f"Navn{secrets.token_hex(8)}"
_IDS: Final = {name: uuid4() for name in ("signup_id", "seat_id", "cause_id", "link_id")}
_INVITATION: Final = uuid4()
_TO_THE_MINUTE: Final = ("expires_at", "deadline", "renewal_deadline")
"""Times that no mail tells more exactly."""

_LONGEST_NAME: Final = 40

_CONTENT_FIELDS: Final = frozenset(item.name for item in fields(MailContent))


class _Traced(MailContent):
    """Content that remembers which of its fields were read."""

    read: set[str]

    def __getattribute__(self, name: str) -> Any:
        if name in _CONTENT_FIELDS:
            object.__getattribute__(self, "__dict__")["read"].add(name)
        return object.__getattribute__(self, name)


@dataclass(frozen=True)
class _Form:
    """
    A rendered mail with fields in it.

    Attributes:
        content: What it was rendered from.
        read: The fields of the content that decided what it says.
        tokens: Purpose and field of each link, by the token that it has now.
    """

    content: MailContent
    read: frozenset[str]
    rendered: Rendered
    tokens: Mapping[str, tuple[str, UUID]]

    def fits(self, content: MailContent) -> bool:
        """Return True if rendering this content would give the same form."""
        return all(getattr(self.content, name) == getattr(content, name) for name in self.read)


class _FieldLinks(Links):
    """Makes links, and remembers the token of each."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self.tokens: dict[str, tuple[str, UUID]] = {}

    def url(self, public_url: str, language: str, purpose: str, id_: UUID) -> str:
        """Return the link with a token for a field."""
        self.tokens[self._links.token(purpose, id_)] = purpose, id_
        return self._links.url(public_url, language, purpose, id_)


class Merge:
    """
    Renders the mails of one batch, byte for byte as the renderer alone would.

    Args:
        renderer: Renders each form.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._forms: dict[tuple[str, str, str], _Form] = {}

    def render(self, content: MailContent, recipient: str | None = None) -> Rendered:
        """
        Return the finished mail; ``recipient`` is the address whose calendar may answer.

        Raises:
            ValueError: The content lacks something that the mail's specification requires.
        """
        content = self._renderer.checked(content)
        if content.first_name is not None and _may_break(content.first_name, content.own_words.values()):
            return self._renderer.render(content, recipient)
        blank, ids = _blank(content)
        key = content.kind, content.language, content.centre.id
        form = self._forms.get(key)
        if form is None or not form.fits(blank):
            form = self._forms[key] = self._form(blank)
        filled = self._filled(form, content.first_name, ids)
        return replace(filled, calendar=self._renderer.calendar(content, recipient))

    def _form(self, blank: MailContent) -> _Form:
        traced = _Traced.__new__(_Traced)
        read: set[str] = set()
        traced.__dict__.update(vars(blank), read=read)
        links = _FieldLinks(self._renderer.links)
        rendered = self._renderer.with_links(links).render_texts(traced)
        return _Form(blank, frozenset(read), rendered, links.tokens)

    def _filled(self, form: _Form, name: str | None, ids: Mapping[UUID, UUID]) -> Rendered:
        rendered, links = form.rendered, self._renderer.links
        subject, text, html, leave_url = rendered.subject, rendered.text, rendered.html, rendered.leave_url
        for token, (purpose, field) in form.tokens.items():
            if field in ids:
                own = links.token(purpose, ids[field])
                text, html = text.replace(token, own), html.replace(token, own)
                leave_url = leave_url.replace(token, own) if leave_url else None
        if name is not None:
            subject, text = subject.replace(_NAME, name), text.replace(_NAME, name)
            html = html.replace(_NAME, escape(name))
        return replace(rendered, subject=subject, text=text, html=html, leave_url=leave_url)


def _may_break(name: str, own_words: Iterable[str]) -> bool:
    """Return True if the lines of the text depend on the name: it is long, or stands amid words of the centre."""
    return len(name) > _LONGEST_NAME or any(FieldName.FIRST_NAME in fields_in(words) for words in own_words)


def _blank(content: MailContent) -> tuple[MailContent, Mapping[UUID, UUID]]:
    """Return content with fields instead of its recipient, and the recipient's ids by field."""
    blanks: dict[str, Any] = {}
    ids: dict[UUID, UUID] = {}
    for name, field in _IDS.items():
        if (own := getattr(content, name)) is not None:
            blanks[name], ids[field] = field, own
    for name in _TO_THE_MINUTE:
        if (moment := getattr(content, name)) is not None:
            blanks[name] = moment.replace(second=0, microsecond=0)
    if content.first_name is not None:
        blanks["first_name"] = _NAME
    if (invited := content.invited) is not None:
        ids[_INVITATION] = invited.invitation.id
        reply = replace(invited.invitation.reply, invitation_id=_INVITATION)
        invitation = replace(invited.invitation, reply=reply, recipient_id=None)
        blanks["invited"] = replace(invited, invitation=invitation)
    return replace(content, **blanks), ids
