"""A migration may not take away what the release before still uses."""

from pathlib import Path

import pytest

from devtools.contraction import contraction_faults, contractions_in

HEAD = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
"""
CONTRACTING = [
    'op.drop_column("people", "name")',
    'op.drop_table("people")',
    'op.rename_table("people", "persons")',
    'op.alter_column("people", "name", new_column_name="first_name")',
    'op.alter_column("people", "name", nullable=False)',
    'op.alter_column("people", "name", type_=sa.Integer())',
    'op.alter_column("people", "name", server_default=None)',
    'op.add_column("people", sa.Column("name", sa.String(), nullable=False))',
    'op.execute("ALTER TABLE people\\n  DROP COLUMN name CASCADE")',
    'for name in ("a", "b"): op.drop_column("people", name)',
    'op.execute("alter table people alter column name set data type text")',
]
EXPANDING = [
    'op.add_column("people", sa.Column("name", sa.String()))',
    'op.add_column("people", sa.Column("name", sa.String(), server_default="", nullable=False))',
    'op.create_table("more", sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"))',
    'op.alter_column("people", "name", nullable=True)',
    'op.create_index("people_by_name", "people", ["name"])',
    'op.drop_index("people_by_name")',
    'op.drop_constraint("people_state", "people")',
    "op.execute(\"UPDATE people SET name = '' WHERE name IS NULL -- not a DROP TABLE\")",
]


def _scripts(folder: Path, line: str, *, declared: str = "", released: str = "0001") -> Path:
    (folder / "versions").mkdir()
    (folder / "RELEASED").write_text(f"{released}\n")
    (folder / "versions" / "0002_more.py").write_text(f"{HEAD}{declared}\n\ndef upgrade():\n    {line}\n")
    return folder


@pytest.mark.parametrize("line", CONTRACTING)
def test_contraction_without_a_release_is_a_fault(tmp_path: Path, line: str) -> None:
    (fault,) = contraction_faults(_scripts(tmp_path, line), "0.3.0")
    assert fault.startswith("0002_more.py ")
    assert "since which release" in fault


@pytest.mark.parametrize("line", EXPANDING)
def test_expansion_is_no_fault(tmp_path: Path, line: str) -> None:
    assert contraction_faults(_scripts(tmp_path, line), "0.3.0") == []


@pytest.mark.parametrize(
    ("declared", "word"),
    [("0.2.0", None), ("0.3.0", None), ("0.4.0", "not there yet"), ("soon", "must name a release"), ("", "must name")],
)
def test_contraction_names_a_release_that_is_there(tmp_path: Path, declared: str, word: str | None) -> None:
    faults = contraction_faults(_scripts(tmp_path, CONTRACTING[0], declared=f'contracts = "{declared}"'), "0.3.0")
    assert bool(faults) == (word is not None)
    assert all(word is not None and word in fault for fault in faults)


def test_migrations_of_a_release_are_left_alone(tmp_path: Path) -> None:
    assert contraction_faults(_scripts(tmp_path, CONTRACTING[0], released="0002"), "0.3.0") == []


def test_contractions_are_named_once_each() -> None:
    sql = "ALTER TABLE a DROP COLUMN b; ALTER TABLE a DROP COLUMN c; DROP TABLE d;"
    assert list(contractions_in(sql)) == ["takes a table away", "takes a column away"]
