"""`selvhjelp keys`, and the page about keys."""

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from intake.vault.kek import Kek
from selvhjelp.commands.keys import app
from selvhjelp.console import CommandError
from selvhjelp.operations import key_files, key_page
from selvhjelp.operations.key_table import KEYS, ROTATED
from shared.kit.assertions import AssertionSigner, AssertionVerifier
from shared.kit.ids import new_id
from shared.kit.keys import KeyVersion, parse_versions
from shared.reference.key_rings import RINGS
from tests.contracts.documents import KEYS_PAGE

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secrets")
    subprocess.run(["bash", ROOT / "deploy/secrets.sh", path], check=True, capture_output=True)
    return path


@pytest.fixture
def folder(secrets: Path, tmp_path: Path) -> Path:
    return shutil.copytree(secrets, tmp_path / "secrets")


def run(folder: Path, *words: str) -> str:
    result = CliRunner().invoke(app, [*words, "--secrets", str(folder)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.asvs("11.1.1", "11.1.2")
def test_keys_page_is_that_of_the_tables() -> None:
    assert KEYS_PAGE.read_text(encoding="utf-8") == key_page.page(), "run: just schemas"


def test_key_table_has_every_ring_with_its_holders() -> None:
    assert {key.name: set(key.holders) for key in KEYS if key.name in RINGS} == RINGS


def test_rotate_all_adds_a_version_and_keeps_those_of_before(folder: Path) -> None:
    before = {path.name: (path.stat().st_ino, path.read_text()) for path in folder.iterdir()}
    run(folder, "rotate", "--all")
    run(folder, "rotate", "--all")

    for name in RINGS:
        versions = parse_versions((folder / name).read_text())
        assert [version.number for version in versions] == [3, 2, 1]
        assert str(versions[-1]) == before[name][1].strip()
    for path in folder.iterdir():
        changed = path.name in {*ROTATED, "staff_keys"}
        assert (path.read_text() != before[path.name][1]) == changed
        assert path.stat().st_ino == before[path.name][0], "a mounted file is written in place"
        assert path.stat().st_mode & 0o777 == (0o400 if path.name == "authority_key" else 0o444)


def test_rotated_staff_keys_verify_what_either_key_signed(folder: Path) -> None:
    old = AssertionSigner(SecretStr((folder / "staff_signing_key").read_text()))
    run(folder, "rotate", "staff_signing_key")
    new = AssertionSigner(SecretStr((folder / "staff_signing_key").read_text()))
    verifier = AssertionVerifier((folder / "staff_keys").read_text(), "intake")
    assert old.kid != new.kid
    assert verifier.verifies(old)
    assert verifier.verifies(new)


def test_rotated_key_encryption_key_unwraps_until_nothing_needs_it(folder: Path) -> None:
    before, id_ = Kek.parse((folder / "key_encryption_key").read_text()), new_id()
    wrapped = before.wrap(id_, b"k" * 32)
    run(folder, "rotate", "key_encryption_key")
    after = Kek.parse((folder / "key_encryption_key").read_text())
    assert after.unwrap(id_, before.current, wrapped) == b"k" * 32
    assert after.current.startswith("2@")

    in_use = {before.current, after.current}
    assert key_files.retire(folder, "key_encryption_key", at_once=True, in_use=in_use) == []
    gone = key_files.retire(folder, "key_encryption_key", at_once=False, in_use={after.current})
    assert [version.name for version in gone] == [before.current]
    assert not Kek.parse((folder / "key_encryption_key").read_text()).has(before.current)


@pytest.mark.parametrize(
    ("replaced", "now", "left"),
    [(date(2020, 1, 1), False, [2]), (None, False, [2, 1]), (None, True, [2]), (date(2020, 1, 1), True, [2])],
)
def test_retire_destroys_what_nothing_needs(folder: Path, replaced: date | None, now: bool, left: list[int]) -> None:
    new = KeyVersion.new(2, replaced or key_files.today())
    (folder / "common_key").chmod(0o644)
    (folder / "common_key").write_text(f"{new}\n{KeyVersion.new(1, date(2019, 1, 1))}\n")
    key_files.retire(folder, "common_key", at_once=now)
    assert [version.number for version in parse_versions((folder / "common_key").read_text())] == left


@pytest.mark.parametrize("name", ["nats_url", "dkim_key", "ingen", "../x", ""])
def test_rotate_of_another_key_is_refused_by_name(folder: Path, name: str) -> None:
    with pytest.raises(CommandError, match="is not changed by this command"):
        key_files.rotate(folder, name)


def test_list_tells_versions_and_never_a_key(folder: Path) -> None:
    run(folder, "rotate", "--all")
    for output in (run(folder, "list"), listed := run(folder, "list", "--json")):
        for path in folder.iterdir():
            secrets = [line.rpartition(":")[2] for line in path.read_text().splitlines() if "KEY---" not in line]
            assert not any(secret in output for secret in secrets if len(secret) > 10), path.name
    keys = {key["name"]: key for key in json.loads(listed)["keys"]}
    today = key_files.today().isoformat()
    assert keys["common_key"]["versions"] == [{"version": "2", "made": today}, {"version": "1", "made": today}]
    assert set(keys) == {key.name for key in KEYS}
