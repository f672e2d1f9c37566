"""
Put the words that a centre has written itself into a mail, with their fields filled in.

Words that would not do in this mail give way to those of the system: if a field has no value, or if what stands where a
locked screen shows it would reveal something.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from notify.domain.content import MailContent
from notify.domain.discretion import FIRST_LINE_CHARACTERS, is_discreet
from notify.domain.mail_spec import MailSpec
from notify.domain.mail_texts import IN_SIGHT, Block
from notify.domain.own_words import FieldName, filled, paragraphs_of
from notify.mails.letters import Letter
from shared.kit.i18n import format_when


def fields_of(spec: MailSpec, *, has_phone: bool) -> frozenset[FieldName]:
    """Return the fields that own words in a mail can have."""
    fields = {FieldName.CENTRE, FieldName.TERM}
    if spec.greets_by_name:
        fields.add(FieldName.FIRST_NAME)
    if has_phone:
        fields.add(FieldName.PHONE)
    if "starts_at" in spec.requires:
        fields.add(FieldName.WHEN)
    if {"deadline", "expires_at", "renewal_deadline"} & set(spec.requires):
        fields.add(FieldName.DEADLINE)
    return frozenset(fields)


def fields_of_block(spec: MailSpec, block: Block, *, has_phone: bool) -> frozenset[FieldName]:
    """Return the fields that one block of a mail can have."""
    fields = fields_of(spec, has_phone=has_phone)
    if block is Block.SUBJECT:
        return fields & IN_SIGHT - {FieldName.FIRST_NAME}
    return fields & IN_SIGHT if block is Block.OPENING else fields


def values_of(content: MailContent, term: str) -> Mapping[FieldName, str | None]:
    """Return what the fields stand for in one mail; None for those without a value."""
    deadline = content.deadline or content.renewal_deadline or content.expires_at
    return {
        FieldName.FIRST_NAME: content.first_name,
        FieldName.CENTRE: content.centre.name,
        FieldName.PHONE: content.centre.phone,
        FieldName.TERM: term,
        FieldName.WHEN: format_when(content.starts_at, content.language) if content.starts_at else None,
        FieldName.DEADLINE: format_when(deadline, content.language) if deadline else None,
    }


def own_subject(spec: MailSpec, content: MailContent, context: Mapping[str, Any]) -> str | None:
    """Return the centre's own subject; None if the mail has that of the system."""
    subject = _words(spec, content, context, Block.SUBJECT)
    return subject if subject is not None and is_discreet(subject) else None


def own_context(spec: MailSpec, content: MailContent, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the centre's own opening and closing, as the templates read them."""
    found: dict[str, Any] = {"closing": paragraphs_of(_words(spec, content, context, Block.CLOSING) or "")}
    opening = _words(spec, content, context, Block.OPENING)
    if opening is not None and is_discreet(opening[:FIRST_LINE_CHARACTERS]):
        letter = context.get("letter")
        found |= {"letter": replace(letter, lead=opening)} if isinstance(letter, Letter) else {"lead": opening}
    return found


def system_words(content: MailContent, context: Mapping[str, Any], subject: str) -> dict[Block, str]:
    """Return the words of the system in each block, with fields in the place of their values."""
    letter = context.get("letter")
    lead = letter.lead if isinstance(letter, Letter) else str(context.get("lead", ""))
    values = values_of(content, str(context["term"]))
    words = {Block.SUBJECT: subject, Block.OPENING: lead, Block.CLOSING: ""}
    for name in (FieldName.WHEN, FieldName.DEADLINE):
        if value := values[name]:
            words = {block: text.replace(value, f"{{{name.value}}}") for block, text in words.items()}
    return words


def _words(spec: MailSpec, content: MailContent, context: Mapping[str, Any], block: Block) -> str | None:
    text = content.own_words.get(block)
    if not text or block not in spec.own_words:
        return None
    return filled(text, values_of(content, str(context["term"])))
