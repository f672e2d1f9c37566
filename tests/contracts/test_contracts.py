"""No contract changes by accident."""

import json
from importlib import import_module
from pathlib import Path

import jsonschema
import pytest

from shared.events import EVENTS, Event
from shared.events.broker_access import BROKER_ACCESS
from shared.kit.messaging import topology
from tests.contracts.documents import FOLDER, PERMISSIONS_FILE, all_documents, permissions, text

DOCUMENTS = dict(all_documents())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_document_matches_the_committed_one(path: Path) -> None:
    assert path.read_text() == text(DOCUMENTS[path]), "changed on purpose? then run: just schemas"


def test_permissions_at_the_broker_match_the_committed_ones() -> None:
    assert PERMISSIONS_FILE.read_text() == permissions(), "changed on purpose? then run: just schemas"


def test_durables_at_the_broker_are_those_of_the_code() -> None:
    services = [import_module(f"{access.service}.app") for access in BROKER_ACCESS]
    of_code = {consumer.durable: consumer.stream for service in services for consumer in service.contract()}
    assert of_code == topology.DURABLES


def test_committed_documents_all_still_exist() -> None:
    assert {*FOLDER.glob("schemas/*.json"), *FOLDER.glob("asyncapi/*.json")} == set(DOCUMENTS)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.subject)
def test_subject_is_noun_event_version_in_its_stream(kind: type[Event]) -> None:
    noun, happening, version = kind.subject.split(".")
    assert noun == kind.stream.value.lower()
    assert happening.isascii()
    assert version[0] == "v"
    assert version[1:].isdigit()


@pytest.mark.asvs("15.3.1")
@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.subject)
def test_event_fields_name_no_personal_data(kind: type[Event]) -> None:
    schema = json.dumps(kind.model_json_schema())
    jsonschema.Draft202012Validator.check_schema(kind.model_json_schema())
    names = {name for part in _objects(json.loads(schema)) for name in part.get("properties", {})}
    assert not names & {"name", "first_name", "email", "mobile", "phone", "address", "token"}


def _objects(part: object) -> list[dict[str, dict[str, object]]]:
    if isinstance(part, dict):
        return [part, *(found for value in part.values() for found in _objects(value))]
    if isinstance(part, list):
        return [found for value in part for found in _objects(value)]
    return []
