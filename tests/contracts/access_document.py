"""The table of access as a page: docs/security/access.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.reference.access import LINES
from shared.reference.access.lines import OBJECTS, Line, Shows, Visitor
from shared.reference.roles import Role

FILE: Final = Path(__file__).parents[2] / "docs" / "security" / "access.md"

_ROLES: Final = tuple(Role)
_HEAD: Final = """# Who may open what

Drawn from `shared/reference/access`, which decides it; `python -m tests.contracts.documents` draws it anew.

Each service refuses to start if a route has no line here, or a line no route. For each role the table says what a page
may show: **figures**, **first name**, **wishes**, **contact**, or **nothing** of a participant. An empty field means
403, and without a session the sign-in page. Every role is for named centres: an object of another centre is answered
404, as one that does not exist.

- **koordinator** sees the people of the own centres.
- **admin** runs the system, and sees no participant.
- **leser** reads figures; fewer than five people are not told apart.
- **igangsetter** is the account of somebody outside the staff, for the groups they start.

## Objects

What each check looks up by the address of a page, and lets through.

| check | lets through |
|---|---|
"""


def document() -> str:
    """Return the page."""
    return _HEAD + "\n".join([*_objects(), *_of_roles(), *_of_visitors()]) + "\n"


def _objects() -> Iterator[str]:
    yield from (f"| `{name}` | {sentence} |" for name, sentence in OBJECTS.items())


def _of_roles() -> Iterator[str]:
    yield from ("", "## Pages with a session", "")
    yield f"| service | method | route | object | {' | '.join(_ROLES)} |"
    yield "|---" * (4 + len(_ROLES)) + "|"
    for line in LINES:
        if line.roles:
            shown = (_words(line.readers[role]) if role in line.readers else "" for role in _ROLES)
            yield f"| {_route(line)} | {' | '.join(shown)} |"


def _of_visitors() -> Iterator[str]:
    yield from ("", "## Pages without a session of staff or igangsettere", "")
    for visitor in Visitor:
        yield f"- **{visitor}**: {_VISITORS[visitor]}"
    yield from ("", "| service | method | route | object | reader | shows |", "|---|---|---|---|---|---|")
    for line in LINES:
        for reader, shows in line.readers.items():
            if not isinstance(reader, Role):
                yield f"| {_route(line)} | {reader} | {_words(shows)} |"


_VISITORS: Final = {
    Visitor.EVERYBODY: "anyone",
    Visitor.LINK: "who has a signed link, about whose own things the page is",
    Visitor.FORM: "who has a form that is not sent yet, by the name or the sealed content in its address",
    Visitor.OWN_PAGE: "a person with a session of their own page; without one the page asks for the address",
    Visitor.INSIDE: "the gateway and the machine's monitoring; from outside the gateway answers 404",
}


def _route(line: Line) -> str:
    return f"{line.service} | {line.method} | `{line.path}` | {f'`{line.object}`' if line.object else ''}"


def _words(shows: Shows) -> str:
    return ", ".join(str(kind.name).lower().replace("_", " ") for kind in shows) or "nothing"
