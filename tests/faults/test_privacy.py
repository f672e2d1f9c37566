"""
Names, addresses and numbers are only in sealed columns and in the mails; after an erasure nothing leads to anybody.

``PRIVACY_PEOPLE=100 just faults -k privacy`` takes more people.
"""

import asyncio
import base64
import hashlib
import json
import os
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest

from devtools.testing.identities import connect
from selvhjelp.installation import Installation
from selvhjelp.operations.people import erase
from selvhjelp.operations.personal_data import register
from selvhjelp.rehearsal.people import InventedPerson
from shared.events import READERS
from shared.events.base import JOURNAL
from shared.reference.personal_data import Erasure
from tests.faults.support.checker import messages
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import DATABASES, SERVICES, RunningSystem

pytestmark = pytest.mark.faults

PEOPLE = int(os.environ.get("PRIVACY_PEOPLE", "6"))
NAMES = ["Qvaliforna", "Zebulonette", "Wrixmund", "Yppersild", "Xanderfrid", "Ouzomar"]
BERGEN = "4601"
STOPPED_SECONDS = 90
"""How long the streams may take to forget: handled by all, and two runs of the job."""


def marked(number: int, name: str) -> InventedPerson:
    """Return a person whose name, address and number occur nowhere by chance."""
    return InventedPerson(
        name, f"{name.lower()}{number}@qz-marker.example", "5003", ("tue-evening",), ("nb",), 20, "nb"
    )


def disguises(marker: str) -> list[bytes]:
    """Return a marker in clear, encoded and hashed."""
    raw = marker.encode()
    return [
        raw,
        raw.lower(),
        base64.b64encode(raw).rstrip(b"=")[:-1],
        urllib.parse.quote(marker).encode(),
        marker.encode("utf-16-le"),
        hashlib.sha256(raw).hexdigest().encode(),
        hashlib.sha256(raw.lower()).hexdigest().encode(),
        hashlib.md5(raw.lower()).hexdigest().encode(),
        raw.hex().encode(),
    ]


async def test_whole_path_leaves_no_personal_data_outside_the_vault(tmp_path: Path) -> None:
    async with RunningSystem(tmp_path, forgetful=True) as system:
        crowd = Crowd(system, seed=7)
        await crowd.load_centres()
        people = [marked(number, NAMES[number % len(NAMES)]) for number in range(PEOPLE)]
        numbers = [f"+479{number:02d}87654" for number in range(PEOPLE)]
        for person, mobile in zip(people, numbers, strict=True):
            answer = await crowd.visitor.sign_up(person.payload(*crowd.versions[BERGEN]) | {"mobile": mobile})
            assert answer.status_code == 202, answer.text
            wrong = person.payload("no such version", None) | {"mobile": mobile, "place": person.email}
            assert (await crowd.visitor.sign_up(wrong)).status_code == 422
        await crowd.answer_until_at_rest()
        assert crowd.answers.accepted >= 5
        markers = [*NAMES, "qz-marker", *(person.email for person in people), *numbers, *(n[3:] for n in numbers)]
        result = await places_with_markers(system, markers)
        assert result == []

        ids = await ids_of_people(system)
        assert len(ids["person_id"]) == PEOPLE
        for person_id in ids["person_id"]:
            receipt = await erase(Installation(system.environment()), person_id, 60)
            assert receipt.complete, receipt
        await forgotten(system)
        assert await places_with_markers(system, markers) == []
        assert [*markers_in_files(system, people, numbers)] == []
        assert await rows_with_ids(system, [id_ for some in ids.values() for id_ in some]) == []
        assert [*files_of_the_broker_with_ids(system, ids["person_id"])] == []


async def ids_of_people(system: RunningSystem) -> dict[str, list[UUID]]:
    """Return the ids of all people and of their sign-ups and seats."""
    connection = await asyncpg.connect(system.database("intake"))
    rows = await connection.fetch("SELECT person_id, signup_id FROM signups")
    await connection.close()
    connection = await asyncpg.connect(system.database("grouping"))
    seats = await connection.fetch("SELECT id FROM seats")
    await connection.close()
    return {
        "person_id": sorted({row["person_id"] for row in rows}),
        "signup_id": [row["signup_id"] for row in rows],
        "seat_id": [row["id"] for row in seats],
    }


async def forgotten(system: RunningSystem) -> None:
    """Return once the streams and the outboxes name nobody who is erased."""
    async with asyncio.timeout(STOPPED_SECONDS):
        client = await connect(system.nats.url)
        while any([(await client.jsm().stream_info(stream.value)).state.messages for stream in READERS]):
            await asyncio.sleep(1)
        await client.close()
        for name in SERVICES:
            connection = await asyncpg.connect(system.database(name))
            while await connection.fetchval("SELECT count(*) FROM outbox WHERE person_ids <> '{}'"):
                await asyncio.sleep(1)
            await connection.close()


