"""The sentences of the mails: LIX and their length, of each example in each language."""

import pytest

from devtools.readability import LIX_LIMIT, SENTENCE_LIMIT, readability, running_text
from notify.examples import EXAMPLES
from selvhjelp.gallery.samples import samples


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_mail_has_short_words_and_sentences(kind: str) -> None:
    for sample in samples(kind):
        for language, mail in sample.mails.items():
            found = readability(running_text(mail.html))
            assert found.words > 20
            assert found.lix < LIX_LIMIT, (sample.name, language, found)
            assert found.longest_words <= SENTENCE_LIMIT, (sample.name, language, found.longest)
