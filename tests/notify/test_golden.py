"""The bytes of every mail, compared with hashes of them."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notify.domain.content import MailContent
from notify.mime import build_message
from tests.notify.support.contents import EXAMPLES, KINDS, LANGUAGES, NOW, content, renderer

GOLDEN = Path(__file__).with_name("golden.json")
CENTRES = ("link-bergen", "link-oslo")
NAMES: dict[str, dict[str, Any]] = {"no_name": {"first_name": None}, "odd_name": {"first_name": "Kåre \u202e<b>"}}


def cases(kind: str) -> Iterator[tuple[str, MailContent]]:
    """Every example of a mail, and the first one with other names, with the name of its hash."""
    names = NAMES if kind != "address_to_confirm" else {}
    for language in LANGUAGES:
        for centre in CENTRES:
            for name in EXAMPLES[kind]:
                yield f"{kind}/{language}/{centre}/{name}", content(kind, language, centre=centre, name=name)
            for name, changes in names.items():
                yield f"{kind}/{language}/{centre}/{name}", content(kind, language, centre=centre, **changes)


def digest(mail: MailContent) -> str:
    """The hash of a whole message."""
    raw = build_message(
        renderer().render(mail),
        sender="hei@post.example",
        recipient="kari@example.org",
        reply_to=mail.centre.email,
        language=mail.language,
        message_id="<1@post.example>",
        now=NOW,
    )
    return hashlib.sha256(raw).hexdigest()[:16]


@pytest.mark.parametrize("kind", KINDS)
def test_message_of_each_kind_matches_its_golden_hashes(kind: str) -> None:
    """After a deliberate change: ``python -m tests.notify.test_golden`` writes new hashes."""
    golden = json.loads(GOLDEN.read_text())
    assert {name: digest(mail) for name, mail in cases(kind)} == {
        name: value for name, value in golden.items() if name.startswith(f"{kind}/")
    }


if __name__ == "__main__":
    hashes = {name: digest(mail) for kind in sorted(KINDS) for name, mail in cases(kind)}
    GOLDEN.write_text(json.dumps(hashes, indent=0, sort_keys=True) + "\n")
    sys.stdout.write(f"{len(hashes)} hashes\n")
