"""Events and requests that nobody would send on purpose: valid ones, broken at random from a seed."""

import json
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from shared.events import EVENTS, Event

MARKER: Final = "Qzvaliforna"
"""A name that must be nowhere afterwards but in what was sent."""

WORDS: Final = (
    "tue-evening",
    "nb",
    "bergen",
    "link-bergen",
    "0150",
    "4601",
    "18:00",
    "2026-01-05",
    "a",
    "A" * 32,
    "/stab/post",
    "nei",
    "x@example.org",
    "+4791234567",
)
"""Strings that fit the patterns of the events."""

NASTY: Final = (
    "null", "true", "-1", "0", "1e400", "NaN", "-Infinity", "9" * 400, '""', '"\\u0000"', '"\\ud800"', "[]", "{}",
    f'"{MARKER}"', f'["{MARKER}"]', f'{{"{MARKER}": "{MARKER}"}}', '"0001-01-01T00:00:00Z"', '"' + "x" * 5000 + '"',
    '"00000000-0000-0000-0000-000000000000"', "[" * 300 + "]" * 300, "1.5", '"\\u202e"', '" "', "[null, null]",
)  # fmt: skip
"""Values as they are written in JSON, or as no JSON has them."""


def whole(kind: type[Event], chance: Random) -> dict[str, Any]:
    """Return the content of a valid event."""
    schema = kind.model_json_schema()
    content: dict[str, Any] = _value(schema, schema.get("$defs", {}), chance)
    return content


def _value(schema: Mapping[str, Any], named: Mapping[str, Any], chance: Random) -> Any:
    if "$ref" in schema:
        return _value(named[schema["$ref"].rpartition("/")[2]], named, chance)
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return _value(choices[0], named, chance)
    if choices := [schema["const"]] if "const" in schema else schema.get("enum"):
        return choices[0]
    match schema.get("type"):
        case "object":
            value: Any = {name: _value(part, named, chance) for name, part in schema.get("properties", {}).items()}
        case "array":
            parts = schema.get("prefixItems") or [schema.get("items", {})] * max(1, schema.get("minItems", 1))
            value = [_value(part, named, chance) for part in parts]
        case "string":
            value = _text(schema, chance)
        case "boolean" | "null" as kind:
            value = True if kind == "boolean" else None
        case _:
            value = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return value


def _text(schema: Mapping[str, Any], chance: Random) -> str:
    by_format = {
        "uuid": f"0198f0a0-0000-7000-8000-{chance.getrandbits(48):012x}",
        "date-time": "2026-01-05T11:00:00Z",
        "date": "2026-01-05",
        "time": "18:00:00",
    }
    if schema.get("format") in by_format:
        return by_format[schema["format"]]
    return next(word for word in WORDS if re.search(schema.get("pattern", ""), word))


def _cut(payload: bytes, chance: Random) -> bytes:
    return payload[: chance.randrange(len(payload))]


def _flipped(payload: bytes, chance: Random) -> bytes:
    changed = bytearray(payload)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _replaced(payload: bytes, chance: Random) -> bytes:
    """Put a nasty value in the place of one, and sometimes a field of its own beside it."""
    content = json.loads(payload)
    name = chance.choice(sorted(content))
    content[name] = "@@"
    text = json.dumps(content).replace('"@@"', chance.choice(NASTY))
    return (f'{{"{MARKER}": {chance.choice(NASTY)}, ' + text[1:] if chance.random() < 0.2 else text).encode()


def _without(payload: bytes, chance: Random) -> bytes:
    content = json.loads(payload)
    del content[chance.choice(sorted(content))]
    return json.dumps(content).encode()


def _twice(payload: bytes, chance: Random) -> bytes:
    name = chance.choice(sorted(json.loads(payload)))
    return payload[:-1] + f', "{name}": {chance.choice(NASTY)}}}'.encode()


def _noise(payload: bytes, chance: Random) -> bytes:
    return chance.randbytes(chance.randrange(len(payload)))


def _around(payload: bytes, chance: Random) -> bytes:
    return chance.choice((b"[%s]", b"\xef\xbb\xbf%s", b"%s%s", b'"%s"', b"%s\x00")).replace(b"%s", payload)


CHANGES: Final[tuple[Callable[[bytes, Random], bytes], ...]] = (
    _cut, _flipped, _replaced, _replaced, _replaced, _without, _twice, _noise, _around,
)  # fmt: skip


class Malformed:
    """An endless source of broken events; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self.wholes = {subject: json.dumps(whole(kind, self._chance)).encode() for subject, kind in EVENTS.items()}
        self._subjects = sorted(self.wholes)

    def next(self) -> tuple[str, bytes]:
        """Return a subject and what comes under it."""
        subject = self._subjects[self._chance.randrange(len(self._subjects))]
        payload = self._chance.choice(CHANGES)(self.wholes[subject], self._chance)
        if self._chance.random() < 0.05:
            subject = self._chance.choice((*self._subjects, f"{subject}x", "signups.x.v1", subject.replace("v1", "v9")))
        return subject, payload