async def rows_with_ids(system: RunningSystem, ids: Iterable[UUID]) -> list[str]:
    """Return the rows with an id of somebody erased, except where the register says that it stays."""
    looked_for = [str(id_) for id_ in ids]
    found = []
    for database in DATABASES:
        connection = await asyncpg.connect(system.database(database))
        for rows in register(database):
            if rows.at_erasure is Erasure.ID_STAYS:
                continue
            text = "t::text || coalesce(encode(payload, 'escape'), '')" if rows.table == "outbox" else "t::text"
            unless = " WHERE subject <> 'people.erased.v1'" if rows.table == "outbox" else ""
            for row in await connection.fetch(f'SELECT {text} AS line FROM "{rows.table}" t{unless}'):
                found += [f"{database}.{rows.table}: {row['line']}" for id_ in looked_for if id_ in row["line"]]
        await connection.close()
    return found


def files_of_the_broker_with_ids(system: RunningSystem, ids: Iterable[UUID]) -> Iterator[str]:
    """Yield the files of the broker with an id of somebody erased, except those of the journal."""
    for path, content in files_of(system.nats.directory):
        if JOURNAL not in path.parts:
            yield from (f"{id_} in {path}" for id_ in ids if str(id_).encode() in content)


def files_of(directory: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file below a directory; one that is deleted meanwhile is left out."""
    for path in directory.rglob("*"):
        try:
            yield path, path.read_bytes()
        except OSError:
            continue


def markers_in_files(system: RunningSystem, people: Iterable[InventedPerson], numbers: list[str]) -> Iterator[str]:
    """Yield where a marker is in the files of PostgreSQL, its log of writes, the broker, or a service."""
    stems = {*NAMES, *(name.lower() for name in NAMES), "qz-marker", *numbers}
    whole = {person.email for person in people}
    needles = {needle for stem in stems for needle in encodings(stem)} | {h for text in whole for h in hashes(text)}
    for directory in (system.postgres.directory, system.nats.directory, system.directory):
        for path, content in files_of(directory):
            if "mails" not in path.parts:  # the mail server's own copies
                yield from (f"{needle!r} in {path}" for needle in needles if needle in content)


def encodings(text: str) -> Iterator[bytes]:
    """Yield a text in clear, in UTF-16, percent, quoted-printable, hex, and base64 wherever it begins."""
    raw = text.encode()
    yield from (raw, text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode())
    yield "".join(f"%{byte:02X}" for byte in raw).encode()
    yield "".join(f"={byte:02X}" for byte in raw).encode()
    for before in range(3):
        yield base64.b64encode(b"\0" * before + raw + b"\0" * 3)[4 if before else 0 : -8]


def hashes(text: str) -> Iterator[bytes]:
    """Yield what somebody who guesses an address would look for."""
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, text.encode(), usedforsecurity=False)
        yield from (digest.digest(), digest.hexdigest().encode())


async def places_with_markers(system: RunningSystem, markers: list[str]) -> list[str]:
    """Return where a marker occurs: in messages, logs, columns and the store of the broker."""
    haystacks: dict[str, bytes] = {
        "stream": json.dumps(await messages(system)).encode(),
        **{f"log of {name}": (system.directory / f"{name}.log").read_bytes() for name in SERVICES},
        "log of NATS": b"".join(path.read_bytes() for path in system.nats.directory.rglob("*") if path.is_file()),
    }
    async with httpx.AsyncClient() as client:
        for name in SERVICES:
            haystacks[f"metrics of {name}"] = (
                await client.get(f"http://127.0.0.1:{system.ports[name]}/metrics")
            ).content
    for database in DATABASES:
        connection = await asyncpg.connect(system.database(database))
        for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            lines = await connection.fetch(f'SELECT t::text AS line FROM "{table}" t')
            text = "\n".join(row["line"] for row in lines)
            # bytea columns are shown as hex; what they hold in clear is looked for too
            raw = b"".join(
                bytes(value)
                for row in await connection.fetch(f'SELECT * FROM "{table}"')
                for value in row.values()
                if isinstance(value, bytes)
            )
            haystacks[f"{database}.{table}"] = text.encode() + raw
        await connection.close()
    return [
        f"{marker} in {where}"
        for where, hay in haystacks.items()
        for marker in markers
        for needle in disguises(marker)
        if needle in hay
    ]
