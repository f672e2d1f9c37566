"""
The contracts as documents: a JSON Schema for each event, an AsyncAPI 3 document for each service, and who opens what.

The pages about what is kept of people and about keys are made here too, from their tables.

``python -m tests.contracts.documents`` writes them; the tests compare them, so that no contract changes by accident.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selvhjelp.operations import key_page, personal_data
from shared.events import EVENTS, Stream
from shared.events.contacts import Answer, Question
from shared.kit.messaging.asyncapi import document
from tests.contracts import access_document

FOLDER = Path(__file__).parent
DATA_PAGE = FOLDER.parents[1] / personal_data.PAGE
KEYS_PAGE = FOLDER.parents[1] / key_page.PAGE


def all_documents() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield each document with its file."""
    for subject, kind in EVENTS.items():
        yield FOLDER / "schemas" / f"{subject}.json", kind.model_json_schema()
    yield FOLDER / "schemas" / "contacts.question.json", Question.model_json_schema()
    yield FOLDER / "schemas" / "contacts.answer.json", Answer.model_json_schema()
    for name, description, owns, consumers in _services():
        yield FOLDER / "asyncapi" / f"{name}.json", document(name, description, owns, consumers)


def _services() -> Iterator[tuple[str, str, tuple[Stream, ...], Any]]:
    import grouping.app
    import intake.app
    import notify.app

    yield (
        "intake",
        "People: sign-up, confirmation, erasure",
        (Stream.SIGNUPS, Stream.PEOPLE, Stream.CENTRES, Stream.TASKS),
        intake.app.contract(),
    )
    yield (
        "grouping",
        "Groups: who waits where, who could meet",
        (Stream.GROUPS, Stream.TASKS, Stream.ERASURES),
        grouping.app.contract(),
    )
    yield (
        "notify",
        "Messages: one mail per cause",
        (Stream.KONTAKTMOTER, Stream.TASKS, Stream.ERASURES),
        notify.app.contract(),
    )


def text(content: dict[str, Any]) -> str:
    """Return a document as the text of its file."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, content in all_documents():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(content))
    access_document.FILE.write_text(access_document.document(), encoding="utf-8")
    DATA_PAGE.parent.mkdir(exist_ok=True)
    DATA_PAGE.write_text(personal_data.page())
    KEYS_PAGE.write_text(key_page.page())
