"""Render several mails to one person as one e-mail, with a section for each."""

from collections.abc import Sequence
from typing import Final

from notify.domain.content import MailContent
from notify.mail_templates import WHOLE_LAYOUT, to_html, wrapped
from notify.rendering import Rendered, Renderer
from shared.kit.i18n import N_

_SUBJECT: Final = N_("%(first)s (og %(count)s til)")
_HEADING: Final = N_("%(count)s ting til deg")
_LEAD: Final = N_("Vi har samlet dem i én e-post, så du får færre.")


def render_as_one(renderer: Renderer, contents: Sequence[MailContent]) -> Rendered:
    """
    Return one mail with all of these, the most urgent one first; they have one language and one centre.

    It has no calendar file. Mail programs are told of a link to leave only where all sections have the same one.

    Raises:
        ValueError: A content lacks something that its mail's specification requires.
    """
    sections = [renderer.render_section(content) for content in contents]
    first, language = sections[0], contents[0].language
    gettext = renderer.gettext(language)
    greetings = {section.context["whole_greeting"] for section in sections}
    leaves = list(dict.fromkeys(section.leave for section in sections if section.leave is not None))
    subject = gettext(_SUBJECT) % {"first": first.subject, "count": len(sections) - 1}
    context = {
        **first.context,
        "layout": WHOLE_LAYOUT,
        "in_section": False,
        "greeting": greetings.pop() if len(greetings) == 1 else gettext(N_("Hei.")),
        "subject": subject,
        "heading": gettext(_HEADING) % {"count": len(sections)},
        "lead": gettext(_LEAD),
        "sections": sections,
        "closing": (),
        "leaves": leaves,
    }
    return Rendered(
        subject=subject,
        text=wrapped(renderer.render_frame("_joint.txt.j2", language, context)),
        html=to_html(renderer.render_frame("_joint.mjml.j2", language, context)),
        sender_name=renderer.sender_name(contents[0]),
        leave_url=leaves[0].url if len(leaves) == 1 else None,
        calendar=None,
    )
