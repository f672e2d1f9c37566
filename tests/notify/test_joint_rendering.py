"""What a joint mail says: all that its mails say, once, in both forms."""

import re
from dataclasses import replace
from html import unescape

import pytest

from notify.joint_rendering import render_as_one
from tests.notify.support.contents import LANGUAGES, content, renderer

COMBINATIONS = [
    ("starter_asked", "starter_agreed"),
    ("starter_asked", "starter_asked_back", "starter_released"),
    ("kontaktmote_invited", "follow_up_offered"),
    ("absence_told", "newcomer_joined", "handover_asked"),
    ("keep_alive", "kontaktmote_full"),
    ("still_wanted", "texts_changed", "renewal", "talk_offered"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kinds", COMBINATIONS, ids="+".join)
def test_joint_mail_says_all_that_its_mails_say(kinds: tuple[str, ...], language: str) -> None:
    """Each link and sentence of its mails is in both forms; greeting, helplines and ways to leave are there once."""
    contents = [content(kind, language) for kind in kinds]
    contents = [replace(one, centre=contents[0].centre) for one in contents]
    joint, alone = render_as_one(renderer(), contents), [renderer().render(one) for one in contents]
    text, seen = " ".join(joint.text.split()), _words(joint.html)
    for mail in alone:
        for link in re.findall(r"https://\S+", mail.text):
            assert link in joint.text
            assert link in joint.html
        for paragraph in [mail.subject, *_own_paragraphs(mail.text)]:
            assert paragraph in text
            assert paragraph in seen
    assert joint.html.count('<h2 class="section"') == len(kinds)
    assert (text.count("116 123"), seen.count("116 123")) == (1, 1)
    assert (text.count("Kari."), seen.count("Kari.")) == (1, 1)
    leaves = {mail.leave_url for mail in alone if mail.leave_url}
    assert joint.leave_url == (min(leaves) if len(leaves) == 1 else None)
    assert all(joint.text.count(link) == 1 for link in leaves)


def _own_paragraphs(text: str) -> list[str]:
    """Return what a mail says between its greeting and its foot, without lists and links, each on one line."""
    paragraphs = [paragraph for paragraph in text.split("\n\n")[1:] if "://" not in paragraph]
    own = [paragraph for paragraph in paragraphs if ":" not in paragraph and "\n- " not in paragraph]
    return [" ".join(paragraph.split()) for paragraph in own if "LINK" not in paragraph][:3]


def _words(html: str) -> str:
    """Return what a person reads."""
    body = html[html.index("<body") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
