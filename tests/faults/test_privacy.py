"""After the whole path, names, addresses and numbers are only in sealed columns and in the mails themselves."""

import base64
import hashlib
import json
import urllib.parse
from pathlib import Path

import asyncpg
import pytest

from selvhjelp.rehearsal.people import InventedPerson
from tests.faults.support.checker import messages
from tests.faults.support.crowd import Crowd
from tests.faults.support.running_system import DATABASES, SERVICES, RunningSystem

pytestmark = pytest.mark.faults

NAMES = ["Qvaliforna", "Zebulonette", "Wrixmund", "Yppersild", "Xanderfrid", "Ouzomar"]
BERGEN = "4601"


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
    async with RunningSystem(tmp_path) as system:
        crowd = Crowd(system, seed=7)
        await crowd.load_centres()
        people = [marked(number, name) for number, name in enumerate(NAMES)]
        numbers = [f"+479{number}876543" for number in range(len(people))]
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


async def places_with_markers(system: RunningSystem, markers: list[str]) -> list[str]:
    """Return where a marker occurs: in messages, logs, columns and the store of the broker."""
    haystacks: dict[str, bytes] = {
        "stream": json.dumps(await messages(system)).encode(),
        **{f"log of {name}": (system.directory / f"{name}.log").read_bytes() for name in SERVICES},
        "log of NATS": b"".join(path.read_bytes() for path in system.nats.directory.rglob("*") if path.is_file()),
    }
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
