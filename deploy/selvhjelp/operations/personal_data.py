"""The register of personal data of all services, and the page that is made of it."""

from collections.abc import Iterator
from importlib import import_module
from typing import Final

from selvhjelp.installation import DATABASES
from selvhjelp.operations.migrate import tables
from shared.reference.copies import COPIES
from shared.reference.personal_data import Erasure, Kind, Rows
from shared.reference.retention import Data, kept_for

PAGE: Final = "docs/security/data.md"
INTRODUCTION: Final = """\
Made of the register (`store/personal_data.py` of each service, `shared/reference/copies.py`) by `just schemas`; do not
edit it. A column without an entry fails the build.

An erasure deletes at once, with the key that opens what is sealed, so that no backup can be read. Where only an opaque
id stays, it leads to nobody any more: it proves the erasure, or keeps a late event from bringing somebody back. Times
that depend on a centre's rules are marked with \\*."""

_BY_POLICY: Final = frozenset({Data.ACCOMPANIED_MEMBERSHIP, Data.RETURN_VISIT, Data.SILENT_GROUP})


def register(database: str) -> tuple[Rows, ...]:
    """Return the entries of a database's tables."""
    service = database.removesuffix("_keys")
    module = import_module(f"{service}.store.personal_data")
    entries: tuple[Rows, ...] = module.KEYS_REGISTER if database.endswith("_keys") else module.REGISTER
    return entries


def faults(database: str) -> Iterator[str]:
    """Yield what the register lacks, and what it has too much, as sentences that say where to write what."""
    file = f"{database.removesuffix('_keys')}/store/personal_data.py"
    entries = {rows.table: rows for rows in register(database)}
    known = {table.name: {column.name for column in table.columns} for table in tables(database).sorted_tables}
    for name in sorted(known.keys() - entries.keys()):
        yield f"table {name} has no Rows in {file}"
    for name in sorted(entries.keys() - known.keys()):
        yield f"{file}: there is no table {name}"
    for name in sorted(known.keys() & entries.keys()):
        listed = [column for column, _ in entries[name].columns()]
        for column in sorted(known[name] - set(listed)):
            yield f"{file}: column {name}.{column} has no kind (contact, ids, wishes, text, staff or none)"
        for column in sorted(set(listed) - known[name]):
            yield f"{file}: there is no column {name}.{column}"
        for column in sorted({column for column in listed if listed.count(column) > 1}):
            yield f"{file}: column {name}.{column} has two kinds"
        for column in sorted(set(entries[name].of) - set(entries[name].named(Kind.ID))):
            yield f"{file}: {name}.{column} says whom a row is about and is not among its ids"


def page() -> str:
    """Return the page in Markdown."""
    lines = [
        "# What is kept, where and for how long",
        "",
        INTRODUCTION,
        "",
        "## Other places than tables",
        "",
        "| place | of whom | holds | kept | at an erasure |",
        "|---|---|---|---|---|",
        *(f"| {copy.place} | {copy.owner} | {copy.holds} | {copy.kept} | {copy.at_erasure} |" for copy in COPIES),
    ]
    for database in DATABASES:
        lines += ["", f"## Tables of {database}", "", "| table | a row is | holds | kept | at an erasure |"]
        lines.append("|---|---|---|---|---|")
        lines += [_line(rows) for rows in sorted(register(database), key=lambda rows: rows.table)]
    return "\n".join(lines) + "\n"


def _line(rows: Rows) -> str:
    holds = [
        f"{kind}: {', '.join(f'`{name}`' for name in rows.named(kind))}"
        for kind in Kind
        if kind is not Kind.NONE and rows.named(kind)
    ]
    kept = ", ".join(_span(data) for data in rows.kept) or "as long as it is in use"
    at_erasure = "–" if rows.at_erasure is Erasure.NOBODY else rows.at_erasure.value
    return f"| `{rows.table}` | {rows.what} | {'; '.join(holds) or '–'} | {kept} | {at_erasure} |"


def _span(data: Data) -> str:
    words = data.value.replace("_", " ")
    if data in _BY_POLICY:
        return f"{words} \\*"
    seconds = int(kept_for(data).total_seconds())
    for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds % unit == 0:
            return f"{words} {seconds // unit} {name}"
    return f"{words} {seconds} seconds"
