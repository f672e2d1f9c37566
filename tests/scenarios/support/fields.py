"""What each role reads at its own centre: the classes of fields that its line of the table of access allows."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final
from urllib.parse import quote

from shared.kit.staff import StaffMember
from shared.kit.web.access import Access
from shared.reference.access import LINES
from shared.reference.access.lines import CONTACT, FIRST_NAME, WISHES, Line, Shows
from shared.reference.roles import Role
from tests.scenarios.support.furnished import CENTRE, Centre
from tests.scenarios.support.page import read
from tests.scenarios.support.people import Participant, signed_in
from tests.scenarios.support.town import URL, Town
from tests.shared.support.plain import without_tokens

MARKS: Final[dict[Shows, "re.Pattern[str]"]] = {
    FIRST_NAME: re.compile(r"\b(Ada|Vigdis|Jorunn|Marit|Svein|Zofia|Igesen)\b"),
    CONTACT: re.compile(r"(ada|vigdis|zofia|kari\.to|iga)@example\.org|912 ?34 ?5|\+4791"),
    WISHES: re.compile(r"\b37 km"),
}
"""What belongs to people of the centre, by its class."""

ROLES: Final = (Role.KOORDINATOR, Role.ADMIN, Role.LESER)
OBJECTS_MAX: Final = {"group_id": 6, "area_id": 1}


def paths(line: Line, ids: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the addresses of a page: with some objects that the centre has for it."""
    names = re.findall(r"{(\w+)}", line.path)
    for values in product(*(ids.get(name, ())[: OBJECTS_MAX.get(name, 3)] for name in names)):
        of_name = dict(zip(names, map(quote, values), strict=True))
        yield re.sub(r"{(\w+)}", lambda match: of_name[match[1]], line.path)  # noqa: B023 - used at once


def addresses(html: str) -> set[str]:
    """Return the pages of staff that a page leads to, without language and query."""
    found = re.findall(r'(?:href|action)="(?:/nn|/en)?(/stab[^"?#]*)', html)
    return {address.removeprefix(URL) for address in found}


async def faults_of_fields(town: Town, centre: Centre) -> list[str]:
    """Open every page of staff in each role, and return what is shown or linked beyond the table of access."""
    zofia = Participant(town, "Zofia", "zofia@example.org")
    await (await zofia.sign_up(slots=["sat-evening"], max_travel_km=37)).confirm()
    row = (await town.rows("intake", "SELECT signup_id, person_id FROM signups ORDER BY signed_up_at DESC LIMIT 1"))[0]
    ids = {**centre.ids, **{name: (str(row[name]), *centre.ids[name]) for name in ("person_id", "signup_id")}}
    faults: list[str] = []
    shown: set[Shows] = set()
    for role in ROLES:
        visitor = await signed_in(town, f"staff-{role}", CENTRE, role=role)
        member = StaffMember("", frozenset({role.value}), frozenset(), "")
        for line in LINES:
            if line.method != "GET" or not line.path.startswith("/stab") or not line.roles:
                continue
            for path in paths(line, ids):
                answer = await visitor.client.get(path)
                if role not in line.roles:
                    faults += [f"{role} {path}: {answer.status_code}"] if answer.status_code != 403 else []
                    continue
                if answer.status_code not in {200, 303, 404, 409, 422}:
                    faults.append(f"{role} {path}: {answer.status_code}")
                if "html" not in answer.headers.get("content-type", ""):
                    continue
                text = without_tokens(answer.text)
                for kind, mark in MARKS.items():
                    match = mark.search(text)
                    if match and kind not in line.readers[role]:
                        faults.append(f"{role} {path} shows {match.group()!r}")
                    shown |= {kind} if match else set()
                if answer.status_code == 200:
                    assert read(200, path, answer.text).heading, path
                    closed = [to for to in addresses(answer.text) if not opens(member, to)]
                    faults += [f"{role} {path} leads to {to}" for to in closed]
    assert shown == set(MARKS), "every mark is somewhere, so that its absence says something"
    return faults


_ACCESS: Final = Access(LINES, "intake")


def opens(member: StaffMember, path: str) -> bool:
    """Return True if a link or a form of this address is for the member."""
    return any(_ACCESS.opens(member, path, method) for method in ("GET", "POST"))
