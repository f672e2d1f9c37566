"""
The table of access against every route of every service: who gets in is exactly who has a line.

Here the doors alone are tried, without data; ``tests/scenarios/test_staff_routes.py`` tries own and other centres.
"""

import re
from typing import Final, NoReturn

import httpx
import pytest

from shared.kit.database.engine import Database
from shared.kit.staff import StaffMember, wall_now
from shared.kit.web import csrf
from shared.kit.web.auth import SIGN_IN_PATHS, is_below
from shared.reference.access import LINES
from shared.reference.access.lines import OBJECTS, Line, Visitor
from shared.reference.roles import Role
from tests.contracts.access_document import FILE, document
from tests.contracts.apps import APPS, FORM_KEYS
from tests.shared.support.staff import signed

ID: Final = "00000000-0000-0000-0000-000000000001"
VALUES: Final = {"area_id": "bergen", "centre_id": "link-bergen", "mail_kind": "on_the_list", "service": "intake"}
CENTRES: Final = frozenset({"link-bergen"})
READERS: Final[tuple[Role | None, ...]] = (*Role, None)


def refuse(_database: Database) -> NoReturn:
    """Have no database behind the doors."""
    raise ConnectionRefusedError


def is_guarded(path: str) -> bool:
    return any(is_below(path, prefix) for prefix in SIGN_IN_PATHS)


async def gets_in(client: httpx.AsyncClient, line: Line, role: Role | None) -> bool:
    """Try a route as a member of one role, or without a session; a form has the token that its page would give it."""
    path = re.sub(r"{(\w+)}", lambda match: VALUES.get(match[1], ID), line.path)
    member = StaffMember(ID, frozenset({role.value}), CENTRES, ID) if role else None
    headers = signed(member, line.service) if member else {}
    form = {csrf.FIELD: csrf.token(FORM_KEYS, path, member, wall_now())} if line.method == "POST" else None
    answer = await client.request(line.method, path, headers=headers, data=form)
    to_sign_in = answer.status_code == 303 and answer.headers["location"].endswith("/logg-inn")
    return answer.status_code != 403 and not (to_sign_in and not line.path.startswith("/-/"))


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("service", APPS)
async def test_exactly_the_roles_of_its_line_open_a_route(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "transaction", refuse)
    app = APPS[service]()
    app.state.service.security = None
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        wrong = [
            f"{line.method} {line.path}: {role or 'nobody'}"
            for line in LINES
            if line.service == service
            for role in READERS
            if await gets_in(client, line, role) != (not line.roles or role in line.roles)
        ]
    assert wrong == []


def test_pages_of_staff_and_igangsettere_have_roles() -> None:
    """A line without a role below these prefixes is a way to sign in, and nothing else."""
    assert {line.path for line in LINES if is_guarded(line.path) and not line.roles} == {
        "/stab/logg-inn",
        "/stab/logg-inn/bekreft",
        "/stab/logg-inn/passnokkel",
        "/stab/logg-inn/tilbyder",
        "/stab/logg-inn/tilbyder/nei",
        "/stab/logg-inn/tilbyder/svar",
        "/stab/logg-inn/tilbyder/ut",
        "/igangsetter/logg-inn",
        "/igangsetter/logg-inn/sendt",
        "/igangsetter/apne/{token}",
        "/igangsetter/invitasjon/{token}",
    }


def test_lines_speak_of_one_kind_of_reader_and_known_objects() -> None:
    for line in LINES:
        assert line.readers, line
        assert len({isinstance(reader, Role) for reader in line.readers}) == 1, line
        assert not line.object or line.object in OBJECTS, line
        assert (Visitor.LINK in line.readers) == (line.object == "token"), line
    assert {line.object for line in LINES if line.object} == set(OBJECTS)
    assert len({(line.service, line.method, line.path) for line in LINES}) == len(LINES)


@pytest.mark.asvs("8.2.3")
def test_admin_and_leser_see_nobody() -> None:
    for line in LINES:
        for role in (Role.ADMIN, Role.LESER):
            shown = line.readers.get(role)
            assert shown is None or not shown or shown.name == "FIGURES", line


@pytest.mark.asvs("8.1.1", "8.1.2")
def test_document_of_access_is_that_of_the_table() -> None:
    assert FILE.read_text(encoding="utf-8") == document(), "run `python -m tests.contracts.documents`"
