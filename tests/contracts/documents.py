"""
The contracts as documents: a JSON Schema for each event, an AsyncAPI 3 document for each service, and who opens what.

The pages about what is kept of people and about keys are made here too, from their tables.

Beside them the permissions of the services at the broker of compose.yaml, which are part of the contract.

``python -m tests.contracts.documents`` writes them; the tests compare them, so that no contract changes by accident.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selvhjelp.operations import key_page, personal_data
from shared.events import EVENTS, Stream
from shared.events.broker_access import BROKER_ACCESS
from shared.events.contacts import Answer, Question
from shared.kit.messaging.asyncapi import document
from shared.kit.messaging.permissions import PERMISSIONS, authorization
from tests.contracts import access_document, metrics_document

FOLDER = Path(__file__).parent
DATA_PAGE = FOLDER.parents[1] / personal_data.PAGE
KEYS_PAGE = FOLDER.parents[1] / key_page.PAGE
PERMISSIONS_FILE = FOLDER.parents[1] / "deploy" / "nats-permissions.conf"
_PERMISSIONS_HEAD = """\
# Made by `python -m tests.contracts.documents` from shared/shared/events/broker_access.py; do not edit.
# The public keys: a secret made by deploy/secrets.sh. Those of before are believed while services take up new ones.
include users.conf

"""


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

    apps = {"intake": intake.app, "grouping": grouping.app, "notify": notify.app}
    purposes = {
        "intake": "People: sign-up, confirmation, erasure",
        "grouping": "Groups: who waits where, who could meet",
        "notify": "Messages: one mail per cause",
    }
    for access in BROKER_ACCESS:
        yield access.service, purposes[access.service], access.publishes, apps[access.service].contract()


def permissions() -> str:
    """Return what each identity may do at the broker of compose.yaml."""
    allowed = {
        f"{name}{suffix}": of_name for name, of_name in PERMISSIONS.items() for suffix in ("_nkey", "_nkey_before")
    }
    return _PERMISSIONS_HEAD + authorization({variable: f"${variable.upper()}" for variable in allowed}, allowed)


def text(content: dict[str, Any]) -> str:
    """Return a document as the text of its file."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, content in all_documents():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(content))
    access_document.FILE.write_text(access_document.document(), encoding="utf-8")
    metrics_document.FILE.write_text(metrics_document.document(), encoding="utf-8")
    DATA_PAGE.parent.mkdir(exist_ok=True)
    DATA_PAGE.write_text(personal_data.page())
    KEYS_PAGE.write_text(key_page.page())
    PERMISSIONS_FILE.write_text(permissions())
