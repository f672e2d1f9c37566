"""The files that browsers get: no lists of folders, and scripts that cannot change the objects of the language."""

import re
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.contracts.apps import APPS

ROOT: Final = Path(__file__).parents[2]
SCRIPTS: Final = sorted(
    path
    for folder in ("shared", "services", "deploy")
    for path in (ROOT / folder).rglob("*.js")
    if ".venv" not in path.parts
)
POLLUTES: Final = re.compile(
    r"__proto__|\.prototype\b|\bconstructor\b|Object\.assign|defineProperty|\.extend\("
    r"|[\w\])]\[[^\]\d'\"]+\]\s*=[^=>]|\beval\b|new Function"
)
"""Ways to write under a name that comes from data."""


@pytest.mark.asvs("15.3.6")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_writes_under_no_name_from_data(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert [match.group() for match in POLLUTES.finditer(text)] == []


@pytest.mark.parametrize(
    "line",
    ["a[name] = 1", "a['__proto__'].x = 1", "Object.assign(a, b)", "A.prototype.x = 1", "a[b.c] = d", "$.extend(a, b)"],
)
def test_ways_to_write_under_such_a_name_are_seen(line: str) -> None:
    assert POLLUTES.search(line)


@pytest.mark.asvs("13.4.3")
@pytest.mark.parametrize("service", APPS)
@pytest.mark.parametrize("path", ["/static", "/static/", "/static/vendor/", "/static/vendor", "/static/.", "/static//"])
async def test_folder_of_files_is_not_listed(service: str, path: str) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(APPS[service]()), base_url="http://testserver"
    ) as reader:
        answer = await reader.get(path)
    assert answer.status_code == 404
    assert "passkeys" not in answer.text


@pytest.mark.asvs("13.4.3")
def test_gateway_serves_no_folder_with_a_list() -> None:
    caddyfile = (ROOT / "deploy/selvhjelp/gateway/Caddyfile").read_text(encoding="utf-8")
    assert "browse" not in caddyfile
